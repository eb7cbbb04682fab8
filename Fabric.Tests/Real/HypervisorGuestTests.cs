using System.Security.Cryptography;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent;
using Fabric.NodeAgent.Hypervisor.Libvirt;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Real;

/// <summary>A whole node with a guest that is a small Linux: what a user would see of it.</summary>
[Collection(nameof(RealHost))]
public sealed class HypervisorGuestTests
{
    /// <summary>A boot takes a quarter of a minute when the machine has nothing else to do; it often has.</summary>
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(4);

    [SkippableFact]
    public async Task A_guest_boots_on_its_network_answers_the_world_and_obeys_the_power_button()
    {
        Machine.Needs("genisoimage", "curl");
        await using var lab = await NetworkLab.Start();
        await using var libvirt = await PrivateLibvirt.Start(lab.Host);
        using var data = new ScratchFolder();
        var image = await BuildImage();
        await using var node = Node(lab, libvirt, data, image);
        var samples = new NetworkSamples(0x4d);
        var guest = await Wanted(samples, image);

        await node.ApplyNetworking(samples.Whole(1), default);
        await node.EnsureInstance(guest, default);
        await Says(node, guest, "fabric-guest ready name=vm-a address=10.8.0.10");
        Assert.Contains("metadata=configdrive", await node.ConsoleOutput(guest.Id, null, default));

        var answer = await Command.Run("ip", "netns", "exec", lab.Host, "curl", "-sS", "-m", "20", $"http://{NetworkSamples.FloatingA}/");
        Assert.Equal("vm-a", answer.Succeeded().Trim());

        await node.RebootInstance(guest with { Generation = 2 }, RebootKind.Soft, default);
        await Says(node, guest, "boots=2");
        var log = await node.ConsoleOutput(guest.Id, null, default);
        Assert.Contains("power button", log);
        Assert.Equal([new ObservedInstance(guest.Id, PowerState.Running, 2)], await node.Observe(default));

        await node.EnsureInstanceAbsent(guest.Id, default);
        Assert.Empty(await node.Observe(default));
        var links = (await Command.Run("ip", "-n", lab.Host, "-o", "link")).Succeeded();
        Assert.DoesNotContain(DeviceNames.Tap(samples.PortA), links);
    }

    private static NodeAgent.Agent.NodeAgent Node(NetworkLab lab, PrivateLibvirt libvirt, ScratchFolder data, string image)
    {
        var options = new NodeAgentOptions { DataDir = data.Path, LibvirtUri = libvirt.Uri, NodeName = "node" };
        var hypervisor = new LibvirtHypervisor(
            options, "node", new FileImage(image), TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
        return new("node", hypervisor, lab.Driver(), NullLogger.Instance);
    }

    /// <summary>Built once per machine; its path is what the script prints.</summary>
    private static async Task<string> BuildImage() =>
        (await Command.Run(Path.Combine(Machine.Repository, "tools", "image", "build.sh"))).Succeeded();

    private static async Task<DesiredInstance> Wanted(NetworkSamples samples, string image)
    {
        var bytes = await File.ReadAllBytesAsync(image);
        var nic = new DesiredNic { PortId = samples.PortA, NetworkId = samples.Inside, MacAddress = NetworkSamples.MacA, Mtu = 1450 };
        var metadata = JsonSerializer.SerializeToUtf8Bytes(new { uuid = samples.InstanceA.Text, hostname = "vm-a", name = "vm-a" });
        return HypervisorSamples.Guest(samples.InstanceA) with
        {
            MemoryMiB = 192,
            Nics = [nic],
            ConfigDrive = [new("openstack/latest/meta_data.json", metadata)],
            RootDisk = new()
            {
                ImageId = ImageId.New(),
                ImageFormat = "qcow2",
                ImageSha512 = Convert.ToHexStringLower(SHA512.HashData(bytes)),
                ImageBytes = bytes.Length,
                SizeGiB = 1,
            },
        };
    }

    private static Task Says(INodeAgent node, DesiredInstance guest, string word) => Eventually.True(
        async () => (await node.ConsoleOutput(guest.Id, null, default)).Contains(word, StringComparison.Ordinal),
        $"the guest says '{word}' on its console",
        Boot);

    /// <summary>An image service with one image.</summary>
    private sealed class FileImage(string path) : IImageSource
    {
        public Task<Stream> Open(ImageId id, CancellationToken ct) => Task.FromResult<Stream>(File.OpenRead(path));
    }
}
