using System.CommandLine;
using Fabric.Gateway.Policy;
using Fabric.Grains.Nodes;
using Fabric.Hosting;
using Fabric.NodeAgent;

namespace Fabric.Silo;

/// <summary>The command line.</summary>
internal static class Commands
{
    private static readonly MemberSettings Member = new();
    private static readonly Option<string> Data = Settings.Text("--data", "Directory of the process's own state.");
    private static readonly Option<string> Roles = Settings.Text("--roles", "What it is there for.", "control,gateway,node");
    private static readonly Option<string> Listen = Settings.Text("--listen", "Address to listen on.", "127.0.0.1");
    private static readonly Option<int> Port = Settings.Number("--port", "Port of all services; 0 takes a free one.", 8080, 0, 65535);
    private static readonly Option<string> Driver =
        Settings.Text("--driver", "libvirt, or simulated: no limit on servers then.", "libvirt");
    private static readonly Option<int> Nodes = Settings.Number("--nodes", "How many nodes this process plays.", 1, 1, 10_000);
    private static readonly Option<string> Db =
        Settings.Text("--db", "sqlite: a file in the data directory; postgres: a server.", "sqlite");
    private static readonly Option<string> Policy = Settings.Text("--policy",
        "Directory of operators' rules, such as nova_policy.yaml; by default policy in the shared directory.", "");
    private static readonly Option<string> LibvirtUri = Settings.Text("--libvirt-uri", "The libvirtd to use.", "qemu:///system");
    private static readonly Option<string> NetNs = Settings.Text("--netns", "Network namespace for bridges, routers and guests.", "");

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        Driver.AcceptOnlyFromAmong("libvirt", "simulated");
        Db.AcceptOnlyFromAmong("sqlite", "postgres");
        var run = new Command("run", "Runs a silo: the all-in-one, or in a cluster what its roles say.")
        {
            Data, Roles, Listen, Port, Driver, Nodes, Db, Policy, LibvirtUri, NetNs,
        };
        foreach (var option in Member.All)
            run.Add(option);
        run.SetAction((parsed, ct) => ProcessRun.RunToEnd(start => FabricHost.Start(Parse(parsed), start), ct));
        var cleanup = new Command("cleanup", "Removes guests, bridges, namespaces and firewall rules of a data directory; its state stays.")
        {
            Data, Driver, Nodes, LibvirtUri, NetNs,
        };
        cleanup.SetAction((parsed, ct) => CleanUp(Local(parsed), ct));
        var host = new Command("host", "This machine as a node.") { cleanup };
        return new("Fabric: an OpenStack-compatible cloud in one program.") { run, host, IdentityCommands.Of(Data), PolicyCommands.All() };
    }

    private static async Task<int> CleanUp(RunOptions options, CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(static logging => logging.AddSimpleConsole());
        await HostCleanup.Run(options.ToNode(), loggers, ct);
        return 0;
    }

    private static RunOptions Parse(ParseResult parsed)
    {
        var local = Local(parsed);
        var roles = MemberSettings.Roles(parsed.Of(Roles));
        var options = local with
        {
            Roles = roles,
            SharedDir = Member.SharedDirectory(parsed, local.DataDir),
            PolicyDir = parsed.OrNull(Policy) is { } policy ? Path.GetFullPath(policy) : null,
            Db = parsed.Of(Db),
            DbConnection = Member.DbConnection(parsed) ?? "",
        };
        IReadOnlyList<string> nodes = options.Has(ClusterMember.Node) ? options.ToNode().NodeNames() : [];
        options = options with { Member = Member.Member(parsed, roles, local.DataDir, NodeTags.Of(nodes)) };
        if (options.Member is not null && options.Db == "sqlite")
            throw new StartRefusedException("the silos of a cluster share their records: --db postgres");
        return options.Member is not null || roles.Count == 3
            ? options
            : throw new StartRefusedException("a process that is alone has all roles; by --silo-port it becomes a member of a cluster");
    }

    private static RunOptions Local(ParseResult parsed) => new()
    {
        DataDir = Path.GetFullPath(parsed.GetRequiredValue(Data)),
        Listen = parsed.Of(Listen),
        Port = parsed.GetValue(Port),
        Driver = parsed.Of(Driver),
        Nodes = parsed.GetValue(Nodes),
        UnlimitedServers = parsed.Of(Driver) == "simulated",
        LibvirtUri = parsed.Of(LibvirtUri),
        NetNs = parsed.OrNull(NetNs),
    };
}
