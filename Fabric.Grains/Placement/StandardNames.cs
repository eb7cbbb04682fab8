using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Fabric.Grains.Placement;

/// <summary>The traits and resource classes that every OpenStack knows (source: <c>os_traits</c> and <c>os_resource_classes</c> of Zed),
/// and the form of those that users add.</summary>
public static partial class StandardNames
{
    /// <summary>Resource classes, in their canonical order.</summary>
    public static readonly IReadOnlyList<string> ResourceClasses =
    [
        "VCPU", "MEMORY_MB", "DISK_GB", "PCI_DEVICE", "SRIOV_NET_VF", "NUMA_SOCKET", "NUMA_CORE", "NUMA_THREAD", "NUMA_MEMORY_MB",
            "IPV4_ADDRESS",
        "VGPU", "VGPU_DISPLAY_HEAD", "NET_BW_EGR_KILOBIT_PER_SEC", "NET_BW_IGR_KILOBIT_PER_SEC", "PCPU", "MEM_ENCRYPTION_CONTEXT",
            "FPGA", "PGPU",
        "NET_PACKET_RATE_KILOPACKET_PER_SEC", "NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC", "NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC",
    ];

    /// <summary>Traits.</summary>
    public static readonly FrozenSet<string> Traits = ReadTraits();

    /// <summary>Whether it has the form of a name that users may add.</summary>
    public static bool IsCustom(string name) => name.Length <= 255 && Custom().IsMatch(name);

    private static FrozenSet<string> ReadTraits()
    {
        using var stream = typeof(StandardNames).Assembly.GetManifestResourceStream("Fabric.Grains.Placement.Traits.txt")
            ?? throw new InvalidOperationException("The list of standard traits is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    }

    [GeneratedRegex("^CUSTOM_[A-Z0-9_]+$")]
    private static partial Regex Custom();
}
