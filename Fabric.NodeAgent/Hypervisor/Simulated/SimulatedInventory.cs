using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Hypervisor.Simulated;

/// <summary>What a played node says it has: a large machine, so that a thousand small guests fit on one.</summary>
internal static class SimulatedInventory
{
    /// <summary>The inventory of the node of that name.</summary>
    public static NodeInventory Of(string nodeName, TimeSpan uptime) => new()
    {
        NodeName = nodeName,
        HostIp = "127.0.0.1",
        Vcpus = 1024,
        MemoryMiB = 4 * 1024 * 1024,
        DiskGiB = 100_000,
        DiskFreeGiB = 100_000,
        HypervisorType = "fake",
        HypervisorVersion = 1000,
        VirtType = "fake",
        Architecture = "x86_64",
        CpuModel = "simulated",
        CpuVendor = "Fabric",
        CpuSockets = 8,
        CpuCores = 64,
        CpuThreads = 2,
        CpuFeatures = ["sse", "sse2"],
        Traits =
        [
            "COMPUTE_NODE", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_RAW", "HW_ARCH_X86_64", "HW_CPU_X86_SSE", "HW_CPU_X86_SSE2",
        ],
        UptimeSeconds = Math.Floor(uptime.TotalSeconds),
        LoadAverage = "0.00, 0.00, 0.00",
    };
}
