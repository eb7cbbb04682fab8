namespace Fabric.Grains.Nodes;

/// <summary>The node agents that live in this process: usually one, with the simulated driver any number, on a silo without a node
/// none.</summary>
public interface INodeAgents
{
    /// <summary>The agent of a node; null when it does not live here.</summary>
    INodeAgent? Find(string nodeName);
}

/// <summary>No agent of that node lives in this process: it moved, it has not started yet, or it is gone. Not a <see cref="Kernel.Fault"/>:
/// the same call may work later, so whoever retries does.</summary>
[GenerateSerializer]
[Alias("nodes.node-not-here")]
public sealed class NodeNotHereException : Exception
{
    /// <summary>Says that a node's agent is not here.</summary>
    public NodeNotHereException(string message)
        : base(message)
    {
    }

    /// <summary>Says that the agent of <paramref name="nodeName"/> is not here.</summary>
    public static NodeNotHereException Of(string nodeName) => new($"The agent of node '{nodeName}' does not live in this process.");
}
