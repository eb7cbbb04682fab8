using System.Xml.Linq;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>What libvirt says of the machine's processor, and what of it a guest gets.</summary>
internal sealed record HostCapabilities
{
    /// <summary>What QEMU's <c>qemu64</c> has, which emulated guests get.</summary>
    private static readonly string[] EmulatedFeatures = ["mmx", "sse", "sse2", "pni", "cx16", "fxsr", "lm", "nx"];

    private static readonly Dictionary<string, string> TraitNames = new()
    {
        ["3dnow"] = "HW_CPU_X86_3DNOW",
        ["abm"] = "HW_CPU_X86_ABM",
        ["aes"] = "HW_CPU_X86_AESNI",
        ["avx"] = "HW_CPU_X86_AVX",
        ["avx2"] = "HW_CPU_X86_AVX2",
        ["avx512bw"] = "HW_CPU_X86_AVX512BW",
        ["avx512cd"] = "HW_CPU_X86_AVX512CD",
        ["avx512dq"] = "HW_CPU_X86_AVX512DQ",
        ["avx512f"] = "HW_CPU_X86_AVX512F",
        ["avx512vl"] = "HW_CPU_X86_AVX512VL",
        ["avx512vnni"] = "HW_CPU_X86_AVX512VNNI",
        ["bmi1"] = "HW_CPU_X86_BMI",
        ["bmi2"] = "HW_CPU_X86_BMI2",
        ["f16c"] = "HW_CPU_X86_F16C",
        ["fma"] = "HW_CPU_X86_FMA3",
        ["mmx"] = "HW_CPU_X86_MMX",
        ["pclmuldq"] = "HW_CPU_X86_CLMUL",
        ["pclmulqdq"] = "HW_CPU_X86_CLMUL",
        ["rtm"] = "HW_CPU_X86_TSX",
        ["sha-ni"] = "HW_CPU_X86_SHA",
        ["sse"] = "HW_CPU_X86_SSE",
        ["sse2"] = "HW_CPU_X86_SSE2",
        ["pni"] = "HW_CPU_X86_SSE3",
        ["ssse3"] = "HW_CPU_X86_SSSE3",
        ["sse4.1"] = "HW_CPU_X86_SSE41",
        ["sse4.2"] = "HW_CPU_X86_SSE42",
        ["sse4a"] = "HW_CPU_X86_SSE4A",
        ["svm"] = "HW_CPU_X86_SVM",
        ["vmx"] = "HW_CPU_X86_VMX",
    };

    private static readonly string[] DriverTraits =
    [
        "COMPUTE_NODE",
        "COMPUTE_IMAGE_TYPE_QCOW2",
        "COMPUTE_IMAGE_TYPE_RAW",
        "COMPUTE_GRAPHICS_MODEL_CIRRUS",
        "COMPUTE_GRAPHICS_MODEL_NONE",
        "COMPUTE_GRAPHICS_MODEL_VGA",
        "COMPUTE_GRAPHICS_MODEL_VIRTIO",
        "COMPUTE_NET_VIF_MODEL_E1000",
        "COMPUTE_NET_VIF_MODEL_NE2K_PCI",
        "COMPUTE_NET_VIF_MODEL_RTL8139",
        "COMPUTE_NET_VIF_MODEL_VIRTIO",
        "COMPUTE_STORAGE_BUS_IDE",
        "COMPUTE_STORAGE_BUS_VIRTIO",
        "HW_ARCH_X86_64",
    ];

    public required string Architecture { get; init; }

    public required string CpuModel { get; init; }

    public required string CpuVendor { get; init; }

    public required int Sockets { get; init; }

    public required int Cores { get; init; }

    public required int Threads { get; init; }

    /// <summary>Features that a guest gets, by libvirt's names, sorted.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Traits of the node, by the names of <c>os-traits</c>, sorted.</summary>
    public required IReadOnlyList<string> Traits { get; init; }

    /// <summary>Reads both of libvirt's answers.</summary>
    /// <param name="capabilities">Of the machine.</param>
    /// <param name="domainCapabilities">Of a guest of that type.</param>
    /// <param name="virtType"><c>kvm</c> or <c>qemu</c>.</param>
    public static HostCapabilities Of(string capabilities, string domainCapabilities, string virtType)
    {
        var cpu = XElement.Parse(capabilities).Element("host")?.Element("cpu");
        var topology = cpu?.Element("topology");
        var features = virtType == "kvm" ? [.. Named(cpu), .. OfGuest(domainCapabilities)] : EmulatedFeatures;
        var traits = features.Where(TraitNames.ContainsKey).Select(feature => TraitNames[feature]);
        return new()
        {
            Architecture = (string?)cpu?.Element("arch") ?? "x86_64",
            CpuModel = (string?)cpu?.Element("model") ?? "",
            CpuVendor = (string?)cpu?.Element("vendor") ?? "",
            Sockets = (int?)topology?.Attribute("sockets") ?? 1,
            Cores = (int?)topology?.Attribute("cores") ?? 1,
            Threads = (int?)topology?.Attribute("threads") ?? 1,
            Features = [.. features.Distinct().Order(StringComparer.Ordinal)],
            Traits = [.. DriverTraits.Concat(traits).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private static IEnumerable<string> Named(XElement? cpu) =>
        (cpu?.Elements("feature") ?? []).Select(feature => (string?)feature.Attribute("name")).OfType<string>();

    private static IEnumerable<string> OfGuest(string domainCapabilities) => (XElement.Parse(domainCapabilities)
        .Element("cpu")?.Elements("mode").FirstOrDefault(mode => (string?)mode.Attribute("name") == "host-model")?
        .Elements("feature").Where(feature => (string?)feature.Attribute("policy") == "require") ?? [])
        .Select(feature => (string?)feature.Attribute("name")).OfType<string>();
}
