using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Network;

public sealed class Ipv6ApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Theory]
    [InlineData("slaac", "dhcpv6-stateful", true, "If both attributes are set, they must be the same value")]
    [InlineData("slaac", "slaac", false, "cannot be set when enable_dhcp is set to False")]
    [InlineData("slaac", null, false, "cannot be set when enable_dhcp is set to False")]
    public async Task Modes_that_do_not_fit_together_are_refused(string? ra, string? address, bool dhcp, string words)
    {
        var network = (await demo.Make("networks", new { name = "v6-modes" })).Id();
        var error = await demo.Make("subnets", new
        {
            network_id = network,
            ip_version = 6,
            cidr = "2001:db8:1::/64",
            ipv6_ra_mode = ra,
            ipv6_address_mode = address,
            enable_dhcp = dhcp,
        }, 400);
        Assert.Equal("InvalidInput", error.Text("type"));
        Assert.Contains(words, error.Text("message"));
    }

    [Fact]
    public async Task A_guest_that_makes_its_address_needs_a_prefix_of_64()
    {
        var network = (await demo.Make("networks", new { name = "v6-prefix" })).Id();
        var error = await Subnet(network, "2001:db8:2::/80", "slaac", 400);
        Assert.Equal("Invalid input for operation: Invalid CIDR 2001:db8:2::/80 for IPv6 address mode. OpenStack uses the EUI-64 address "
            + "format, which requires the prefix to be /64.", error.Text("message"));
    }

    [Theory]
    [InlineData("slaac")]
    [InlineData("dhcpv6-stateless")]
    public async Task A_port_of_both_versions_has_the_address_that_its_guest_makes(string mode)
    {
        var (network, v4) = await demo.MakeNetwork("v6-dual-" + mode);
        var v6 = (await Subnet(network, "2001:db8:3::/64", mode)).Id();
        var port = await admin.Make("ports", new { network_id = network, mac_address = "fa:16:3e:12:34:56" });
        Assert.Equal([v4, v6], Addresses(port).Select(static ip => ip.Subnet));
        Assert.Equal("2001:db8:3:0:f816:3eff:fe12:3456", Addresses(port)[1].Address);

        // Also where the user names the other address alone.
        var named = await admin.Make("ports", new
        {
            network_id = network,
            mac_address = "fa:16:3e:12:34:57",
            fixed_ips = new[] { new { subnet_id = v4 } },
        });
        Assert.Equal("2001:db8:3:0:f816:3eff:fe12:3457", Addresses(named)[1].Address);
    }

    [Fact]
    public async Task No_other_address_can_be_had_where_guests_make_theirs()
    {
        var network = (await demo.Make("networks", new { name = "v6-other" })).Id();
        var v6 = (await Subnet(network, "2001:db8:4::/64", "slaac")).Id();
        var error = await admin.Make("ports", new
        {
            network_id = network,
            fixed_ips = new[] { new { subnet_id = v6, ip_address = "2001:db8:4::77" } },
        }, 400);
        Assert.Contains($"can not be directly assigned to a port on subnet {v6}", error.Text("message"));
    }

    [Fact]
    public async Task A_stateful_subnet_gives_addresses_from_its_pools()
    {
        var network = (await demo.Make("networks", new { name = "v6-stateful" })).Id();
        await Subnet(network, "2001:db8:5::/64", "dhcpv6-stateful");
        var port = await demo.Make("ports", new { network_id = network });
        Assert.StartsWith("2001:db8:5::", Addresses(port).Single().Address);
    }

    [Fact]
    public async Task Ports_that_are_there_get_and_lose_their_address_with_the_subnet()
    {
        var (network, _) = await demo.MakeNetwork("v6-later");
        var port = (await demo.Make("ports", new { network_id = network })).Id();
        var bare = (await demo.Make("ports", new { network_id = network, fixed_ips = Array.Empty<object>() })).Id();
        var v6 = (await Subnet(network, "2001:db8:6::/64", "slaac")).Id();
        Assert.Contains(Addresses(await demo.One("ports", port)), ip => ip.Subnet == v6);
        Assert.Empty(Addresses(await demo.One("ports", bare)));

        await demo.Remove("subnets", v6);
        Assert.Single(Addresses(await demo.One("ports", port)));
    }

    [Fact]
    public async Task A_subnet_with_a_router_on_it_stays()
    {
        var network = (await demo.Make("networks", new { name = "v6-router" })).Id();
        var v6 = (await Subnet(network, "2001:db8:7::/64", "slaac")).Id();
        var router = (await demo.Make("routers", new { name = "v6-r" })).Id();
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = v6 });
        Assert.Equal("SubnetInUse", (await demo.Remove("subnets", v6, 409)).GetProperty("NeutronError").Text("type"));
    }

    [Fact]
    public async Task A_router_has_one_leg_for_all_ipv6_subnets_of_a_network()
    {
        var (network, v4) = await demo.MakeNetwork("v6-leg", "10.77.0.0/24");
        var one = (await Subnet(network, "2001:db8:8::/64", "slaac")).Id();
        var two = (await Subnet(network, "2001:db8:9::/64", "slaac")).Id();
        var router = (await demo.Make("routers", new { name = "v6-leg" })).Id();
        var first = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = v4 });
        var second = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = one });
        var third = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = two });
        Assert.NotEqual(first.Text("port_id"), second.Text("port_id"));
        Assert.Equal(second.Text("port_id"), third.Text("port_id"));
        Assert.Equal(["2001:db8:8::1", "2001:db8:9::1"], await Addresses(third.Text("port_id")));

        await demo.Act($"routers/{router}/remove_router_interface", new { subnet_id = one });
        Assert.Equal(["2001:db8:9::1"], await Addresses(third.Text("port_id")));
        await demo.Act($"routers/{router}/remove_router_interface", new { subnet_id = two });
        await demo.Get($"ports/{third.Text("port_id")}", 404);
    }

    [Fact]
    public async Task A_subnet_whose_advertisements_come_from_elsewhere_takes_no_router()
    {
        var network = (await demo.Make("networks", new { name = "v6-external" })).Id();
        var v6 = (await demo.Make("subnets", new
        {
            network_id = network,
            ip_version = 6,
            cidr = "2001:db8:a::/64",
            ipv6_address_mode = "slaac",
        })).Id();
        var router = (await demo.Make("routers", new { name = "v6-external" })).Id();
        var error = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = v6 }, 400);
        Assert.Contains("configured to receive RAs from an external router cannot be added to Neutron Router",
            error.GetProperty("NeutronError").Text("message"));
    }

    [Fact]
    public async Task The_reconciler_finishes_what_a_crash_left_between_a_subnet_and_its_ports()
    {
        var (network, _) = await demo.MakeNetwork("v6-crash");
        var v6 = (await Subnet(network, "2001:db8:b::/64", "slaac")).Id();
        var port = (await demo.Make("ports", new { network_id = network })).Id();

        // As after a death before this port was told of the subnet.
        await fixture.Cloud.Grains.GetGrain<IPortGrain>(PortId.Parse(port)).Readdress([SubnetId.Parse(v6)], []);
        await fixture.Cloud.Grains.GetGrain<INetworkGrain>(NetworkId.Parse(network)).Repair();

        Assert.Contains(Addresses(await demo.One("ports", port)), ip => ip.Subnet == v6);
    }

    private Task<JsonElement> Subnet(string network, string cidr, string mode, int status = 201) => demo.Make("subnets", new
    {
        network_id = network,
        ip_version = 6,
        cidr,
        ipv6_ra_mode = mode,
        ipv6_address_mode = mode,
    }, status);

    private async Task<IEnumerable<string>> Addresses(string port) =>
        Addresses(await demo.One("ports", port)).Select(static ip => ip.Address);

    private static (string Subnet, string Address)[] Addresses(JsonElement port) =>
        [.. port.GetProperty("fixed_ips").EnumerateArray().Select(static ip => (ip.Text("subnet_id"), ip.Text("ip_address")))];
}
