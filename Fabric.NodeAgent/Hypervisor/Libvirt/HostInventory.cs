using System.Globalization;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>What the machine has to give. What cannot change while it is up is asked for once.</summary>
internal sealed class HostInventory(
    string nodeName, string hostIp, string directory, LibvirtSession session, AccelerationProbe acceleration)
{
    private const long GiB = 1L << 30;

    private NodeInventory? constant;

    /// <summary>Measures.</summary>
    public async Task<NodeInventory> Measure(CancellationToken ct)
    {
        var fixedPart = constant ??= await Constant(ct);
        var disk = new DriveInfo(directory);
        return fixedPart with
        {
            DiskGiB = (int)(disk.TotalSize / GiB),
            DiskFreeGiB = (int)(disk.AvailableFreeSpace / GiB),
            UptimeSeconds = double.Parse((await File.ReadAllTextAsync("/proc/uptime", ct)).Split(' ')[0], CultureInfo.InvariantCulture),
            LoadAverage = string.Join(", ", (await File.ReadAllTextAsync("/proc/loadavg", ct)).Split(' ')[..3]),
        };
    }

    private async Task<NodeInventory> Constant(CancellationToken ct)
    {
        var virtType = await acceleration.VirtType(ct);
        return await session.Run(open => Ask(open, virtType), ct);
    }

    private NodeInventory Ask(LibvirtConnection open, string virtType)
    {
        var (cpus, memoryMiB) = open.NodeInfo();
        var capabilities = HostCapabilities.Of(open.Capabilities(), open.DomainCapabilities("x86_64", "pc", virtType), virtType);
        return new()
        {
            NodeName = nodeName,
            HostIp = hostIp,
            Vcpus = cpus,
            MemoryMiB = memoryMiB,
            DiskGiB = 0,
            DiskFreeGiB = 0,
            HypervisorType = "QEMU",
            HypervisorVersion = open.HypervisorVersion(),
            VirtType = virtType,
            Architecture = capabilities.Architecture,
            CpuModel = capabilities.CpuModel,
            CpuVendor = capabilities.CpuVendor,
            CpuSockets = capabilities.Sockets,
            CpuCores = capabilities.Cores,
            CpuThreads = capabilities.Threads,
            CpuFeatures = capabilities.Features,
            Traits = capabilities.Traits,
        };
    }
}
