using System.Globalization;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Real;

/// <summary>From any state of the host to the wanted one, and no further.</summary>
public sealed class NetworkConvergenceTests
{
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task Applying_the_same_again_changes_nothing()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var before = await Picture(lab);

        await driver.Apply(Sample.Whole(1), default);
        await driver.Apply(Sample.Whole(2), default);

        Assert.Equal(before, await Picture(lab));
    }

    [SkippableFact]
    public async Task A_new_agent_finds_all_as_its_predecessor_left_it()
    {
        await using var lab = await NetworkLab.Start();
        string before;
        await using (var first = lab.Driver())
        {
            await first.Apply(Sample.Whole(1), default);
            before = await Picture(lab);
        }

        await using var second = lab.Driver();
        await second.Apply(Sample.Whole(2), default);

        Assert.Equal(before, await Picture(lab));

        // The listing of links, and the rules, of which a new agent cannot know whether they stand.
        Assert.Equal(2, second.ProcessesStarted);
    }

    [SkippableFact]
    public async Task A_new_port_costs_the_same_few_processes_on_a_full_host()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        await driver.Apply(whole with { Ports = [.. whole.Ports, .. More(500)] }, default);
        var before = driver.ProcessesStarted;

        await driver.Apply(whole with { Generation = 2, Ports = [.. whole.Ports, .. More(501)] }, default);

        Assert.Equal(2, driver.ProcessesStarted - before);
    }

    [SkippableFact]
    public async Task A_storm_of_applications_starts_few_processes()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        await driver.Apply(whole, default);
        var before = driver.ProcessesStarted;

        await Task.WhenAll(Enumerable.Range(2, 200).Select(i =>
            Task.Run(() => driver.Apply(whole with { Generation = i, Ports = [.. whole.Ports, .. More(i)] }, default))));

        Assert.InRange(driver.ProcessesStarted - before, 1, 40);
        Assert.Equal(203, (await driver.Observe(default)).Taps.Count);
    }

    [SkippableTheory]
    [InlineData("ip netns delete {router}")]
    [InlineData("ip netns delete {dhcp}")]
    [InlineData("ip -n {host} link delete {bridge}")]
    [InlineData("ip -n {host} link delete {leg}")]
    [InlineData("ip -n {host} link set {bridge} down")]
    [InlineData("ip -n {host} link set {leg} nomaster")]
    [InlineData("ip netns exec {host} nft flush ruleset")]
    [InlineData("ip netns exec {router} nft flush ruleset")]
    [InlineData("ip -n {router} address flush dev {leg}")]
    [InlineData("ip -n {router} route delete default")]
    [InlineData("kill -9 {pid}")]
    [InlineData("rm -rf {state}/dhcp {state}/namespaces")]
    public async Task What_others_broke_is_repaired_by_the_same_state(string command)
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var before = await Picture(lab, processes: false);
        await NetworkLab.Run(null, (await Fill(command, lab)).Split(' '));

        await driver.Apply(Sample.Whole(1), default);

        Assert.Equal(before, await Picture(lab, processes: false));
        Assert.Contains(Sample.Inside, (await driver.Observe(default)).DhcpNetworks);
        var guest = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        Assert.Equal("10.8.0.10", (await lab.Lease(guest))["ip"]);
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkSamples.FloatingA));
    }

    [SkippableFact]
    public async Task A_guest_is_plugged_in_again_when_its_bridge_was_lost()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var guest = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await NetworkLab.Run(null, "ip", "-n", lab.Host, "link", "delete", DeviceNames.Bridge(Sample.Inside));

        await driver.Apply(Sample.Whole(1), default);

        Assert.Equal("10.8.0.10", (await lab.Lease(guest))["ip"]);
    }

    [SkippableFact]
    public async Task A_bridge_with_a_guest_is_kept_until_the_guest_is_gone()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var nothing = Sample.Whole(2) with { Networks = [], Ports = [], Routers = [] };

        await driver.Apply(nothing, default);
        Assert.Equal([Sample.Inside], (await driver.Observe(default)).Networks);

        await NetworkLab.Run(null, "ip", "-n", lab.Host, "link", "delete", DeviceNames.Tap(Sample.PortA));
        await driver.Apply(nothing with { Generation = 3 }, default);
        Assert.Empty((await driver.Observe(default)).Networks);
    }

    [SkippableFact]
    public async Task Cleanup_by_a_stranger_to_the_state_leaves_nothing_and_touches_nothing_else()
    {
        await using var lab = await NetworkLab.Start();
        await NetworkLab.Ip(lab.Host, "link add fbforeign type bridge", "link set fbforeign alias fabric:other:bridge:x:1");
        var before = await Picture(lab);
        await using (var driver = lab.Driver())
            await driver.Apply(Sample.Whole(1), default);

        var pid = await DhcpPid(lab);
        await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await NetworkLab.Run(null, "ip", "-n", lab.Host, "link", "delete", DeviceNames.Tap(Sample.PortA));

        await using (var other = lab.Driver())
            await other.Cleanup(default);

        Assert.Equal(before, await Picture(lab));
        var process = new FileInfo($"/proc/{pid}/cmdline");
        Assert.False(process.Exists && (await File.ReadAllTextAsync(process.FullName)).Length > 0, "dnsmasq runs");
        Assert.False(NetworkNamespace.Exists(DeviceNames.RouterNamespace(Sample.Router, lab.Host)));
        Assert.False(NetworkNamespace.Exists(DeviceNames.DhcpNamespace(Sample.Inside, lab.Host)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.State));
    }

    private static IEnumerable<DesiredPort> More(int count) => Enumerable.Range(0, count).Select(i => Sample.GuestPort(
        new(Guid.ParseExact($"{i:x8}-00bb-4000-8000-000000000000", "D")),
        Sample.InstanceA,
        string.Create(CultureInfo.InvariantCulture, $"fa:16:3e:01:{i / 256:x2}:{i % 256:x2}"),
        string.Create(CultureInfo.InvariantCulture, $"10.8.{1 + i / 250}.{1 + i % 250}"),
        Sample.Whole(1).Ports[0].Rules));

    private static async Task<string> Fill(string command, NetworkLab lab) => command
        .Replace("{router}", DeviceNames.RouterNamespace(Sample.Router, lab.Host), StringComparison.Ordinal)
        .Replace("{dhcp}", DeviceNames.DhcpNamespace(Sample.Inside, lab.Host), StringComparison.Ordinal)
        .Replace("{host}", lab.Host, StringComparison.Ordinal)
        .Replace("{bridge}", DeviceNames.Bridge(Sample.Inside), StringComparison.Ordinal)
        .Replace("{leg}", DeviceNames.GatewayLeg(Sample.GuestRouter().Gateway!.PortId), StringComparison.Ordinal)
        .Replace("{state}", lab.State, StringComparison.Ordinal)
        .Replace("{pid}", await DhcpPid(lab), StringComparison.Ordinal);

    private static async Task<string> DhcpPid(NetworkLab lab) =>
        (await File.ReadAllTextAsync(Path.Combine(lab.State, "dhcp", Sample.Inside.Text, "pid"))).Trim();

    /// <summary>All that the driver makes, in words: devices without what the kernel numbers, addresses, routes, rules,
    /// processes.</summary>
    private static async Task<string> Picture(NetworkLab lab, bool processes = true)
    {
        List<string> picture = [];
        var (router, dhcp) = (
            DeviceNames.RouterNamespace(Sample.Router, lab.Host), DeviceNames.DhcpNamespace(Sample.Inside, lab.Host));
        foreach (var ns in (string[])[lab.Host, router, dhcp])
            if (NetworkNamespace.Exists(ns))
            {
                var shown = await NetworkLab.Run(null, ["ip", "-n", ns, .. ObservedHost.Command]);
                var links = ObservedHost.Parse(shown).Links.Values;
                picture.Add(ns);
                picture.AddRange(links.OrderBy(link => link.Name, StringComparer.Ordinal).Select(link =>
                    $"{link.Name} {link.Kind} {link.Master} {link.Mtu} {link.Alias} {link.Up} {string.Join(' ', link.Addresses.Order())}"));
                picture.Add(await NetworkLab.Run(null, "ip", "-n", ns, "route"));
                picture.Add(await NetworkLab.Run(ns, "nft", "-s", "list", "ruleset"));
                if (processes)
                    picture.Add(await NetworkLab.Run(null, "ip", "netns", "pids", ns));
            }

        return string.Join('\n', picture);
    }
}
