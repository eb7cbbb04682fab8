using System.Collections.Frozen;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Agent;

/// <summary>The agents of this process, by the names of their nodes.</summary>
internal sealed class NodeAgents : INodeAgents, INodeAgentStatus, IAsyncDisposable
{
    private readonly FrozenDictionary<string, NodeAgent> agents;
    private readonly TaskCompletionSource allRegistered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<NodeAgent> registered = [];
    private bool disposed;

    /// <summary>Holds these agents.</summary>
    public NodeAgents(IEnumerable<NodeAgent> agents) => this.agents = agents.ToFrozenDictionary(agent => agent.NodeName);

    /// <summary>All agents.</summary>
    public IReadOnlyCollection<NodeAgent> All => agents.Values;

    /// <inheritdoc/>
    public int NodeCount => agents.Count;

    /// <inheritdoc/>
    public int RegisteredCount
    {
        get
        {
            lock (registered)
                return registered.Count;
        }
    }

    /// <inheritdoc/>
    public Task AllRegistered => allRegistered.Task;

    /// <inheritdoc/>
    public INodeAgent? Find(string nodeName) => agents.GetValueOrDefault(nodeName);

    /// <summary>Says that the cloud has taken a node up.</summary>
    public void Registered(NodeAgent agent)
    {
        lock (registered)
        {
            registered.Add(agent);
            if (registered.Count == agents.Count)
                allRegistered.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A container calls this once for each name under which it gave the same object away.
        if (Interlocked.Exchange(ref disposed, true))
            return;
        foreach (var agent in agents.Values)
            await agent.DisposeAsync();
    }
}

/// <summary>How far this process's nodes have come; for readiness, and for tests that wait until servers can be placed.</summary>
public interface INodeAgentStatus
{
    /// <summary>Nodes of this process.</summary>
    int NodeCount { get; }

    /// <summary>Nodes that the cloud has taken up at least once since the process started.</summary>
    int RegisteredCount { get; }

    /// <summary>Done when every node was taken up.</summary>
    Task AllRegistered { get; }
}
