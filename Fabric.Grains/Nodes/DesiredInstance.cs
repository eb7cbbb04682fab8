using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>Whether a guest should run, or how it should rest.</summary>
public enum DesiredPower
{
    /// <summary>Defined and running.</summary>
    Running,

    /// <summary>Defined and shut down.</summary>
    Stopped,

    /// <summary>In memory, and its CPUs held.</summary>
    Paused,

    /// <summary>Its memory on disk, and not running; when it is to run again, it goes on where it was.</summary>
    Suspended,
}

/// <summary>The whole of one guest as its node should have it. The same value applied twice changes nothing.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-instance")]
public sealed record DesiredInstance
{
    [Id(0)] public required InstanceId Id { get; init; }

    /// <summary>The counter of intent. A node drops a value older than one it has applied.</summary>
    [Id(1)] public required long Generation { get; init; }

    /// <summary>The libvirt domain's name, unique on every node, e.g. <c>instance-0000002a</c>.</summary>
    [Id(2)] public required string DomainName { get; init; }

    /// <summary>The server's name as its user gave it; for the description only.</summary>
    [Id(3)] public required string DisplayName { get; init; }
    [Id(4)] public required ProjectId ProjectId { get; init; }
    [Id(5)] public required UserId UserId { get; init; }
    [Id(6)] public required int Vcpus { get; init; }
    [Id(7)] public required int MemoryMiB { get; init; }
    [Id(8)] public required DesiredRootDisk RootDisk { get; init; }

    /// <summary>Size of the blank ephemeral disk, in GiB; 0 for none.</summary>
    [Id(9)] public int EphemeralGiB { get; init; }

    /// <summary>Size of the swap disk, in MiB; 0 for none.</summary>
    [Id(10)] public int SwapMiB { get; init; }

    /// <summary>Network cards in the guest's order.</summary>
    [Id(11)] public IReadOnlyList<DesiredNic> Nics { get; init; } = [];

    /// <summary>Files of the config drive; null for none.</summary>
    [Id(12)] public IReadOnlyList<ConfigDriveFile>? ConfigDrive { get; init; }
    [Id(13)] public required DesiredPower Power { get; init; }

    /// <summary>Image properties that shape the guest (<c>hw_*</c>, <c>os_*</c>), as glance names them.</summary>
    [Id(14)] public IReadOnlyDictionary<string, string> ImageProperties { get; init; } = new Dictionary<string, string>();
}

/// <summary>What the root disk is made from.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-root-disk")]
public sealed record DesiredRootDisk
{
    [Id(0)] public required ImageId ImageId { get; init; }

    /// <summary>Glance's <c>disk_format</c>: <c>qcow2</c>, <c>raw</c>, …</summary>
    [Id(1)] public required string ImageFormat { get; init; }

    /// <summary>SHA-512 of the image's bytes in hexadecimal: the cache's key, checked on arrival.</summary>
    [Id(2)] public required string ImageSha512 { get; init; }

    /// <summary>Length of the image's bytes.</summary>
    [Id(3)] public required long ImageBytes { get; init; }

    /// <summary>Size of the guest's disk in GiB; 0 means the image's own virtual size.</summary>
    [Id(4)] public required int SizeGiB { get; init; }
}

/// <summary>One network card of a guest.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-nic")]
public sealed record DesiredNic
{
    [Id(0)] public required PortId PortId { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }
    [Id(2)] public required string MacAddress { get; init; }
    [Id(3)] public required int Mtu { get; init; }

    /// <summary><c>virtio</c>, <c>e1000</c>, …</summary>
    [Id(4)] public string Model { get; init; } = "virtio";
}

/// <summary>One file of a config drive.</summary>
/// <param name="Path">Below the drive's root, e.g. <c>openstack/latest/meta_data.json</c>.</param>
/// <param name="Content">Its bytes.</param>
[GenerateSerializer, Immutable, Alias("nodes.config-drive-file")]
public sealed record ConfigDriveFile([property: Id(0)] string Path, [property: Id(1)] ReadOnlyMemory<byte> Content);
