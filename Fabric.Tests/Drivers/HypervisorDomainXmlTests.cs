using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor.Libvirt;
using Fabric.NodeAgent.Storage;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

/// <summary>What libvirt is told of a guest.</summary>
public sealed class HypervisorDomainXmlTests
{
    private static readonly GuestFiles Files = new("/data/nodes/host/instances/9a8a4a3c-9d0e-4f7a-8a7c-5f0d3b0d6c11");

    private static readonly GuestMark Mark = new()
    {
        DataDirId = "0011223344556677",
        Generation = 7,
        RebootedFor = 3,
        DefinedAt = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero),
        Shape = "shape",
    };

    private static readonly DesiredInstance Guest =
        HypervisorSamples.Guest(InstanceId.Parse("9a8a4a3c-9d0e-4f7a-8a7c-5f0d3b0d6c11")) with
        {
            Generation = 7,
            DomainName = "instance-0000002a",
            DisplayName = "web <1>\n",
            Vcpus = 2,
            MemoryMiB = 512,
        };

    private static readonly DesiredNic Nic = new()
    {
        PortId = PortId.Parse("6f7f4c50-6a4e-4b1e-9f0a-1e2d3c4b5a69"),
        NetworkId = NetworkId.Parse("2d9a1b4c-8f3e-4d2a-b1c0-aabbccddeeff"),
        MacAddress = "fa:16:3e:12:34:56",
        Mtu = 1450,
    };

    [Fact]
    public void An_emulated_guest_with_every_device() => Golden.Match("domain-qemu-full.xml", Render("qemu", Guest with
    {
        EphemeralGiB = 1,
        SwapMiB = 64,
        ConfigDrive = [],
        Nics = [Nic, Nic with { PortId = PortId.Parse("11111111-2222-3333-4444-555555555555"), MacAddress = "fa:16:3e:12:34:57" }],
    }));

    [Fact]
    public void An_accelerated_guest_without_a_network() => Golden.Match("domain-kvm-plain.xml", Render("kvm", Guest));

    [Fact]
    public void A_guest_whose_image_asks_for_old_hardware() => Golden.Match("domain-qemu-legacy.xml", Render("qemu", Guest with
    {
        Nics = [Nic],
        ConfigDrive = [],
        ImageProperties = new Dictionary<string, string>
        {
            ["hw_disk_bus"] = "ide",
            ["hw_vif_model"] = "e1000",
            ["hw_video_model"] = "cirrus",
            ["os_type"] = "windows",
        },
    }));

    [Theory]
    [InlineData("hw_machine_type", "q35")]
    [InlineData("hw_disk_bus", "floppy")]
    [InlineData("hw_vif_model", "<script>")]
    public void Hardware_that_the_node_does_not_have_is_refused(string property, string value)
    {
        var guest = Guest with { ImageProperties = new Dictionary<string, string> { [property] = value } };
        Assert.Equal(FaultKind.BadRequest, Assert.Throws<Fault>(() => DomainXml.Render(guest, Files, "qemu")).Kind);
    }

    [Fact]
    public void The_shape_changes_with_the_definition_and_with_nothing_else()
    {
        var shape = DomainXml.Render(Guest, Files, "qemu").Shape;
        Assert.Equal(shape, DomainXml.Render(Guest with { Generation = 8, Power = DesiredPower.Stopped }, Files, "qemu").Shape);
        Assert.NotEqual(shape, DomainXml.Render(Guest with { MemoryMiB = 513 }, Files, "qemu").Shape);
        Assert.NotEqual(shape, DomainXml.Render(Guest with { Nics = [Nic] }, Files, "qemu").Shape);
        Assert.NotEqual(shape, DomainXml.Render(Guest, Files, "kvm").Shape);
    }

    [Fact]
    public void A_mark_is_read_back_as_it_was_written()
    {
        Assert.Equal(Mark, GuestMark.Parse(Mark.ToXml()));
        Assert.Equal(Mark, GuestMark.Parse(Mark.ToElement().ToString()));
        Assert.Null(GuestMark.Parse("<other xmlns='urn:other'/>"));
    }

    private static string Render(string virtType, DesiredInstance guest) => DomainXml.Render(guest, Files, virtType).With(Mark) + "\n";
}
