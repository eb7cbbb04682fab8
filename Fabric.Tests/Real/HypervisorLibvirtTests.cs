using System.Security.Cryptography;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent;
using Fabric.NodeAgent.Hypervisor;
using Fabric.NodeAgent.Hypervisor.Libvirt;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Real;

/// <summary>libvirt and QEMU keep the contract. The guest is the smallest there is: a boot sector that says a word and halts.</summary>
[Collection(nameof(RealHost))]
public sealed class HypervisorLibvirtTests(RealHost host) : HypervisorDriverContract
{
    private readonly ScratchFolder data = new();
    private readonly List<LibvirtHypervisor> drivers = [];

    public override async Task InitializeAsync()
    {
        await host.Start();
        // What virtualisation the machine has was found out once; a new data directory need not start guests to find it again.
        host.LendAnswer(data.Path);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        if (drivers.Count > 0)
            await drivers[^1].Cleanup(default);
        foreach (var driver in drivers)
            await driver.DisposeAsync();
        host.KeepAnswer(data.Path);
        data.Dispose();
    }

    private protected override Task<IHypervisorDriver> Open()
    {
        var options = new NodeAgentOptions
        {
            DataDir = data.Path,
            LibvirtUri = host.Uri,
            NodeName = RealHost.NodeName,
            ShutdownTimeout = TimeSpan.FromSeconds(1),
        };
        drivers.Add(new(options, RealHost.NodeName, new ImagesTwin(), TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance));
        return Task.FromResult<IHypervisorDriver>(drivers[^1]);
    }

    private protected override async Task<int> Boots(InstanceId id) =>
        (await Driver.ConsoleOutput(id, null, default)).Split(ProbeGuest.Word).Length - 1;

    private protected override async Task PowerOffFromInside(InstanceId id) => (await host.Virsh("destroy", id.Text)).Succeeded();

    private protected override async Task<bool> LeavesTraces(InstanceId id) =>
        (await host.Virsh("domuuid", id.Text)).ExitCode == 0 || Directory.EnumerateFileSystemEntries(
            Path.Combine(data.Path, "nodes", RealHost.NodeName, "instances")).Any(path => path.Contains(id.Text, StringComparison.Ordinal));

    private protected override DesiredInstance NewInstance() => HypervisorSamples.Guest() with
    {
        MemoryMiB = 16,
        RootDisk = new()
        {
            ImageId = ImageId.New(),
            ImageFormat = "raw",
            ImageSha512 = Convert.ToHexStringLower(SHA512.HashData(ProbeGuest.Disk())),
            ImageBytes = ProbeGuest.Disk().Length,
            SizeGiB = 1,
        },
    };

    private protected override DesiredInstance Unbuildable()
    {
        var instance = NewInstance();
        return instance with { RootDisk = instance.RootDisk with { ImageSha512 = new('0', 128) } };
    }

    [SkippableFact]
    public async Task A_guest_that_libvirt_refuses_leaves_nothing()
    {
        var first = NewInstance();
        await Driver.Ensure(first with { Power = DesiredPower.Stopped }, default);
        var twin = NewInstance() with { DomainName = first.DomainName };
        await Assert.ThrowsAsync<LibvirtException>(() => Driver.Ensure(twin, default));
        Assert.False(await LeavesTraces(twin.Id));
        Assert.Equal(first.Id, Assert.Single(await Driver.Observe(default)).Instance.Id);
    }

    [SkippableFact]
    public async Task Guests_run_on_when_libvirtd_is_killed_and_are_found_again()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");
        await host.KillAndStart();

        await Eventually.True(async () => await Sees(wanted.Id), "the driver found libvirtd and the guest again");
        await Driver.Ensure(wanted, default);
        Assert.Equal(1, await Boots(wanted.Id));

        var announced = new TaskCompletionSource<InstanceId>(TaskCreationOptions.RunContinuationsAsynchronously);
        Driver.GuestChanged += id => announced.TrySetResult(id);
        await PowerOffFromInside(wanted.Id);
        Assert.Equal(wanted.Id, await announced.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [SkippableFact]
    public async Task A_stranger_s_domain_is_never_touched()
    {
        var stranger = NewInstance();
        using var elsewhere = new ScratchFolder();
        host.LendAnswer(elsewhere.Path);
        var options = new NodeAgentOptions { DataDir = elsewhere.Path, LibvirtUri = host.Uri, NodeName = RealHost.NodeName };
        await using var other = new LibvirtHypervisor(
            options, RealHost.NodeName, new ImagesTwin(), TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance);
        await other.Ensure(stranger with { Power = DesiredPower.Stopped }, default);

        Assert.Empty(await Driver.Observe(default));
        await Driver.EnsureAbsent(stranger.Id, default);
        await Driver.Cleanup(default);
        await Assert.ThrowsAsync<Fault>(() => Driver.Ensure(stranger, default));
        Assert.Equal(stranger.Id, Assert.Single(await other.Observe(default)).Instance.Id);
        await other.EnsureAbsent(stranger.Id, default);
    }

    [SkippableFact]
    public async Task All_kinds_of_disks_are_made_once_and_outlast_a_cleanup()
    {
        var wanted = NewInstance() with
        {
            EphemeralGiB = 1,
            SwapMiB = 16,
            ConfigDrive = [new("openstack/latest/meta_data.json", "{}"u8.ToArray())],
        };
        await Driver.Ensure(wanted, default);
        var folder = Path.Combine(data.Path, "nodes", RealHost.NodeName, "instances", wanted.Id.Text);
        string[] disks = ["disk", "disk.config", "disk.eph0", "disk.swap"];
        var files = Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal([.. disks.Prepend("console.log")], files);
        Assert.Contains("virtual size: 1 GiB", (await Command.Run("qemu-img", "info", "-U", Path.Combine(folder, "disk"))).Succeeded());
        var drive = (await Command.Run("isoinfo", "-d", "-i", Path.Combine(folder, "disk.config"))).Succeeded();
        Assert.Contains("Volume id: config-2", drive);

        var made = File.GetCreationTimeUtc(Path.Combine(folder, "disk"));
        await Driver.Cleanup(default);
        await Driver.Ensure(wanted, default);
        Assert.Equal(made, File.GetCreationTimeUtc(Path.Combine(folder, "disk")));
    }

    private async Task<bool> Sees(InstanceId id)
    {
        try
        {
            return (await Driver.Observe(default)).Any(guest => guest.Instance == new ObservedInstance(id, PowerState.Running, 1));
        }
        catch (LibvirtException)
        {
            // libvirtd is on its way.
            return false;
        }
    }

    /// <summary>An image service with one image.</summary>
    private sealed class ImagesTwin : IImageSource
    {
        public Task<Stream> Open(ImageId id, CancellationToken ct) => Task.FromResult<Stream>(new MemoryStream(ProbeGuest.Disk()));
    }
}
