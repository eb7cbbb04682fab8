using Fabric.Grains.Nodes;
using Fabric.Hosting;

namespace Fabric.NodeAgent;

/// <summary>What a node's process is told.</summary>
public sealed record NodeHostOptions
{
    /// <summary>The node, or the nodes that are played.</summary>
    public required NodeAgentOptions Node { get; init; }

    /// <summary>The address of <c>/healthz</c> and <c>/metrics</c>.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>Their port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The cluster.</summary>
    public required ClusterMember Member { get; init; }
}

/// <summary>A node agent in a process of its own: a member of the cluster that holds the grains pinned to its nodes and no others, and
/// needs no database but to meet the others.</summary>
public static class NodeHost
{
    /// <summary>Starts it; returns when the port is open. The nodes register after that.</summary>
    public static Task<ProcessRun> Start(NodeHostOptions options, CancellationToken ct) =>
        ProcessRun.Start(options.Node.DataDir, () => Build(options), ct);

    private static WebApplication Build(NodeHostOptions options)
    {
        var builder = ProcessHosting.CreateProcess(options.Listen, options.Port);
        builder.AddEngine(options.Member, static silo => silo.Services.AddFabricNodes());
        builder.Services.AddFabricNodeAgent(options.Node);
        var app = builder.Build();
        app.UseFabricProcess();
        return app;
    }
}
