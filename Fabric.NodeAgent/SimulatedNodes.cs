using System.Collections.Concurrent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.NodeAgent.Network;

namespace Fabric.NodeAgent;

/// <summary>The played nodes of this process, for whoever wants to turn their dials or look behind the cloud's back.</summary>
internal sealed class SimulatedNodes(SimulatedJournal journal, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, SimulatedNode> nodes = new();

    /// <summary>All of them, by name.</summary>
    public IReadOnlyCollection<SimulatedNode> All => [.. nodes.Values.OrderBy(node => node.Hypervisor.NodeName, StringComparer.Ordinal)];

    /// <summary>The node of that name.</summary>
    public SimulatedNode this[string nodeName] => nodes[nodeName];

    /// <summary>Makes a node, or finds it.</summary>
    public SimulatedNode Add(string nodeName) =>
        nodes.GetOrAdd(nodeName, name => new(new SimulatedHypervisor(name, journal, time), new SimulatedNetwork(time)));
}

/// <summary>One played node.</summary>
internal sealed record SimulatedNode(SimulatedHypervisor Hypervisor, SimulatedNetwork Network);
