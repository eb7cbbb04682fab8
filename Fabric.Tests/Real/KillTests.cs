using System.Text.Json;
using Fabric.NodeAgent.Hypervisor.Libvirt;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;
using Fabric.Tests.Silo;
using Xunit.Abstractions;

namespace Fabric.Tests.Real;

/// <summary>The process of a whole node with real guests is killed at the steps of a build and of a delete. In a network namespace of its
/// own, so that nothing is left on the machine whatever happens.</summary>
[Collection(nameof(RealHost))]
public sealed class KillTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>When to kill: what can be seen from outside of how far a build, or a delete, has come.</summary>
    private enum Moment
    {
        AtOnce,
        FilesAppear,
        DomainAppears,
        Drawn,
    }

    [SkippableFact]
    public async Task A_build_and_a_delete_that_are_killed_at_any_step_are_resumed_and_leave_one_guest_and_then_nothing()
    {
        await using var lab = await NetworkLab.Start();
        await using var libvirt = await PrivateLibvirt.Start(lab.Host);
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] place = ["--driver", "libvirt", "--libvirt-uri", libvirt.Uri, "--netns", lab.Host];
        await using var cloud = await KillCloud.Start(ProbeGuest.Disk(), place);
        var host = new Host(cloud, lab, libvirt);
        try
        {
            foreach (var moment in Enum.GetValues<Moment>())
            {
                var id = await Build(host, moment, random);
                await Delete(host, id, moment, random);
            }

            await cloud.Stop();
            foreach (var kind in (string[])["saga", "consumer", "instance"])
                Assert.Equal((kind, 0), (kind, cloud.Records(kind)));
        }
        finally
        {
            (await Command.Run("dotnet", [FabricProcess.Program, "host", "cleanup", "--data", cloud.Data, .. place])).Succeeded();
        }

        await host.IsClean();
    }

    private async Task<string> Build(Host host, Moment moment, Random random)
    {
        var body = host.Cloud.NewServer($"guest-{moment}", "real");
        var made = await host.Cloud.Do(202, "POST", "/compute/v2.1/servers", body);
        var id = made.GetProperty("server").GetProperty("id").GetString()!;
        await Reach(
            moment, random, () => Task.FromResult(host.Files(id).Count > 0), async () => (await host.Domains()).Contains(id));
        await host.Cloud.Kill();
        output.WriteLine($"build, killed {moment}: {host.Cloud.Records("saga")} sagas under way");
        await host.Cloud.Restart();
        await host.Cloud.Rest();

        var server = Assert.Single(await host.Cloud.Servers());
        Assert.Equal((id, "ACTIVE"), (server.GetProperty("id").GetString(), server.GetProperty("status").GetString()));
        Assert.Equal([id], await host.Domains());
        var pid = await host.GuestPid(id);
        await host.Cloud.Kill();
        await host.Cloud.Restart();
        await host.Cloud.Rest();
        Assert.Equal([id], await host.Domains());
        Assert.Equal(pid, await host.GuestPid(id));
        return id;
    }

    private async Task Delete(Host host, string id, Moment moment, Random random)
    {
        var tap = await host.Tap(id);
        Assert.Contains(tap, await host.Links(), StringComparison.Ordinal);
        await host.Cloud.Do(204, "DELETE", $"/compute/v2.1/servers/{id}");
        await Reach(
            moment, random, () => Task.FromResult(host.Files(id).Count == 0), async () => !(await host.Domains()).Contains(id));
        await host.Cloud.Kill();
        output.WriteLine($"delete, killed {moment}: {host.Cloud.Records("saga")} sagas under way");
        await host.Cloud.Restart();

        await host.Cloud.Gone(id);
        await host.Cloud.NothingIsHeld();
        Assert.Empty(await host.Domains());
        Assert.Empty(host.Files(id));
        Assert.DoesNotContain(tap, await host.Links(), StringComparison.Ordinal);
    }

    private async Task Reach(Moment moment, Random random, Func<Task<bool>> files, Func<Task<bool>> domain)
    {
        switch (moment)
        {
            case Moment.FilesAppear:
                await Eventually.True(files, "the guest's files changed", Patience);
                break;
            case Moment.DomainAppears:
                await Eventually.True(domain, "the guest's domain changed", Patience);
                break;
            case Moment.Drawn:
                // Not a wait for anything: the moment itself is what is tried.
                var moments = TimeSpan.FromMilliseconds(random.Next(2000));
                output.WriteLine($"after {moments.TotalMilliseconds} ms");
                await Task.Delay(moments);
                break;
            case Moment.AtOnce:
            default:
                break;
        }
    }

    /// <summary>The machine behind the cloud's back.</summary>
    private sealed record Host(KillCloud Cloud, NetworkLab Lab, PrivateLibvirt Libvirt)
    {
        /// <summary>The ids of all guests, running or not.</summary>
        internal async Task<IReadOnlyList<string>> Domains() =>
            (await Libvirt.Virsh("list", "--all", "--uuid")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);

        /// <summary>The process of a guest.</summary>
        internal async Task<string> GuestPid(string id)
        {
            var name = (await Libvirt.Virsh("domname", id)).Succeeded().Trim();
            return (await File.ReadAllTextAsync(Path.Combine(Libvirt.Data, "libvirt", "run", "qemu", name + ".pid"))).Trim();
        }

        /// <summary>Whatever on the node's disks bears the guest's id.</summary>
        internal IReadOnlyList<string> Files(string id) =>
        [
            .. Directory.EnumerateDirectories(Path.Combine(Cloud.Data, "nodes"))
                .Select(node => Path.Combine(node, "instances")).Where(Directory.Exists)
                .SelectMany(Directory.EnumerateFileSystemEntries).Where(path => path.Contains(id, StringComparison.Ordinal)),
        ];

        /// <summary>The tap of a guest's one port.</summary>
        internal async Task<string> Tap(string id)
        {
            var ports = (await Cloud.Do(200, "GET", $"/networking/v2.0/ports?device_id={id}")).GetProperty("ports");
            JsonElement port = Assert.Single(ports.EnumerateArray());
            return DeviceNames.Tap(new(port.GetProperty("id").GetGuid()));
        }

        /// <summary>All devices of the node.</summary>
        internal Task<string> Links() => NetworkLab.Run(null, "ip", "-n", Lab.Host, "-o", "link");

        /// <summary>Nothing of the cloud is left on the node: no guest, device, table, process or namespace.</summary>
        internal async Task IsClean()
        {
            Assert.Empty(await Domains());
            Assert.DoesNotContain("fabric:", await NetworkLab.Run(null, "ip", "-n", Lab.Host, "-d", "link"), StringComparison.Ordinal);
            Assert.Equal("", await NetworkLab.Run(Lab.Host, "nft", "list", "tables"));
            var namespaces = await NetworkLab.Run(null, "ip", "netns", "list");
            Assert.DoesNotContain(Cloud.Network, namespaces, StringComparison.Ordinal);
            var processes = await Command.Run("ps", "-eo", "args");
            Assert.DoesNotContain(
                processes.Succeeded().Split('\n'),
                line => line.Contains("dnsmasq", StringComparison.Ordinal) && line.Contains(Cloud.Data, StringComparison.Ordinal));
        }
    }
}
