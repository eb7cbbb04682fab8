using System.Xml.Linq;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.NodeAgent.Storage;

namespace Fabric.NodeAgent.Hypervisor.Libvirt;

/// <summary>The devices of a guest. No USB tablet: its polling costs an emulated guest a good part of a core.</summary>
internal static class DomainDevices
{
    /// <summary>Renders them in the order in which guests number them.</summary>
    public static IEnumerable<XElement> Of(DesiredInstance instance, GuestFiles files, GuestHardware hardware) =>
    [
        .. Disks(instance, files, hardware),
        .. instance.Nics.Select(nic => Interface(nic, hardware.VifModel ?? nic.Model)),
        new("controller", Attributes(("type", "usb"), ("model", "none"))),
        // Appended to: a file that is truncated at each start would lose what the guest said before it died.
        new("serial", new XAttribute("type", "pty"), new XElement("log", Attributes(("file", files.ConsoleLog), ("append", "on")))),
        // Only the machine itself can reach it; what comes from outside comes through the console proxy.
        new("graphics", Attributes(("type", "vnc"), ("port", "-1"), ("autoport", "yes"), ("listen", "127.0.0.1"))),
        new("video", new XElement("model", new XAttribute("type", hardware.VideoModel))),
        new("memballoon", new XAttribute("model", "virtio"), new XElement("stats", new XAttribute("period", 10))),
        new("rng", new XAttribute("model", "virtio"), new XElement("backend", new XAttribute("model", "random"), "/dev/urandom")),
    ];

    private static IEnumerable<XElement> Disks(DesiredInstance instance, GuestFiles files, GuestHardware hardware)
    {
        var letter = 'a';
        string Next() => (hardware.DiskBus == "virtio" ? "vd" : "hd") + letter++;
        yield return Disk(files.RootDisk, "qcow2", Next(), hardware.DiskBus);
        if (instance.EphemeralGiB > 0)
            yield return Disk(files.EphemeralDisk, "raw", Next(), hardware.DiskBus);
        if (instance.SwapMiB > 0)
            yield return Disk(files.SwapDisk, "raw", Next(), hardware.DiskBus);
        // The machine type pc has an IDE controller with four places, the last of which is the CD-ROM's.
        if (instance.ConfigDrive is not null)
        {
            yield return new(
                "disk",
                Attributes(("type", "file"), ("device", "cdrom")),
                new XElement("driver", Attributes(("name", "qemu"), ("type", "raw"))),
                new XElement("source", new XAttribute("file", files.ConfigDrive)),
                new XElement("target", Attributes(("dev", "hdd"), ("bus", "ide"))),
                new XElement("readonly"));
        }
    }

    /// <summary>The host does not cache what the guest already does; space that the guest gives back is given back.</summary>
    private static XElement Disk(string file, string format, string target, string bus) => new(
        "disk",
        Attributes(("type", "file"), ("device", "disk")),
        new XElement("driver", Attributes(("name", "qemu"), ("type", format), ("cache", "none"), ("discard", "unmap"))),
        new XElement("source", new XAttribute("file", file)),
        new XElement("target", Attributes(("dev", target), ("bus", bus))));

    private static XElement Interface(DesiredNic nic, string model) => new(
        "interface",
        new XAttribute("type", "bridge"),
        new XElement("mac", new XAttribute("address", nic.MacAddress)),
        new XElement("source", new XAttribute("bridge", DeviceNames.Bridge(nic.NetworkId))),
        new XElement("target", new XAttribute("dev", DeviceNames.Tap(nic.PortId))),
        new XElement("model", new XAttribute("type", model)),
        new XElement("mtu", new XAttribute("size", nic.Mtu)),
        // Nobody boots from the network here, and the card's boot code costs an emulated guest seconds.
        new XElement("rom", new XAttribute("enabled", "no")));

    private static XAttribute[] Attributes(params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var result = new XAttribute[attributes.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = new(attributes[i].Name, attributes[i].Value);
        return result;
    }
}
