using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Storage;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>
/// A guest as libvirt's domain XML. Pure: the same guest gives the same text, and its digest, the shape, tells whether a definition on the
/// host is as wanted without comparing it with what libvirt made of it. What changes without need of a restart stands in the mark, outside
/// the shape.
/// </summary>
internal sealed class DomainXml
{
    private DomainXml(XElement body)
    {
        Body = body;
        Shape = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body.ToString(SaveOptions.DisableFormatting))))[..32];
    }

    /// <summary>Digest of the definition.</summary>
    public string Shape { get; }

    private XElement Body { get; }

    /// <summary>Renders a guest.</summary>
    /// <param name="instance">The guest.</param>
    /// <param name="files">Where its disks are.</param>
    /// <param name="virtType"><c>kvm</c> or <c>qemu</c>.</param>
    public static DomainXml Render(DesiredInstance instance, GuestFiles files, string virtType)
    {
        var hardware = GuestHardware.Of(instance.ImageProperties);
        return new(new XElement(
            "domain",
            new XAttribute("type", virtType),
            new XElement("name", instance.DomainName),
            new XElement("uuid", instance.Id.Text),
            new XElement("title", Title(instance.DisplayName)),
            new XElement("memory", new XAttribute("unit", "MiB"), instance.MemoryMiB),
            new XElement("vcpu", new XAttribute("placement", "static"), instance.Vcpus),
            Sysinfo(instance),
            new XElement(
                "os",
                new XElement("type", new XAttribute("arch", "x86_64"), new XAttribute("machine", "pc"), "hvm"),
                new XElement("boot", new XAttribute("dev", "hd")),
                new XElement("smbios", new XAttribute("mode", "sysinfo"))),
            new XElement("features", new XElement("acpi"), new XElement("apic")),
            Cpu(virtType),
            Clock(instance, virtType),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "destroy"),
            new XElement("devices", DomainDevices.Of(instance, files, hardware))));
    }

    /// <summary>The whole text, with a mark.</summary>
    public string With(GuestMark mark)
    {
        var domain = new XElement(Body);
        domain.Element("title")!.AddAfterSelf(new XElement("metadata", mark.ToElement()));
        return domain.ToString();
    }

    /// <summary>libvirt takes no line break in a title, and XML none of the control characters.</summary>
    private static string Title(string name) => string.Concat(name.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)));

    /// <summary>How a guest learns from its firmware that it is in a cloud, and which server it is: what cloud-init looks for.</summary>
    private static XElement Sysinfo(DesiredInstance instance)
    {
        static XElement Entry(string name, string value) => new("entry", new XAttribute("name", name), value);
        return new(
            "sysinfo",
            new XAttribute("type", "smbios"),
            new XElement(
                "system",
                Entry("manufacturer", "Fabric"),
                Entry("product", "OpenStack Nova"),
                Entry("version", "26.0.0"),
                Entry("serial", instance.Id.Text),
                Entry("uuid", instance.Id.Text),
                Entry("family", "Virtual Machine")));
    }

    /// <summary>Emulated guests get QEMU's plainest 64-bit processor: what more a host has, an emulator does not.</summary>
    private static XElement Cpu(string virtType) => virtType == "kvm"
        ? new("cpu", new XAttribute("mode", "host-model"), new XAttribute("check", "partial"))
        : new(
            "cpu",
            new XAttribute("mode", "custom"),
            new XAttribute("match", "exact"),
            new XElement("model", new XAttribute("fallback", "forbid"), "qemu64"));

    private static XElement Clock(DesiredInstance instance, string virtType)
    {
        static XElement Timer(string name, string attribute, string value) =>
            new("timer", new XAttribute("name", name), new XAttribute(attribute, value));
        var local = instance.ImageProperties.GetValueOrDefault("os_type") == "windows";
        var clock = new XElement("clock", new XAttribute("offset", local ? "localtime" : "utc"));
        // Without KVM, libvirt refuses policies for timers that only the kernel emulates.
        if (virtType == "kvm")
            clock.Add(Timer("pit", "tickpolicy", "delay"), Timer("rtc", "tickpolicy", "catchup"));
        clock.Add(Timer("hpet", "present", "no"));
        return clock;
    }
}

/// <summary>What an image's properties ask of the machine.</summary>
internal sealed record GuestHardware(string DiskBus, string? VifModel, string VideoModel)
{
    /// <summary>Reads the properties; a <see cref="Fault"/> for what this node does not have.</summary>
    public static GuestHardware Of(IReadOnlyDictionary<string, string> properties)
    {
        var machine = properties.GetValueOrDefault("hw_machine_type") ?? "pc";
        if (machine != "pc" && !machine.StartsWith("pc-i440fx", StringComparison.Ordinal))
            throw Unsupported("hw_machine_type", machine);
        return new(
            Choose(properties, "hw_disk_bus", "virtio", "ide"),
            properties.ContainsKey("hw_vif_model") ? Choose(properties, "hw_vif_model", "virtio", "e1000", "rtl8139", "ne2k_pci") : null,
            Choose(properties, "hw_video_model", "vga", "cirrus", "virtio", "none"));
    }

    /// <summary>The value of a property; the first of those offered when it is not set.</summary>
    private static string Choose(IReadOnlyDictionary<string, string> properties, string name, params ReadOnlySpan<string> offered)
    {
        if (!properties.TryGetValue(name, out var value))
            return offered[0];
        return offered.Contains(value) ? value : throw Unsupported(name, value);
    }

    private static Fault Unsupported(string name, string value) => Fault.BadRequest(
        "UnsupportedHardware", $"Requested hardware '{value}' ({name}) is not supported by this host.");
}
