using System.Collections.Frozen;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Placement;

/// <summary>What a node gives to placement, with nova's default ratios and reserves (<c>nova/conf/compute.py</c>).</summary>
public static class NodeResources
{
    public const string Vcpu = "VCPU";
    public const string MemoryMb = "MEMORY_MB";
    public const string DiskGb = "DISK_GB";

    /// <summary>The classes a node's inventory has.</summary>
    public static readonly FrozenSet<string> Classes = FrozenSet.ToFrozenSet([Vcpu, MemoryMb, DiskGb], StringComparer.Ordinal);

    /// <summary>Memory kept for the host itself (<c>reserved_host_memory_mb</c>).</summary>
    private const int ReservedMemoryMiB = 512;

    /// <summary>The inventories of a node. Memory is overcommitted by 1.5 and CPUs by 16, nova's classic defaults.</summary>
    public static IReadOnlyDictionary<string, Inventory> Of(NodeInventory node) => new Dictionary<string, Inventory>(StringComparer.Ordinal)
    {
        [Vcpu] = new() { Total = node.Vcpus, MaxUnit = node.Vcpus, AllocationRatio = 16.0 },
        [MemoryMb] = new() { Total = node.MemoryMiB, Reserved = Math.Min(ReservedMemoryMiB, node.MemoryMiB / 4),
            MaxUnit = node.MemoryMiB, AllocationRatio = 1.5 },
        [DiskGb] = new() { Total = node.DiskGiB, MaxUnit = Math.Max(1, node.DiskGiB) },
    };

    /// <summary>What a server takes; a class of which it needs nothing is not named.</summary>
    public static Dictionary<string, long> Of(ResourceRequest request)
    {
        var resources = new Dictionary<string, long>(StringComparer.Ordinal) { [Vcpu] = request.Vcpus, [MemoryMb] = request.MemoryMiB };
        if (request.DiskGiB > 0)
            resources[DiskGb] = request.DiskGiB;
        return resources;
    }
}
