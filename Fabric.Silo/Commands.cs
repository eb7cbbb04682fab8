using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Fabric.Gateway.Identity;

namespace Fabric.Silo;

/// <summary>The command line.</summary>
internal static class Commands
{
    private static readonly Option<string> Data = Text("--data", "Directory of all state.");
    private static readonly Option<string> Listen = Text("--listen", "Address to listen on.", "127.0.0.1");
    private static readonly Option<int> Port = Number("--port", "Port of all services; 0 takes a free one.", 8080, 0, 65535);
    private static readonly Option<string> Driver = Text("--driver", "libvirt, or simulated: no limit on servers then.", "libvirt");
    private static readonly Option<int> Nodes = Number("--nodes", "How many nodes this process plays.", 1, 1, 10_000);
    private static readonly Option<string> Db = Text("--db", "sqlite: a file in the data directory; postgres: a server.", "sqlite");
    private static readonly Option<string> DbConnection =
        Text("--db-connection", "The PostgreSQL database, in Npgsql's form; a password is better told by the environment.", "");
    private static readonly Option<string> LibvirtUri = Text("--libvirt-uri", "The libvirtd to use.", "qemu:///system");
    private static readonly Option<string> NetNs = Text("--netns", "Network namespace for bridges, routers and guests.", "");

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        Driver.AcceptOnlyFromAmong("libvirt", "simulated");
        Db.AcceptOnlyFromAmong("sqlite", "postgres");
        var run = new Command("run", "Runs the all-in-one: every service, and the nodes of this machine.")
        {
            Data, Listen, Port, Driver, Nodes, Db, DbConnection, LibvirtUri, NetNs,
        };
        run.SetAction((parsed, ct) => Run(Options(parsed), ct));
        var cleanup = new Command("cleanup", "Removes guests, bridges, namespaces and firewall rules of a data directory; its state stays.")
        {
            Data, Driver, Nodes, LibvirtUri, NetNs,
        };
        cleanup.SetAction((parsed, ct) => NodeRole.CleanUp(Options(parsed), ct));
        var host = new Command("host", "This machine as a node.") { cleanup };
        var rotate = new Command("rotate-keys",
            "Stages a new key for tokens, and signs with the one staged before; a running cloud sees it at once.") { Data };
        rotate.SetAction(static parsed => TokenKeys.Rotate(Path.GetFullPath(parsed.GetRequiredValue(Data))));
        var identity = new Command("identity", "Users' tokens.") { rotate };
        return new("Fabric: an OpenStack-compatible cloud in one program.") { run, host, identity };
    }

    private static async Task<int> Run(RunOptions options, CancellationToken ct)
    {
        try
        {
            await using var host = await FabricHost.Start(options, ct);
            await host.WaitForShutdown(ct);
            return 0;
        }
        catch (StartRefusedException refused)
        {
            await Console.Error.WriteLineAsync($"fabric: {refused.Message}");
            return 1;
        }
    }

    private static RunOptions Options(ParseResult parsed) => new()
    {
        DataDir = Path.GetFullPath(parsed.GetRequiredValue(Data)),
        Listen = Value(parsed, Listen),
        Port = parsed.GetValue(Port),
        Driver = Value(parsed, Driver),
        Nodes = parsed.GetValue(Nodes),
        UnlimitedServers = Value(parsed, Driver) == "simulated",
        Db = parsed.GetValue(Db) ?? "sqlite",
        DbConnection = parsed.GetValue(DbConnection) ?? "",
        LibvirtUri = Value(parsed, LibvirtUri),
        NetNs = parsed.GetValue(NetNs) is { Length: > 0 } name ? name : null,
    };

    private static string Value(ParseResult parsed, Option<string> option) => parsed.GetValue(option)!;

    private static Option<string> Text(string name, string description, string? byDefault = null)
    {
        var required = byDefault is null && FromEnvironment(name) is null;
        var option = new Option<string>(name) { Description = Describe(name, description), Required = required };
        if (!option.Required)
            option.DefaultValueFactory = _ => FromEnvironment(name) ?? byDefault!;
        return option;
    }

    private static Option<int> Number(string name, string description, int byDefault, int least, int most) => new(name)
    {
        Description = Describe(name, description),
        DefaultValueFactory = result => FromEnvironment(name) is { } text ? Parse(result, text, least, most) : byDefault,
        CustomParser = result => Parse(result, result.Tokens[0].Value, least, most),
    };

    private static int Parse(ArgumentResult result, string text, int least, int most)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        result.AddError($"'{text}' is not a number from {least} to {most}.");
        return least;
    }

    private static string Describe(string name, string description) => $"{description} [{Variable(name)}]";

    private static string? FromEnvironment(string name) =>
        Environment.GetEnvironmentVariable(Variable(name)) is { Length: > 0 } text ? text : null;

    private static string Variable(string name) => "FABRIC_" + name.TrimStart('-').Replace('-', '_').ToUpperInvariant();
}
