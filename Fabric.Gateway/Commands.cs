using System.CommandLine;
using Fabric.Gateway.Policy;
using Fabric.Hosting;
using Fabric.Hosting.Health;

namespace Fabric.Gateway;

/// <summary>The command line.</summary>
internal static class Commands
{
    private static readonly MemberSettings Member = new();
    private static readonly Option<string> Data = Settings.Text("--data", "Directory of the process's own state.");
    private static readonly Option<string> Listen = Settings.Text("--listen", "Address to listen on.", "127.0.0.1");
    private static readonly Option<int> Port = Settings.Number("--port", "Port of all services; 0 takes a free one.", 8080, 0, 65535);
    private static readonly Option<string> ImagesAt = Settings.Text("--images-at",
        "here: in the shared directory; members: with other members that have them, and what needs them is sent there.", "here");
    private static readonly Option<string> Policy = Settings.Text("--policy",
        "Directory of operators' rules, such as nova_policy.yaml; by default policy in the shared directory.", "");
    private static readonly Option<bool> Front = new("--front")
    {
        Description = "Answers nothing itself: spreads all requests over the cluster's gateways.",
    };
    private static readonly Option<int> DrainSeconds = Settings.Number("--drain-seconds",
        "How long it still takes requests after it was told to end, so that balancers see it first.", Drain.DefaultSeconds, 0, 15);

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        ImagesAt.AcceptOnlyFromAmong("here", "members");
        var run = new Command("run", "Runs a gateway: OpenStack's API in front of a cluster's silos.")
        {
            Data, Listen, Port, ImagesAt, Policy, Front, DrainSeconds,
        };
        foreach (var option in Member.All)
            run.Add(option);
        run.SetAction((parsed, ct) => ProcessRun.RunToEnd(start => GatewayHost.Start(Parse(parsed), start), ct));
        return new("Fabric's gateway: OpenStack's API, any number of them before one cluster.") { run, PolicyCommands.All() };
    }

    private static GatewayOptions Parse(ParseResult parsed)
    {
        var data = Path.GetFullPath(parsed.GetRequiredValue(Data));
        var front = parsed.GetValue(Front);
        return new()
        {
            DataDir = data,
            SharedDir = Member.SharedDirectory(parsed, data),
            Listen = parsed.Of(Listen),
            Port = parsed.GetValue(Port),
            PolicyDir = parsed.OrNull(Policy) is { } policy ? Path.GetFullPath(policy) : null,
            HasImages = parsed.Of(ImagesAt) == "here",
            IsFront = front,
            Drain = TimeSpan.FromSeconds(parsed.GetValue(DrainSeconds)),
            Member = Member.Member(parsed, [front ? ClusterMember.Front : ClusterMember.Gateway], data, new Dictionary<string, string>())
                ?? throw new StartRefusedException("a gateway needs a cluster to stand before: --silo-port, and FABRIC_DB_CONNECTION"),
        };
    }
}
