
namespace Fabric.NodeAgent;

/// <summary>The end of a host's service: what <c>./fabric down</c> runs when the silo has stopped.</summary>
public static class HostCleanup
{
    /// <summary>Shorter than for a user's stop: whoever takes a host down waits for it, and guests that boot hear no power
    /// button.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Ends the guests that bear this data directory's mark and takes their definitions away, then bridges, namespaces, firewall
    /// tables and servers of ours. Their disks stay: they are state, and when the silo starts again it starts the guests that should run.
    /// Can be repeated; leaves what is not ours alone.</summary>
    public static async Task Run(NodeAgentOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        options.Validate();
        if (options.Driver == NodeAgentOptions.Simulated)
            return;
        var nodeName = options.NodeNames()[0];
        var hurried = options with { ShutdownTimeout = Patience };
        var drivers = NodeDrivers.OfHost(hurried, nodeName, new NoImages(), TimeProvider.System, loggers);
        await using var agent = new Agent.NodeAgent(nodeName, drivers.Hypervisor, drivers.Network, loggers.CreateLogger<Agent.NodeAgent>());
        await agent.Cleanup(ct);
    }
}
