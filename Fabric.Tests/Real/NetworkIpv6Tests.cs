using System.Globalization;
using System.Text;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Drivers;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Real;

/// <summary>What guests see of IPv6: addresses, routes, and each other.</summary>
public sealed class NetworkIpv6Tests
{
    private static readonly TimeSpan Advertised = TimeSpan.FromSeconds(20);
    private static readonly NetworkSamples Sample = new(Random.Shared.Next(0x100, 0xffff));

    [SkippableFact]
    public async Task A_guest_makes_its_address_and_gets_default_route_and_mtu_from_the_router()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.WholeDual(1), default);

        var c = await lab.Guest(Sample.Second, Sample.PortC, NetworkIpv6Samples.MacC);

        await HasAddress(c, NetworkIpv6Samples.AddressC);
        Assert.Contains("default via fe80::f816:3eff:fe00:3 dev eth0 proto ra", await Routes(c), StringComparison.Ordinal);
        Assert.Equal("1400", (await NetworkLab.Run(c, "cat", "/proc/sys/net/ipv6/conf/eth0/mtu")).Trim());
    }

    [SkippableFact]
    public async Task A_guest_with_both_versions_gets_both_addresses()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.WholeDual(1), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);

        Assert.Equal("10.8.0.10", (await lab.Lease(a))["ip"]);
        await HasAddress(a, NetworkIpv6Samples.AddressA);
        Assert.True(await NetworkLab.Reaches(a, "10.8.0.1"));
        Assert.True(await NetworkLab.Reaches(a, "2001:db8:8::1"));
    }

    [SkippableFact]
    public async Task Guests_of_two_networks_meet_through_their_router_as_their_groups_allow()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(Sample.WholeDual(1), default);
        var a = await Up(lab, Sample.Inside, Sample.PortA, NetworkSamples.MacA, NetworkIpv6Samples.AddressA);
        var b = await Up(lab, Sample.Inside, Sample.PortB, NetworkSamples.MacB, NetworkIpv6Samples.AddressB);
        var c = await Up(lab, Sample.Second, Sample.PortC, NetworkIpv6Samples.MacC, NetworkIpv6Samples.AddressC);

        Assert.True(await NetworkLab.Reaches(a, NetworkIpv6Samples.AddressC), "a does not reach c");
        Assert.True(await NetworkLab.Reaches(c, NetworkIpv6Samples.AddressA), "c does not reach a");
        Assert.True(await NetworkLab.Reaches(b, NetworkIpv6Samples.AddressA), "b does not reach a on its own network");
        Assert.False(await NetworkLab.Pings(c, NetworkIpv6Samples.AddressB), "b lets nobody in");
        Assert.False(await NetworkLab.Pings(a, NetworkIpv6Samples.AddressB), "b lets nobody in, from its own network either");
    }

    [SkippableFact]
    public async Task A_guest_can_use_no_ipv6_address_but_its_own()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1);
        await driver.Apply(whole, default);
        var a = await Up(lab, Sample.Inside, Sample.PortA, NetworkSamples.MacA, NetworkIpv6Samples.AddressA);
        await NetworkLab.Ip(a, "addr add 2001:db8:8::99/64 dev eth0 nodad");
        string[] spoofed = ["ping", "-c", "1", "-W", "1", "-n", "-I", "2001:db8:8::99", "2001:db8:8::1"];
        Assert.False(await NetworkLab.Works(a, spoofed), "a foreign address passed");

        var pair = new DesiredAddressPair(NetworkSamples.MacA, "2001:db8:8::90/124");
        await driver.Apply(
            whole with { Generation = 2, Ports = [whole.Ports[0] with { AllowedAddressPairs = [pair] }, whole.Ports[1], whole.Ports[2]] },
            default);

        // The neighbour advertisement for the pair's address passes too, or the router would not find the way back.
        await Eventually.True(() => NetworkLab.Works(a, spoofed), "an allowed address pair passes");
    }

    [SkippableFact]
    public async Task A_guest_is_leased_its_address_by_dhcpv6_where_the_subnet_is_stateful()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1, "dhcpv6-stateful", "2001:db8:8::1234", "2001:db8:8::1235");
        await driver.Apply(WithOptions(whole, new DesiredDhcpOption("59", "http://boot.example/a", 6)), default);
        var a = await lab.Guest(Sample.Inside, Sample.PortA, NetworkSamples.MacA);
        var b = await lab.Guest(Sample.Inside, Sample.PortB, NetworkSamples.MacB);

        var ofA = await LabDhcpv6.Lease(a, NetworkSamples.MacA);
        var ofB = await LabDhcpv6.Lease(b, NetworkSamples.MacB);

        Assert.Equal("2001:db8:8::1234", ofA.Address);
        Assert.Equal("2001:db8:8::1235", ofB.Address);
        Assert.Equal("2001:db8::53 2001:db8::54", LabDhcpv6.Addresses(ofA.Options[23]));
        Assert.Contains("openstacklocal", Encoding.ASCII.GetString(ofA.Options[24]), StringComparison.Ordinal);
        Assert.Equal("http://boot.example/a", Encoding.ASCII.GetString(ofA.Options[59]));
        Assert.False(ofB.Options.ContainsKey(59), "b got what is a's");
        await Eventually.True(
            async () => (await Routes(a)).Contains("default via " + NetworkIpv6Samples.RouterLinkLocal, StringComparison.Ordinal),
            "the router advertises itself", Advertised);
        Assert.DoesNotContain(NetworkIpv6Samples.AddressA, await Addresses(a), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_guest_makes_its_address_and_asks_for_the_rest_where_the_subnet_is_stateless()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        await driver.Apply(
            WithOptions(Sample.WholeDual(1, "dhcpv6-stateless"), new DesiredDhcpOption("59", "http://boot.example/a", 6)), default);
        var a = await Up(lab, Sample.Inside, Sample.PortA, NetworkSamples.MacA, NetworkIpv6Samples.AddressA);

        var options = await LabDhcpv6.Inform(a, NetworkSamples.MacA);

        Assert.Equal("2001:db8::53 2001:db8::54", LabDhcpv6.Addresses(options[23]));
        Assert.Equal("http://boot.example/a", Encoding.ASCII.GetString(options[59]));

        // Its line in dnsmasq's file must not be taken for IPv4's, which has the address.
        Assert.Equal("10.8.0.10", (await lab.Lease(a))["ip"]);
    }

    [SkippableFact]
    public async Task The_advertiser_outlives_the_agent_and_ends_with_its_router()
    {
        await using var lab = await NetworkLab.Start();
        await using (var first = lab.Driver())
        {
            await first.Apply(Sample.WholeDual(1), default);
        }

        var pid = await RadvdPid(lab);
        await using var driver = lab.Driver();
        await driver.Apply(Sample.WholeDual(2), default);
        Assert.Equal(pid, await RadvdPid(lab));

        await driver.Apply(Sample.WholeDual(3, "dhcpv6-stateful", "2001:db8:8::10", "2001:db8:8::11"), default);
        Assert.Equal(pid, await RadvdPid(lab));

        await NetworkLab.Run(null, "kill", "-9", pid);
        await Eventually.True(() => !Runs(lab, pid), "radvd is gone");
        await driver.Apply(Sample.WholeDual(4), default);
        Assert.NotEqual(pid, pid = await RadvdPid(lab));
        Assert.Equal([Sample.Router], (await driver.Observe(default)).Advertisers);

        await driver.Apply(Sample.WholeDual(5) with { Routers = [] }, default);
        Assert.False(Runs(lab, pid), "radvd outlived its router");
    }

    [SkippableFact]
    public async Task A_router_has_its_gateways_and_its_users_routes_of_both_versions()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1);
        var router = whole.Routers[0] with
        {
            Gateway = whole.Routers[0].Gateway! with
            {
                Addresses = ["198.51.100.10/24", "2001:db8:1::10/64"],
                NextHopIpv6 = "2001:db8:1::1",
            },
            Routes = [new("192.168.0.0/24", "10.8.0.9"), new("2001:db8:ff::/48", "2001:db8:8::9")],
        };
        await driver.Apply(whole with { Routers = [router] }, default);
        var ns = DeviceNames.RouterNamespace(Sample.Router, lab.Host);

        Assert.Contains("192.168.0.0/24 via 10.8.0.9", await NetworkLab.Run(ns, "ip", "route"), StringComparison.Ordinal);
        Assert.Contains("2001:db8:ff::/48 via 2001:db8:8::9", await Routes(ns), StringComparison.Ordinal);
        Assert.Contains("default via 2001:db8:1::1", await Routes(ns), StringComparison.Ordinal);

        await driver.Apply(whole with { Generation = 2, Routers = [router with { Routes = [] }] }, default);
        Assert.DoesNotContain("2001:db8:ff::/48", await Routes(ns), StringComparison.Ordinal);
        Assert.Contains("default via 2001:db8:1::1", await Routes(ns), StringComparison.Ordinal);

        // A new agent that must look for itself finds nothing to change.
        await using var second = lab.Driver();
        await second.Apply(whole with { Generation = 2, Routers = [router with { Routes = [] }] }, default);
        await second.Apply(whole with { Generation = 2, Routers = [router with { Routes = [] }] }, default);
        Assert.Contains("default via 2001:db8:1::1", await Routes(ns), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_guest_reaches_the_host_through_its_router_and_is_seen_by_its_own_address()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1);
        var outside = whole.Networks[2] with
        {
            Subnets =
            [
                .. whole.Networks[2].Subnets,
                new() { Id = Sample.Subnet(9), Cidr = "2001:db8:1::/64", GatewayIp = "2001:db8:1::1", DhcpEnabled = false },
            ],
        };
        var gateway = whole.Routers[0].Gateway! with
        {
            Addresses = ["198.51.100.10/24", "2001:db8:1::10/64"],
            NextHopIpv6 = "2001:db8:1::1",
        };
        var dual = whole with
        {
            Networks = [whole.Networks[0], whole.Networks[1], outside],
            Routers = [whole.Routers[0] with { Gateway = gateway }],
        };
        await driver.Apply(dual, default);
        await driver.Apply(dual, default);
        var a = await Up(lab, Sample.Inside, Sample.PortA, NetworkSamples.MacA, NetworkIpv6Samples.AddressA);
        Assert.True(await NetworkLab.Reaches(lab.Host, "2001:db8:1::10"), "the host does not reach the router");
        Assert.False(await NetworkLab.Pings(a, "2001:db8:1::1"), "the answer found its way without a route: the address was translated");

        await NetworkLab.Ip(lab.Host, "-6 route add 2001:db8:8::/64 via 2001:db8:1::10");

        Assert.True(await NetworkLab.Reaches(a, "2001:db8:1::1"), "a does not reach the host through the router");
        Assert.True(await NetworkLab.Reaches(lab.Host, NetworkIpv6Samples.AddressA), "the host does not reach a");
    }

    [SkippableFact]
    public async Task A_router_learns_its_default_route_where_the_api_names_none()
    {
        await using var lab = await NetworkLab.Start();
        await using var driver = lab.Driver();
        var whole = Sample.WholeDual(1);
        await driver.Apply(whole, default);
        var ns = DeviceNames.RouterNamespace(Sample.Router, lab.Host);
        await lab.Add(lab.Host + "-w");
        await NetworkLab.Ip(
            lab.Host, $"link add world type veth peer name eth0 address fa:16:3e:00:00:ee netns {lab.Host}-w",
            $"link set world master {DeviceNames.Bridge(Sample.Outside)} up");
        await NetworkLab.Ip(lab.Host + "-w", "link set eth0 up");
        await NetworkLab.Run(lab.Host + "-w", "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding");
        var conf = Path.Combine(lab.State, "world.conf");
        await File.WriteAllTextAsync(
            conf,
            "interface eth0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix 2001:db8:1::/64 { AdvOnLink on; }; };\n");
        await NetworkLab.Run(lab.Host + "-w", "radvd", "-C", conf, "-p", conf + ".pid", "-m", "syslog");

        await Eventually.True(
            async () => (await Routes(ns)).Contains("default via fe80::f816:3eff:fe00:ee", StringComparison.Ordinal),
            "the router has heard of the world's", Advertised);
        await driver.Apply(whole, default);
        Assert.Contains("default via fe80::f816:3eff:fe00:ee", await Routes(ns), StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8:1:", await NetworkLab.Run(ns, "ip", "-6", "addr"), StringComparison.Ordinal);
    }

    private static DesiredNetworking WithOptions(DesiredNetworking whole, params DesiredDhcpOption[] options) => whole with
    {
        Networks =
        [
            whole.Networks[0] with
            {
                DhcpHosts = [.. whole.Networks[0].DhcpHosts.Select(host => host.PortId == Sample.PortA
                    ? host with { Options = options }
                    : host)],
            },
            .. whole.Networks.Skip(1),
        ],
    };

    private static async Task<string> RadvdPid(NetworkLab lab) =>
        (await NetworkLab.Run(null, "cat", Path.Combine(lab.State, "ra", Sample.Router.Text, "pid"))).Trim();

    private static bool Runs(NetworkLab lab, string pid) => HostDaemons.Has(int.Parse(pid, CultureInfo.InvariantCulture), lab.State);

    private static async Task<string> Up(
        NetworkLab lab, Grains.Kernel.NetworkId network, Grains.Kernel.PortId port, string mac, string address)
    {
        var guest = await lab.Guest(network, port, mac);
        await HasAddress(guest, address);
        return guest;
    }

    private static Task HasAddress(string guest, string address) => Eventually.True(
        async () => (await Addresses(guest)).Contains($"inet6 {address}/64 scope global", StringComparison.Ordinal),
        $"{guest} has {address}", Advertised);

    // One that is still probed for duplicates cannot be used yet.
    private static Task<string> Addresses(string guest) => NetworkLab.Run(guest, "ip", "-6", "addr", "show", "dev", "eth0", "-tentative");

    private static Task<string> Routes(string ns) => NetworkLab.Run(ns, "ip", "-6", "route");
}
