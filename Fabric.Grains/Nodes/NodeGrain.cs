using Fabric.Grains.Kernel;
using Orleans.Concurrency;

namespace Fabric.Grains.Nodes;

/// <summary>The way from the cluster to the agent of one node. Without state, so it may be collected whenever it is idle, and reentrant,
/// since a build that waits for an image must not hold up the others: the agent keeps order per guest.</summary>
/// <remarks>A call that gave up waiting does not stop the agent: a verb half done is worth more finished than dropped, and the next call
/// finds the world nearer to what it wants.</remarks>
[Reentrant]
[PinnedToNode]
internal sealed class NodeGrain(INodeAgents agents) : Grain, INodeGrain
{
    /// <inheritdoc/>
    public Task EnsureInstance(DesiredInstance instance) => Agent().EnsureInstance(instance, CancellationToken.None);

    /// <inheritdoc/>
    public Task RebootInstance(DesiredInstance instance, RebootKind kind) => Agent().RebootInstance(instance, kind, CancellationToken.None);

    /// <inheritdoc/>
    public Task EnsureInstanceAbsent(InstanceId id) => Agent().EnsureInstanceAbsent(id, CancellationToken.None);

    /// <inheritdoc/>
    public Task<string> ConsoleOutput(InstanceId id, int? lines) => Agent().ConsoleOutput(id, lines, CancellationToken.None);

    /// <inheritdoc/>
    public Task ApplyNetworking(DesiredNetworking networking) => Agent().ApplyNetworking(networking, CancellationToken.None);

    /// <summary>Asked anew for each call: the agent may have come or gone since this grain was activated. When it went, so does the
    /// activation, and the next call is placed where the node lives then.</summary>
    private INodeAgent Agent()
    {
        var name = this.GetPrimaryKeyString();
        if (agents.Find(name) is { } agent)
            return agent;
        DeactivateOnIdle();
        throw NodeNotHereException.Of(name);
    }
}
