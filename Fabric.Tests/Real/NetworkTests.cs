using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;

namespace Fabric.Tests.Real;

/// <summary>What guests of a host see, with namespaces in the guests' place.</summary>
public sealed class NetworkTests
{
    private const string HostAddress = "198.51.100.1";
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task A_guest_gets_its_address_routes_and_mtu_by_dhcp()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var guest = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);

        var lease = await lab.Lease(guest);

        Assert.Equal("10.8.0.10", lease["ip"]);
        Assert.Equal("10.8.0.1", lease["router"]);
        Assert.Equal("1450", lease["mtu"]);
        Assert.Equal("192.0.2.53 192.0.2.54", lease["dns"]);
        Assert.Equal("openstacklocal", lease["domain"]);
        Assert.Equal("vm-a", lease["hostname"]);
        Assert.Equal("169.254.169.254/32 10.8.0.2 203.0.113.0/24 10.8.0.9 0.0.0.0/0 10.8.0.1", lease["staticroutes"]);
    }

    [SkippableFact]
    public async Task A_guest_plugged_in_later_is_served_by_the_same_dhcp_process()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        var network = whole.Networks[0];
        await driver.Apply(whole with { Networks = [network with { DhcpHosts = [network.DhcpHosts[0]] }, whole.Networks[1]] }, default);
        var pid = await DhcpPid(lab);

        await driver.Apply(Sample.Whole(2), default);

        var guest = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        Assert.Equal("10.8.0.11", (await lab.Lease(guest))["ip"]);
        Assert.Equal(pid, await DhcpPid(lab));
    }

    [SkippableFact]
    public async Task An_address_given_to_another_port_is_leased_to_it_at_once()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var first = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        await lab.Lease(first);
        var whole = Sample.Whole(2);
        var network = whole.Networks[0];
        var ports = new[] { whole.Ports[1] with { IpAddresses = ["10.8.0.10"] } };

        await driver.Apply(whole with { Ports = [], Networks = [network with { DhcpHosts = [] }, whole.Networks[1]] }, default);
        var hosts = new[] { network.DhcpHosts[1] with { IpAddress = "10.8.0.10" } };
        await driver.Apply(
            whole with { Generation = 3, Ports = ports, Networks = [network with { DhcpHosts = hosts }, whole.Networks[1]] }, default);

        var second = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);
        Assert.Equal("10.8.0.10", (await lab.Lease(second))["ip"]);
    }

    [SkippableFact]
    public async Task A_guest_reaches_the_world_and_is_reached_by_its_floating_address()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var (a, b) = await Guests(lab);

        Assert.True(await NetworkLab.Reaches(a, "10.8.0.1"), "a does not reach its router");
        Assert.True(await NetworkLab.Reaches(a, HostAddress), "a does not reach the host through the router");
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkSamples.FloatingA), "the host does not reach a's floating address");

        await using var server = await NetworkLab.Serve(lab.Host, 80);
        Assert.Equal(NetworkSamples.FloatingA, await server.SeenFrom(a, HostAddress));
        Assert.Equal("198.51.100.10", await server.SeenFrom(b, HostAddress));
    }

    [SkippableFact]
    public async Task A_guest_reaches_its_neighbour_by_the_neighbours_floating_address()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var (a, b) = await Guests(lab);

        await using var server = await NetworkLab.Serve(a, 80);

        Assert.NotNull(await server.SeenFrom(b, NetworkSamples.FloatingA));
    }

    [SkippableFact]
    public async Task Security_groups_allow_what_they_say_and_nothing_else()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var (a, b) = await Guests(lab);
        await using var web = await NetworkLab.Serve(a, 80);
        await using var other = await NetworkLab.Serve(a, 443);
        await using var ssh = await NetworkLab.Serve(b, 22);

        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"), "ICMP to a is allowed");
        Assert.False(await NetworkLab.Pings(a, "10.8.0.11"), "ICMP to b is not allowed");
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10", 80), "port 80 of a is allowed");
        Assert.False(await NetworkLab.Connects(b, "10.8.0.10", 443), "port 443 of a is not allowed");
        Assert.True(await NetworkLab.Reaches(a, "10.8.0.11", 22), "port 22 of b is allowed from the group that a is in");
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkSamples.FloatingA, 80), "port 80 of a is allowed from outside");
        Assert.False(await NetworkLab.Connects(lab.Host, NetworkSamples.FloatingA, 443), "port 443 of a is not allowed from outside");

        var whole = Sample.Whole(2);
        await driver.Apply(whole with { Ports = [whole.Ports[0], whole.Ports[1] with { Rules = [NetworkSamples.Egress(4)] }] }, default);
        Assert.False(await NetworkLab.Connects(a, "10.8.0.11", 22), "the rule is gone");

        await driver.Apply(whole with { Generation = 3, Ports = [whole.Ports[0] with { Rules = [] }, whole.Ports[1]] }, default);
        Assert.False(await NetworkLab.Connects(a, "10.8.0.11", 22), "a may not send any more");
    }

    [SkippableFact]
    public async Task A_connection_ends_when_its_rule_goes()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        await driver.Apply(whole, default);
        var (a, b) = await Guests(lab);
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.10"));

        // The same echo identifier continues the tracked "connection".
        string[] ping = ["ping", "-c", "1", "-w", "2", "-i", "0.2", "-n", "-e", "77", "10.8.0.10"];
        Assert.True(await NetworkLab.Works(b, ping));
        var narrowed = whole.Ports[0] with { Rules = [NetworkSamples.Egress(4)] };
        await driver.Apply(whole with { Generation = 2, Ports = [narrowed, whole.Ports[1]] }, default);

        Assert.False(await NetworkLab.Works(b, ping));
    }

    [SkippableFact]
    public async Task A_guest_can_use_no_address_but_its_own()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.Whole(1);
        await driver.Apply(whole, default);
        var (_, b) = await Guests(lab);
        await NetworkLab.Ip(b, "addr add 10.8.0.99/24 dev eth0");
        string[] spoofed = ["ping", "-c", "1", "-w", "2", "-i", "0.2", "-n", "-I", "10.8.0.99", "10.8.0.1"];

        Assert.True(await NetworkLab.Reaches(b, "10.8.0.1"));
        Assert.False(await NetworkLab.Works(b, spoofed), "a foreign address passed");

        await driver.Apply(Pairs(2, new DesiredAddressPair(NetworkSamples.MacB, "10.8.0.96/29")), default);
        Assert.True(await NetworkLab.Works(b, [.. spoofed, "-w", "10"]), "an allowed address pair did not pass");

        await driver.Apply(Pairs(3), default);
        Assert.False(await NetworkLab.Works(b, spoofed), "the pair is gone");

        await NetworkLab.Ip(b, "link set eth0 address fa:16:3e:00:00:77");
        Assert.False(await NetworkLab.Pings(b, "10.8.0.1"), "a foreign MAC passed");

        await driver.Apply(whole with { Generation = 4, Ports = [whole.Ports[0], whole.Ports[1] with { PortSecurity = false }] }, default);
        Assert.True(await NetworkLab.Reaches(b, "10.8.0.1"), "without port security anything passes");

        DesiredNetworking Pairs(long generation, params DesiredAddressPair[] pairs) =>
            whole with { Generation = generation, Ports = [whole.Ports[0], whole.Ports[1] with { AllowedAddressPairs = pairs }] };
    }

    [SkippableFact]
    public async Task A_tap_that_no_port_stands_for_is_cut_off()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1) with { Ports = [] }, default);

        var (a, _) = await Guests(lab);

        Assert.False(await NetworkLab.Pings(a, "10.8.0.1"));
    }

    [SkippableFact]
    public async Task A_floating_address_moves_without_a_pause_for_others()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.Whole(1), default);
        var (a, b) = await Guests(lab);
        await using var ofA = await NetworkLab.Serve(a, 80);
        await using var ofB = await NetworkLab.Serve(b, 80);
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkSamples.FloatingA, 80));
        var whole = Sample.Whole(2);
        List<DesiredPort> ports = [whole.Ports[0], whole.Ports[1] with { Rules = whole.Ports[0].Rules }];

        var moved = Sample.GuestRouter(new DesiredFloatingIp(NetworkSamples.FloatingA, "10.8.0.11"));
        await driver.Apply(whole with { Ports = ports, Routers = [moved] }, default);
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkSamples.FloatingA));
        Assert.NotNull(await ofB.SeenFrom(lab.Host, NetworkSamples.FloatingA));

        await driver.Apply(whole with { Generation = 3, Ports = ports, Routers = [Sample.GuestRouter()] }, default);
        Assert.False(await NetworkLab.Pings(lab.Host, NetworkSamples.FloatingA), "the address is gone");
        Assert.Equal("198.51.100.10", await SeenByHost(lab, a));
    }

    [SkippableFact]
    public async Task Two_networks_with_the_same_addresses_do_not_meet()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var (one, two) = (Sample, new NetworkSamples(Random.Shared.Next(0x100, 0xffff)));
        var (first, second) = (one.Whole(1), two.Whole(1));
        await driver.Apply(
            first with
            {
                Networks = [first.Networks[0], second.Networks[0], first.Networks[1]],
                Ports = [.. first.Ports, .. second.Ports],
                Routers = [.. first.Routers, second.Routers[0] with { Gateway = null, FloatingIps = [] }],
            },
            default);
        var (a1, b1) = await Guests(lab);
        var (a2, b2) = await Guests(lab, two);
        await using var server1 = await NetworkLab.Serve(a1, 80);
        await using var server2 = await NetworkLab.Serve(a2, 80);

        // The same addresses and the same source port at the same time: only the zones tell the connections apart.
        Assert.True(await NetworkLab.Reaches(b1, "10.8.0.10", 80, fromPort: 5000));
        Assert.True(await NetworkLab.Reaches(b2, "10.8.0.10", 80, fromPort: 5000));
        var tracked = await NetworkLab.Run(lab.Host, "conntrack", "-L", "-p", "tcp", "--orig-port-src", "5000");
        Assert.Equal(2, tracked.Split([' ', '\n']).Where(word => word.StartsWith("zone=", StringComparison.Ordinal)).Distinct().Count());
    }

    internal static async Task<string> DhcpPid(NetworkLab lab) =>
        (await File.ReadAllTextAsync(Path.Combine(lab.State, "dhcp", Sample.Inside.Text, "pid"))).Trim();

    private static async Task<string?> SeenByHost(NetworkLab lab, string guest)
    {
        await using var server = await NetworkLab.Serve(lab.Host, 8081);
        return await server.SeenFrom(guest, HostAddress);
    }

    private static async Task<(string A, string B)> Guests(NetworkLab lab, NetworkSamples? sample = null)
    {
        var a = await lab.Guest((sample ?? Sample).Inside, (sample ?? Sample).PortA, NetworkSamples.MacA);
        var b = await lab.Guest((sample ?? Sample).Inside, (sample ?? Sample).PortB, NetworkSamples.MacB);
        await NetworkLab.Ip(a, "addr add 10.8.0.10/24 dev eth0", "route add default via 10.8.0.1");
        await NetworkLab.Ip(b, "addr add 10.8.0.11/24 dev eth0", "route add default via 10.8.0.1");
        return (a, b);
    }
}
