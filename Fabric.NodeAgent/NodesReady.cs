using Fabric.Hosting.Health;
using Fabric.NodeAgent.Agent;

namespace Fabric.NodeAgent;

/// <summary>Whether the cloud has taken up every node of this process.</summary>
internal sealed class NodesReady(INodeAgentStatus status) : IReadinessCheck
{
    /// <inheritdoc/>
    public ValueTask<string?> Missing(CancellationToken ct) => new(status.AllRegistered.IsCompletedSuccessfully
        ? null
        : $"{status.NodeCount - status.RegisteredCount} of {status.NodeCount} nodes");
}
