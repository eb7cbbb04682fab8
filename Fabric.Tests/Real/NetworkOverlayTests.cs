using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

/// <summary>What guests of one network see that live on different hosts: <c>a</c> on the first, <c>b</c> and the router on the
/// second.</summary>
public sealed class NetworkOverlayTests
{
    private const string Outside = "198.51.100.1";
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task Guests_on_two_hosts_reach_each_other_with_packets_as_large_as_their_mtu()
    {
        await using var lab = await OverlayLab.Start(2);
        var (_, b) = await Guests(lab);

        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"), "b does not reach a");
        Assert.True(await PingsWith(b, 1400));
        Assert.True(await PingsWith(b, 1422), "1422 bytes and 28 of headers are the MTU");
    }

    [SkippableFact]
    public async Task Each_host_serves_dhcp_to_its_own_guests_and_no_others()
    {
        await using var lab = await OverlayLab.Start(2);
        var stranger = new DesiredDhcpHost(Sample.PortA, NetworkSamples.MacA, "10.8.0.99", Sample.Subnet(5), "not-here");
        await lab.Driver(1).Apply(First(1, 2), default);
        await lab.Driver(2).Apply(
            Second(1, 1) with { Networks = [Inside(1, [1]) with { DhcpHosts = [stranger] }, Sample.OutsideNetwork()] }, default);
        var a = await lab.Host(1).Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);

        Assert.Equal("10.8.0.10", (await lab.Host(1).Lease(a))["ip"]);

        await NetworkLab.End(DeviceNames.DhcpNamespace(Sample.Inside, lab.Host(1).Host));
        await Assert.ThrowsAsync<InvalidOperationException>(() => lab.Host(1).Lease(a));
    }

    [SkippableFact]
    public async Task A_guest_reaches_the_world_through_the_router_on_the_other_host_and_is_reached_by_its_floating_address()
    {
        await using var lab = await OverlayLab.Start(2);
        var (a, _) = await Guests(lab);
        var world = lab.Host(2).Host;

        Assert.True(await NetworkLab.Reaches(a, "10.8.0.1"), "a does not reach its router");
        Assert.True(await NetworkLab.Reaches(a, Outside), "a does not reach the world");
        Assert.True(await NetworkLab.Reaches(world, NetworkSamples.FloatingA), "the world does not reach a's floating address");
        await using var server = await NetworkLab.Serve(world, 80);
        Assert.Equal(NetworkSamples.FloatingA, await server.SeenFrom(a, Outside));

        await lab.Driver(2).Apply(Second(2, 1) with { Routers = [Sample.GuestRouter()] }, default);
        Assert.Equal("198.51.100.10", await server.SeenFrom(a, Outside));
    }

    [SkippableFact]
    public async Task Security_groups_hold_between_hosts()
    {
        await using var lab = await OverlayLab.Start(2);
        var (a, b) = await Guests(lab);
        await using var web = await NetworkLab.Serve(a, 80);
        await using var other = await NetworkLab.Serve(a, 443);
        await using var ssh = await NetworkLab.Serve(b, 22);

        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10", 80), "port 80 of a is allowed");
        Assert.False(await NetworkLab.Connects(b, "10.8.0.10", 443), "port 443 of a is not allowed");
        Assert.True(await NetworkLab.Reaches(a, "10.8.0.11", 22), "port 22 of b is allowed from a");
        Assert.False(await NetworkLab.Pings(a, "10.8.0.11"), "ICMP to b is not allowed");

        await lab.Driver(1).Apply(First(2, 2) with { Ports = [PortA() with { Rules = [NetworkSamples.Ingress("icmp")] }] }, default);
        Assert.False(await NetworkLab.Connects(a, "10.8.0.11", 22), "a may not send any more");
    }

    [SkippableFact]
    public async Task A_guest_cannot_speak_as_another_to_another_host()
    {
        await using var lab = await OverlayLab.Start(2);
        var (a, b) = await Guests(lab);
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"));

        await NetworkLab.Ip(b, "addr add 10.8.0.12/24 dev eth0", "addr delete 10.8.0.11/24 dev eth0");

        Assert.False(await NetworkLab.Pings(b, "10.8.0.10"));
        Assert.NotEmpty(a);
    }

    [SkippableFact]
    public async Task A_host_added_later_joins()
    {
        await using var lab = await OverlayLab.Start(2);
        await Guests(lab);
        var third = await lab.AddHost();
        await lab.Driver(third).Apply(Third(1, 1, 2), default);
        await lab.Driver(1).Apply(First(2, 2, 3), default);
        await lab.Driver(2).Apply(Second(2, 1, 3), default);

        var c = await lab.Host(third).Guest(Sample.Inside, Sample.PortC, "fa:16:3e:00:00:0c");
        Assert.Equal("10.8.0.12", (await lab.Host(third).Lease(c))["ip"]);

        Assert.True(await NetworkLab.Reaches(c, "10.8.0.10"), "c does not reach a");
        Assert.True(await NetworkLab.Reaches(c, Outside), "c does not reach the world");
    }

    [SkippableFact]
    public async Task A_guest_rebuilt_on_another_host_is_not_looked_for_on_the_dead_one()
    {
        await using var lab = await OverlayLab.Start(3);
        var (_, b) = await Guests(lab);
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"));
        Assert.Contains(await lab.Entries(2), entry => entry.Mac == NetworkSamples.MacA && entry.Host == OverlayLab.Address(1));
        await lab.Kill(1);

        await lab.Driver(3).Apply(First(1, 2), default);
        await lab.Driver(2).Apply(Second(2, 3), default);

        Assert.DoesNotContain(await lab.Entries(2), entry => entry.Host == OverlayLab.Address(1));
        var a = await lab.Host(3).Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        Assert.Equal("10.8.0.10", (await lab.Host(3).Lease(a))["ip"]);
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"), "b does not reach a where it is now");
    }

    [SkippableFact]
    public async Task A_network_that_is_all_on_one_host_has_no_tunnel()
    {
        await using var lab = await OverlayLab.Start(2);
        await Guests(lab);
        Assert.NotEmpty(await lab.Entries(1));

        await lab.Driver(1).Apply(First(2), default);

        Assert.Empty(await lab.Entries(1));
        Assert.False(await NetworkLab.Works(lab.Host(1).Host, "ip", "link", "show", "dev", DeviceNames.Tunnel(Sample.Inside)));
    }

    [SkippableFact]
    public async Task Who_is_no_host_of_the_cloud_cannot_send_into_a_network()
    {
        await using var lab = await OverlayLab.Start(2);
        await Guests(lab);
        await NetworkLab.Ip(
            lab.Underlay,
            $"link add intruder type vxlan id {Sample.InsideNetwork().Vni} remote {OverlayLab.Address(1)} local 10.99.0.254 dstport 4789",
            "addr add 10.8.0.66/24 dev intruder",
            "link set intruder mtu 1450 up");
        Assert.False(await NetworkLab.Pings(lab.Underlay, "10.8.0.10"));

        // The same from a host's address gets through, so it is not for something else that nothing came.
        await lab.Driver(1).Apply(First(2, 2, 254), default);
        Assert.True(await NetworkLab.Reaches(lab.Underlay, "10.8.0.10"));
    }

    [SkippableTheory]
    [InlineData("ip -n {host} link delete {tunnel}")]
    [InlineData("ip -n {host} link delete {bridge}")]
    [InlineData("ip -n {host} link set {tunnel} nomaster")]
    [InlineData("ip -n {host} link set {tunnel} down")]
    [InlineData("ip -n {host} link set {tunnel} mtu 1300")]
    [InlineData("bridge -n {host} fdb delete 00:00:00:00:00:00 dev {tunnel} dst 10.99.0.2")]
    [InlineData("bridge -n {host} fdb append 00:00:00:00:00:00 dev {tunnel} dst 10.99.0.77")]
    [InlineData("bridge -n {host} fdb replace fa:16:3e:00:00:0b dev {tunnel} dst 10.99.0.77")]
    [InlineData("ip netns exec {host} nft flush ruleset")]
    public async Task What_others_broke_of_a_tunnel_is_repaired_by_the_same_state(string command)
    {
        await using var lab = await OverlayLab.Start(2);
        var (_, b) = await Guests(lab);
        var filled = command.Replace("{host}", lab.Host(1).Host, StringComparison.Ordinal)
            .Replace("{tunnel}", DeviceNames.Tunnel(Sample.Inside), StringComparison.Ordinal)
            .Replace("{bridge}", DeviceNames.Bridge(Sample.Inside), StringComparison.Ordinal);
        await NetworkLab.Run(null, filled.Split(' '));

        await lab.Driver(1).Apply(First(1, 2), default);

        Assert.All(await lab.Entries(1), entry => Assert.Equal(OverlayLab.Address(2), entry.Host));
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"), "b does not reach a");
        Assert.True(await PingsWith(b, 1400));
    }

    [SkippableFact]
    public async Task A_tunnel_of_another_kind_is_made_anew()
    {
        await using var lab = await OverlayLab.Start(2);
        var (_, b) = await Guests(lab);
        var (host, tunnel) = (lab.Host(1).Host, DeviceNames.Tunnel(Sample.Inside));
        await NetworkLab.Ip(host, $"link delete {tunnel}", $"link add {tunnel} type vxlan id 77 local 10.99.0.1 dstport 4789");

        await lab.Driver(1).Apply(First(1, 2), default);

        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"), "b does not reach a");
    }

    [SkippableFact]
    public async Task A_new_agent_touches_no_tunnel()
    {
        await using var lab = await OverlayLab.Start(2);
        await Guests(lab);
        await using var next = lab.Host(1).Driver();

        await next.Apply(First(2, 2), default);

        // The listing of links, and the rules.
        Assert.Equal(2, next.ProcessesStarted);
    }

    [SkippableFact]
    public async Task Cleanup_takes_the_tunnels_away()
    {
        await using var lab = await OverlayLab.Start(2);
        await lab.Driver(1).Apply(First(1, 2), default);
        Assert.NotEmpty(await lab.Entries(1));

        await lab.Driver(1).Cleanup(default);

        Assert.DoesNotContain("fabric:", await NetworkLab.Run(lab.Host(1).Host, "ip", "-details", "link"), StringComparison.Ordinal);
    }

    private static DesiredPort PortA() => Sample.Whole(1).Ports[0];

    private static DesiredNetwork Inside(int dhcpHost, int[] peers) => Sample.InsideNetwork() with
    {
        DhcpHosts = [Sample.InsideNetwork().DhcpHosts[dhcpHost]],
        Vteps = [.. peers.Select(OverlayLab.Address)],
    };

    private static DesiredNetworking First(long generation, params int[] peers) => new()
    {
        Generation = generation,
        Networks = [Inside(0, peers)],
        Ports = [PortA()],
    };

    private static DesiredNetworking Second(long generation, params int[] peers) => Sample.Whole(generation) with
    {
        Networks = [Inside(1, peers), Sample.OutsideNetwork()],
        Ports = [Sample.Whole(1).Ports[1]],
    };

    private static DesiredNetworking Third(long generation, params int[] peers)
    {
        const string mac = "fa:16:3e:00:00:0c";
        var network = Inside(0, peers) with { DhcpHosts = [new(Sample.PortC, mac, "10.8.0.12", Sample.Subnet(5), "vm-c")] };
        return new()
        {
            Generation = generation,
            Networks = [network],
            Ports = [Sample.GuestPort(Sample.PortC, Sample.InstanceB, mac, "10.8.0.12", [NetworkSamples.Egress(4)])],
        };
    }

    private static async Task<(string A, string B)> Guests(OverlayLab lab)
    {
        await lab.Driver(1).Apply(First(1, 2), default);
        await lab.Driver(2).Apply(Second(1, 1), default);
        var a = await lab.Host(1).Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Host(2).Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        Assert.Equal("10.8.0.10", (await lab.Host(1).Lease(a))["ip"]);
        Assert.Equal("10.8.0.11", (await lab.Host(2).Lease(b))["ip"]);
        return (a, b);
    }

    private static Task<bool> PingsWith(string guest, int payload) => NetworkLab.Works(
        guest, "ping", "-c", "1", "-w", "10", "-i", "0.2", "-n", "-M", "do", "-s", $"{payload}", "10.8.0.10");
}
