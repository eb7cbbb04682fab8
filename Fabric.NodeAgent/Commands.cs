using System.CommandLine;
using Fabric.Grains.Nodes;
using Fabric.Hosting;

namespace Fabric.NodeAgent;

/// <summary>The command line.</summary>
internal static class Commands
{
    private static readonly MemberSettings Member = new();
    private static readonly Option<string> Data = Settings.Text("--data", "Directory of the node's own state: guests' disks, images.");
    private static readonly Option<string> Listen = Settings.Text("--listen", "Address of /healthz and /metrics.", "127.0.0.1");
    private static readonly Option<int> Port = Settings.Number("--port", "Their port; 0 takes a free one.", 0, 0, 65535);
    private static readonly Option<string> Gateway =
        Settings.Text("--gateway", "Where the node asks for images and guests' metadata.", "http://127.0.0.1:8080");
    private static readonly Option<string> Driver = Settings.Text("--driver", "libvirt or simulated.", NodeAgentOptions.Libvirt);
    private static readonly Option<int> Nodes = Settings.Number("--nodes", "How many nodes this process plays.", 1, 1, 10_000);
    private static readonly Option<string> NodeName =
        Settings.Text("--node-name", "The node's name; must stay. Default: the machine's.", "");
    private static readonly Option<string> HostIp =
        Settings.Text("--host-ip", "The machine's address among the nodes, where its tunnels end; 127.0.0.1: it has none.", "127.0.0.1");
    private static readonly Option<string> LibvirtUri = Settings.Text("--libvirt-uri", "The libvirtd to use.", "qemu:///system");
    private static readonly Option<string> NetNs = Settings.Text("--netns", "Network namespace for bridges, routers and guests.", "");

    /// <summary>All commands.</summary>
    public static RootCommand Root()
    {
        Driver.AcceptOnlyFromAmong(NodeAgentOptions.Libvirt, NodeAgentOptions.Simulated);
        var run = new Command("run", "Makes this machine a node of a cluster, or plays nodes.")
        {
            Data, Listen, Port, Gateway, Driver, Nodes, NodeName, HostIp, LibvirtUri, NetNs,
        };
        foreach (var option in Member.All)
            run.Add(option);
        run.SetAction((parsed, ct) => ProcessRun.RunToEnd(start => NodeHost.Start(Parse(parsed), start), ct));
        var cleanup = new Command("cleanup", "Removes guests, bridges, namespaces and firewall rules of a node; its state stays.")
        {
            Data, Driver, NodeName, LibvirtUri, NetNs,
        };
        cleanup.SetAction(CleanUp);
        return new("Fabric's node agent: a hypervisor of a cluster.") { run, cleanup };
    }

    private static async Task<int> CleanUp(ParseResult parsed, CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(static logging => logging.AddSimpleConsole());
        var node = new NodeAgentOptions
        {
            DataDir = Path.GetFullPath(parsed.GetRequiredValue(Data)),
            Driver = parsed.Of(Driver),
            NodeName = parsed.OrNull(NodeName),
            LibvirtUri = parsed.Of(LibvirtUri),
            NetNs = parsed.OrNull(NetNs),
        };
        await HostCleanup.Run(node, loggers, ct);
        return 0;
    }

    private static NodeHostOptions Parse(ParseResult parsed)
    {
        var data = Path.GetFullPath(parsed.GetRequiredValue(Data));
        if (!Uri.TryCreate(parsed.Of(Gateway).TrimEnd('/') + "/", UriKind.Absolute, out var gateway))
            throw new StartRefusedException($"'{parsed.Of(Gateway)}' is not the address of a gateway");
        var node = new NodeAgentOptions
        {
            DataDir = data,
            Driver = parsed.Of(Driver),
            Nodes = parsed.GetValue(Nodes),
            NodeName = parsed.OrNull(NodeName),
            HostIp = parsed.Of(HostIp),
            LibvirtUri = parsed.Of(LibvirtUri),
            NetNs = parsed.OrNull(NetNs),
            MetadataUrl = new(gateway, "metadata"),
            ImagesUrl = new(gateway, "node/images"),
            MetadataSecret = NodeSecret.Of(Member.SharedDirectory(parsed, data)),
        };
        return new()
        {
            Node = node,
            Listen = parsed.Of(Listen),
            Port = parsed.GetValue(Port),
            Member = Member.Member(parsed, [ClusterMember.Node], data, NodeTags.Of(node.NodeNames()))
                ?? throw new StartRefusedException("a node needs a cluster to belong to: --silo-port, and FABRIC_DB_CONNECTION"),
        };
    }
}
