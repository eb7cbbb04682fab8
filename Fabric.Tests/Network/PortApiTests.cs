using System.Net.Http.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class PortApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task A_port_gets_an_address_a_mac_and_its_projects_default_group()
    {
        var (network, subnet) = await demo.MakeNetwork("ports-1");
        var port = await demo.Make("ports", new { network_id = network, name = "p" });
        Assert.StartsWith("fa:16:3e:", port.Text("mac_address"));
        Assert.Equal(subnet, port.GetProperty("fixed_ips")[0].Text("subnet_id"));
        Assert.Equal("DOWN", port.Text("status"));
        var group = (await demo.All("security-groups", "?name=default")).Single();
        Assert.Equal(group.Id(), port.GetProperty("security_groups")[0].GetString());
        Assert.False(port.TryGetProperty("binding:host_id", out _));
        Assert.Equal("unbound", (await admin.One("ports", port.Id())).Text("binding:vif_type"));
    }

    [Fact]
    public async Task An_address_whose_port_died_before_the_network_heard_of_it_can_be_had_again()
    {
        var (network, subnet) = await demo.MakeNetwork("ports-died");
        var grain = fixture.Cloud.Grains.GetGrain<INetworkGrain>(NetworkId.Parse(network));
        var address = (await demo.Make("ports", new { network_id = network })).GetProperty("fixed_ips")[0].Text("ip_address")!;
        // What the network heard last of a port that a killed silo deleted.
        var next = address[..(address.LastIndexOf('.') + 1)] + "200";
        await grain.Settle(PortId.New(), [new(SubnetId.Parse(subnet), next)]);

        var port = await demo.Make("ports", new { network_id = network, fixed_ips = new[] { new { ip_address = next } } });
        Assert.Equal(next, port.GetProperty("fixed_ips")[0].Text("ip_address"));

        var taken = new { port = new { network_id = network, fixed_ips = new[] { new { ip_address = address } } } };
        await (await demo.PostAsJsonAsync("/networking/v2.0/ports", taken)).Json(409);
    }

    [Fact]
    public async Task A_full_subnet_looks_again_at_who_is_really_there()
    {
        var network = (await demo.Make("networks", new { name = "ports-full" })).Id();
        var subnet = (await demo.Make("subnets", new
        {
            network_id = network, ip_version = 4, cidr = "10.77.0.0/24", enable_dhcp = false,
            allocation_pools = new[] { new { start = "10.77.0.10", end = "10.77.0.10" } },
        })).Id();
        var grain = fixture.Cloud.Grains.GetGrain<INetworkGrain>(NetworkId.Parse(network));
        await grain.Settle(PortId.New(), [new(SubnetId.Parse(subnet), "10.77.0.10")]);

        var port = await demo.Make("ports", new { network_id = network });
        Assert.Equal("10.77.0.10", port.GetProperty("fixed_ips")[0].Text("ip_address"));
        await (await demo.PostAsJsonAsync("/networking/v2.0/ports", new { port = new { network_id = network } })).Json(409);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pages_by_id_are_the_whole_list_cut_both_ways(bool asAdmin)
    {
        var client = asAdmin ? admin : demo;
        var (network, _) = await demo.MakeNetwork("ports-pages");
        var (other, _) = await demo.MakeNetwork("ports-pages-other");
        for (var made = 0; made < 6; made++)
            await demo.Make("ports", new { network_id = made % 3 == 0 ? other : network, name = "paged" });
        // Of the DHCP agent's and not the project's, on its network: two questions to the index meet in one page.
        foreach (var query in (string[])["name=paged&", $"network_id={network}&", $"name=paged&network_id={network}&"])
        {
            var all = (await client.All("ports", $"?{query}")).Select(static port => port.Id()).ToArray();
            Assert.Equal(all.Order(StringComparer.Ordinal), all);
            for (var limit = 1; limit <= 3; limit++)
            {
                for (var at = 0; at < all.Length; at++)
                {
                    var next = await client.All("ports", $"?{query}limit={limit}&marker={all[at]}");
                    Assert.Equal(all.Skip(at + 1).Take(limit), next.Select(static port => port.Id()));
                    var before = await client.All("ports", $"?{query}limit={limit}&marker={all[at]}&page_reverse=true");
                    Assert.Equal(all.Take(at).TakeLast(limit), before.Select(static port => port.Id()));
                }

                Assert.Equal(all.Take(limit), (await client.All("ports", $"?{query}limit={limit}")).Select(static port => port.Id()));
                Assert.Equal(all.TakeLast(limit),
                    (await client.All("ports", $"?{query}limit={limit}&page_reverse=true")).Select(static port => port.Id()));
            }
        }
    }

    [Fact]
    public async Task A_marker_that_the_caller_does_not_see_is_not_there()
    {
        var network = (await admin.Make("networks", new { name = "ports-foreign" })).Id();
        var foreign = (await admin.Make("ports", new { network_id = network })).Id();
        Assert.Equal("PortNotFound", (await demo.Get($"ports?limit=1&marker={foreign}", 404)).GetProperty("NeutronError").Text("type"));
        Assert.Equal("NetworkNotFound",
            (await demo.Get($"networks?limit=1&marker={network}", 404)).GetProperty("NeutronError").Text("type"));
        Assert.Equal("PortNotFound",
            (await admin.Get($"ports?limit=1&marker={Guid.NewGuid()}", 404)).GetProperty("NeutronError").Text("type"));
    }

    [Fact]
    public async Task The_dhcp_port_is_there_with_the_subnet_and_goes_with_the_network()
    {
        var (network, subnet) = await demo.MakeNetwork("ports-2");
        var dhcp = (await demo.All("ports", $"?network_id={network}&device_owner=network:dhcp")).Single();
        Assert.Equal(subnet, dhcp.GetProperty("fixed_ips")[0].Text("subnet_id"));
        await demo.Remove("networks", network);
        Assert.Empty(await admin.All("ports", $"?network_id={network}"));
        await demo.Get($"subnets/{subnet}", 404);
    }

    [Fact]
    public async Task An_address_asked_for_is_given_once()
    {
        var (network, _) = await demo.MakeNetwork("ports-3");
        var wanted = new { network_id = network, fixed_ips = new[] { new { ip_address = "10.0.0.77" } } };
        var port = await demo.Make("ports", wanted);
        var error = await demo.Make("ports", wanted, 409);
        Assert.Equal("IpAddressInUse", error.Text("type"));
        Assert.Equal($"Unable to complete operation for network {network}. The IP address 10.0.0.77 is in use.", error.Text("message"));
        Assert.Equal(port.Id(), (await demo.All("ports", "?fixed_ips=ip_address=10.0.0.77")).Single().Id());
        Assert.Contains(await demo.All("ports", "?fixed_ips=ip_address_substr=0.77"), one => one.Id() == port.Id());
        await demo.Remove("ports", port.Id());
        await demo.Make("ports", wanted);
    }

    [Fact]
    public async Task A_network_without_free_addresses_refuses_ports()
    {
        var (network, _) = await demo.MakeNetwork("ports-4", "10.1.0.0/30");
        // .1 is the gateway's, .2 DHCP's.
        var error = await demo.Make("ports", new { network_id = network }, 409);
        Assert.Equal("IpAddressGenerationFailure", error.Text("type"));
        Assert.Equal($"No more IP addresses available on network {network}.", error.Text("message"));
    }

    [Fact]
    public async Task Ports_made_at_the_same_moment_all_have_different_addresses()
    {
        var (network, _) = await demo.MakeNetwork("ports-5");
        var made = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => demo.Make("ports", new { network_id = network })));
        Assert.Equal(40, made.Select(static port => port.GetProperty("fixed_ips")[0].Text("ip_address")).Distinct().Count());
    }

    [Fact]
    public async Task A_mac_address_is_unique_on_its_network()
    {
        var (network, _) = await demo.MakeNetwork("ports-6");
        await demo.Make("ports", new { network_id = network, mac_address = "FA-16-3E-00-00-77" });
        var error = await demo.Make("ports", new { network_id = network, mac_address = "fa:16:3e:00:00:77" }, 409);
        Assert.Equal("MacAddressInUse", error.Text("type"));
    }

    [Fact]
    public async Task A_ports_addresses_and_groups_are_changed()
    {
        var (network, subnet) = await demo.MakeNetwork("ports-7");
        var port = await demo.Make("ports", new { network_id = network });
        var changed = await demo.Change("ports", port.Id(), new
        {
            fixed_ips = new object[] { new { subnet_id = subnet, ip_address = "10.0.0.50" },
                new { subnet_id = subnet, ip_address = "10.0.0.51" } },
            security_groups = Array.Empty<string>(),
            port_security_enabled = false,
        });
        Assert.Equal(2, changed.GetProperty("fixed_ips").GetArrayLength());
        Assert.Empty(changed.GetProperty("security_groups").EnumerateArray());
        // The address it had before is free again.
        var old = port.GetProperty("fixed_ips")[0].Text("ip_address");
        await demo.Make("ports", new { network_id = network, fixed_ips = new[] { new { ip_address = old } } });
        Assert.Equal("AddressPairAndPortSecurityRequired",
            (await demo.Change("ports", port.Id(), new { allowed_address_pairs = new[] { new { ip_address = "10.0.0.9" } } }, 409))
                .Text("type"));
    }

    [Theory]
    [InlineData("""{"fixed_ips": [{"ip_address": "10.0.1.300"}]}""", 400)]
    [InlineData("""{"fixed_ips": "x"}""", 400)]
    [InlineData("""{"mac_address": "zz"}""", 400)]
    [InlineData("""{"security_groups": ["00000000-0000-0000-0000-000000000001"]}""", 404)]
    [InlineData("""{"fixed_ips": [{"ip_address": "172.31.0.5"}]}""", 400)]
    [InlineData("""{"binding:host_id": "node"}""", 403)]
    [InlineData("""{"binding:profile": {"a": 1}}""", 403)]
    [InlineData("""{"network_id": "x"}""", 400)]
    public async Task A_port_that_cannot_be_is_refused(string attributes, int status)
    {
        var (network, _) = await demo.MakeNetwork("ports-8");
        var body = System.Text.Json.Nodes.JsonNode.Parse(attributes)!.AsObject();
        body.TryAdd("network_id", network);
        using var answer = await demo.PostAsJsonAsync($"{NetworkCalls.Root}/ports", new { port = body });
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_port_cannot_pose_as_a_leg_of_another_projects_router()
    {
        var router = (await admin.Make("routers", new { name = "foreign" })).Id();
        var (network, _) = await demo.MakeNetwork("ports-11");
        var posing = new { network_id = network, device_owner = "network:router_interface", device_id = router };
        Assert.Equal("DeviceIDNotOwnedByTenant", (await demo.Make("ports", posing, 409)).Text("type"));
        var plain = await demo.Make("ports", new { network_id = network });
        await demo.Change("ports", plain.Id(), new { device_owner = "network:router_gateway", device_id = router }, 409);
    }

    [Fact]
    public async Task A_subnet_with_a_port_stays_and_without_one_goes()
    {
        var (network, subnet) = await demo.MakeNetwork("ports-9");
        var port = await demo.Make("ports", new { network_id = network });
        Assert.Equal("SubnetInUse", (await demo.Remove("subnets", subnet, 409)).GetProperty("NeutronError").Text("type"));
        await demo.Remove("ports", port.Id());
        await demo.Remove("subnets", subnet);
        Assert.Empty((await demo.One("networks", network)).GetProperty("subnets").EnumerateArray());
    }

    [Fact]
    public async Task How_full_a_network_is_can_be_asked()
    {
        var (network, _) = await demo.MakeNetwork("ports-10");
        var answer = (await admin.Get($"network-ip-availabilities/{network}")).GetProperty("network_ip_availability");
        Assert.Equal(253, answer.GetProperty("total_ips").GetInt32());
        Assert.Equal(1, answer.GetProperty("used_ips").GetInt32());
    }
}
