using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Tests.Drivers;

/// <summary>Guests to ask for.</summary>
internal static class HypervisorSamples
{
    /// <summary>A small guest without a network card.</summary>
    internal static DesiredInstance Guest(InstanceId? id = null) => new()
    {
        Id = id ?? InstanceId.New(),
        Generation = 1,
        DomainName = "instance-" + Guid.NewGuid().ToString("N")[..8],
        DisplayName = "sample",
        ProjectId = new("0123456789abcdef0123456789abcdef"),
        UserId = new("fedcba9876543210fedcba9876543210"),
        Vcpus = 1,
        MemoryMiB = 64,
        RootDisk = new() { ImageId = ImageId.New(), ImageFormat = "raw", ImageSha512 = new('0', 128), ImageBytes = 1 << 20, SizeGiB = 0 },
        Power = DesiredPower.Running,
    };
}
