using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class RouterApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task A_floating_address_leads_to_a_port_is_moved_and_given_back()
    {
        var world = await World("fip");
        var port = await demo.Make("ports", new { network_id = world.Network });
        var floating = await demo.Make("floatingips", new { floating_network_id = world.External, port_id = port.Id() });
        Assert.Equal(port.GetProperty("fixed_ips")[0].Text("ip_address"), floating.Text("fixed_ip_address"));
        Assert.Equal(world.Router, floating.Text("router_id"));
        await Eventually.True(async () => (await demo.One("floatingips", floating.Id()))
            .Text("status") == "ACTIVE", "the node translates the address");
        var other = await demo.Make("ports", new { network_id = world.Network });
        var moved = await demo.Change("floatingips", floating.Id(), new { port_id = other.Id() });
        Assert.Equal(other.Id(), moved.Text("port_id"));
        var second = await demo.Make("floatingips", new { floating_network_id = world.External });
        Assert.Equal("FloatingIPPortAlreadyAssociated", (await demo.Change("floatingips", second.Id(), new { port_id = other.Id() }, 409))
            .Text("type"));
        await demo.Remove("ports", other.Id());
        var freed = await demo.One("floatingips", floating.Id());
        Assert.Equal(JsonValueKind.Null, freed.GetProperty("port_id").ValueKind);
        Assert.Equal("DOWN", freed.Text("status"));
        await demo.Remove("floatingips", floating.Id());
        Assert.Empty(await admin.All("ports", $"?device_id={floating.Id()}"));
    }

    [Fact]
    public async Task A_floating_address_needs_a_router_between_the_networks()
    {
        var world = await World("nofip");
        var (network, _) = await demo.MakeNetwork("island", "10.77.0.0/24");
        var port = await demo.Make("ports", new { network_id = network });
        var error = await demo.Make("floatingips", new { floating_network_id = world.External, port_id = port.Id() }, 404);
        Assert.Equal("ExternalGatewayForFloatingIPNotFound", error.Text("type"));
        Assert.Equal("BadRequest", (await demo.Make("floatingips", new { floating_network_id = network }, 400)).Text("type"));
    }

    [Fact]
    public async Task What_a_router_needs_cannot_be_taken_away_under_it()
    {
        var world = await World("kept");
        var port = await demo.Make("ports", new { network_id = world.Network });
        var floating = await demo.Make("floatingips", new { floating_network_id = world.External, port_id = port.Id() });
        Assert.Equal("RouterInUse", Type(await demo.Remove("routers", world.Router, 409)));
        Assert.Equal("RouterExternalGatewayInUseByFloatingIp",
            (await demo.Change("routers", world.Router, new { external_gateway_info = (object?)null }, 409)).Text("type"));
        Assert.Equal("RouterInterfaceInUseByFloatingIP",
            Type(await demo.Act($"routers/{world.Router}/remove_router_interface", new { subnet_id = world.Subnet }, 409)));
        Assert.Equal("SubnetInUse", Type(await demo.Remove("subnets", world.Subnet, 409)));
        var leg = (await demo.All("ports", $"?device_id={world.Router}&device_owner=network:router_interface")).Single();
        var error = await demo.Remove("ports", leg.Id(), 409);
        Assert.Equal("ServicePortInUse", Type(error));
        Assert.Equal($"Port {leg.Id()} cannot be deleted directly via the port API: has device owner network:router_interface.",
            error.GetProperty("NeutronError").Text("message"));
        await demo.Remove("floatingips", floating.Id());
        await demo.Act($"routers/{world.Router}/remove_router_interface", new { subnet_id = world.Subnet });
        await demo.Remove("routers", world.Router);
        Assert.Empty(await admin.All("ports", $"?device_id={world.Router}"));
    }

    [Fact]
    public async Task An_interface_is_the_subnets_gateway_and_is_added_once()
    {
        var router = (await demo.Make("routers", new { name = "legs" })).Id();
        var (_, subnet) = await demo.MakeNetwork("legs", "10.40.0.0/24");
        var info = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = subnet });
        Assert.Equal(router, info.Id());
        var leg = await demo.One("ports", info.Text("port_id"));
        Assert.Equal("10.40.0.1", leg.GetProperty("fixed_ips")[0].Text("ip_address"));
        var error = await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = subnet }, 400);
        Assert.Contains($"Router already has a port on subnet {subnet}", error.GetProperty("NeutronError").Text("message"));
        var (_, overlapping) = await demo.MakeNetwork("legs-2", "10.40.0.128/25");
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = overlapping }, 400);
        await demo.Act($"routers/{router}/add_router_interface", new { }, 400);
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = Guid.NewGuid() }, 404);
        await Eventually.True(async () => (await demo.One("ports", leg.Id())).Text("status") == "ACTIVE", "the node has the leg");
    }

    [Fact]
    public async Task A_port_becomes_an_interface_unless_a_device_has_it()
    {
        var router = (await demo.Make("routers", new { name = "by-port" })).Id();
        var (network, _) = await demo.MakeNetwork("by-port", "10.41.0.0/24");
        var port = await demo.Make("ports", new { network_id = network });
        var used = await demo.Make("ports", new { network_id = network, device_id = "something" });
        await demo.Act($"routers/{router}/add_router_interface", new { port_id = port.Id() });
        Assert.Equal(router, (await demo.One("ports", port.Id())).Text("device_id"));
        Assert.Equal("PortInUse", Type(await demo.Act($"routers/{router}/add_router_interface", new { port_id = used.Id() }, 409)));
    }

    [Fact]
    public async Task Routes_lead_over_connected_networks_only()
    {
        var world = await World("routes");
        var route = new { destination = "192.168.9.0/24", nexthop = "10.30.0.9" };
        var changed = await demo.Change("routers", world.Router, new { routes = new[] { route } });
        Assert.Equal("10.30.0.9", changed.GetProperty("routes")[0].Text("nexthop"));
        var error = await demo.Change("routers", world.Router, new { routes = new[] { route with { nexthop = "10.99.0.9" } } }, 400);
        Assert.Equal("InvalidRoutes", error.Text("type"));
        Assert.Equal("RouterInterfaceInUseByRoute",
            Type(await demo.Act($"routers/{world.Router}/remove_router_interface", new { subnet_id = world.Subnet }, 409)));
        await demo.Act($"routers/{world.Router}/remove_extraroutes", new { router = new { routes = new[] { route } } });
        Assert.Empty((await demo.One("routers", world.Router)).GetProperty("routes").EnumerateArray());
    }

    [Fact]
    public async Task Another_projects_router_is_not_there_and_an_admins_attributes_are_an_admins()
    {
        var router = (await admin.Make("routers", new { name = "admins" })).Id();
        await demo.Get($"routers/{router}", 404);
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = Guid.NewGuid() }, 404);
        await demo.Make("routers", new { name = "ha", ha = true }, 403);
        Assert.False((await admin.One("routers", router)).GetProperty("ha").GetBoolean());
        var mine = (await demo.Make("routers", new { name = "mine" })).Id();
        Assert.False((await demo.One("routers", mine)).TryGetProperty("ha", out _));
    }

    private static string Type(JsonElement body) => body.GetProperty("NeutronError").Text("type");

    /// <summary>An external network, a network of the demo project, and a router between them.</summary>
    private async Task<(string External, string Network, string Subnet, string Router)> World(string name)
    {
        var external = (await admin.Make("networks", new Dictionary<string, object>
        {
            ["name"] = name + "-public",
            ["router:external"] = true,
            ["provider:network_type"] = "flat",
            ["provider:physical_network"] = name,
        })).Id();
        await admin.Make("subnets", new { network_id = external, ip_version = 4, cidr = "198.51.100.0/24", enable_dhcp = false });
        var (network, subnet) = await demo.MakeNetwork(name, "10.30.0.0/24");
        var router = await demo.Make("routers", new { name, external_gateway_info = new { network_id = external } });
        Assert.Equal(external, router.GetProperty("external_gateway_info").Text("network_id"));
        await demo.Act($"routers/{router.Id()}/add_router_interface", new { subnet_id = subnet });
        return (external, network, subnet, router.Id());
    }
}
