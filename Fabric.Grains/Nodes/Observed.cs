using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>What a hypervisor says of a guest; the numbers are OpenStack's (<c>nova/compute/power_state.py</c>).</summary>
public enum PowerState
{
    NoState = 0,
    Running = 1,
    Paused = 3,
    Shutdown = 4,
    Crashed = 6,
    Suspended = 7,
}

/// <summary>One guest as the node sees it.</summary>
[GenerateSerializer, Immutable, Alias("nodes.observed-instance")]
public sealed record ObservedInstance(
    [property: Id(0)] InstanceId Id, [property: Id(1)] PowerState Power, [property: Id(2)] long Generation);

/// <summary>What a node reports from time to time.</summary>
[GenerateSerializer, Immutable, Alias("nodes.observed-node")]
public sealed record ObservedNode
{
    [Id(0)] public required NodeInventory Inventory { get; init; }
    [Id(1)] public IReadOnlyList<ObservedInstance> Instances { get; init; } = [];

    /// <summary>True when <see cref="Instances"/> names every guest of the node, not only those that changed.</summary>
    [Id(2)] public bool Complete { get; init; }
}

/// <summary>What a node has to give.</summary>
[GenerateSerializer, Immutable, Alias("nodes.inventory")]
public sealed record NodeInventory
{
    /// <summary>The node's host name: the key of its grains.</summary>
    [Id(0)] public required string NodeName { get; init; }
    [Id(1)] public required string HostIp { get; init; }
    [Id(2)] public required int Vcpus { get; init; }
    [Id(3)] public required int MemoryMiB { get; init; }

    /// <summary>Size of the file system that holds the guests' disks.</summary>
    [Id(4)] public required int DiskGiB { get; init; }
    [Id(5)] public required int DiskFreeGiB { get; init; }

    /// <summary><c>QEMU</c> for libvirt, <c>fake</c> for the simulated driver, as OpenStack shows.</summary>
    [Id(6)] public required string HypervisorType { get; init; }

    /// <summary>As libvirt's number, e.g. 7002022 for 7.2.22.</summary>
    [Id(7)] public required int HypervisorVersion { get; init; }

    /// <summary><c>kvm</c> or <c>qemu</c>, found by starting a guest.</summary>
    [Id(8)] public required string VirtType { get; init; }
    [Id(9)] public required string Architecture { get; init; }
    [Id(10)] public string CpuModel { get; init; } = "";
    [Id(11)] public string CpuVendor { get; init; } = "";
    [Id(12)] public int CpuSockets { get; init; } = 1;
    [Id(13)] public int CpuCores { get; init; } = 1;
    [Id(14)] public int CpuThreads { get; init; } = 1;
    [Id(15)] public IReadOnlyList<string> CpuFeatures { get; init; } = [];

    /// <summary>Traits for placement, e.g. <c>COMPUTE_NODE</c>, <c>HW_CPU_X86_AVX2</c>.</summary>
    [Id(16)] public IReadOnlyList<string> Traits { get; init; } = [];
    [Id(17)] public double UptimeSeconds { get; init; }
    [Id(18)] public string LoadAverage { get; init; } = "";
}
