using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class NetworkApiTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task A_new_network_has_neutrons_defaults()
    {
        var network = await demo.Make("networks", new { name = "defaults" });
        Assert.True(network.GetProperty("admin_state_up").GetBoolean());
        Assert.Equal(1450, network.GetProperty("mtu").GetInt32());
        Assert.False(network.GetProperty("shared").GetBoolean());
        Assert.False(network.GetProperty("router:external").GetBoolean());
        Assert.Equal("ACTIVE", network.Text("status"));
        Assert.Equal(network.Text("tenant_id"), network.Text("project_id"));
        Assert.Equal(1, network.GetProperty("revision_number").GetInt32());
        Assert.False(network.TryGetProperty("provider:network_type", out _));
        var seenByAdmin = await admin.One("networks", network.Id());
        Assert.Equal("vxlan", seenByAdmin.Text("provider:network_type"));
    }

    [Fact]
    public async Task A_network_is_changed_and_deleted_by_its_project()
    {
        var id = (await demo.Make("networks", new { name = "a" })).Id();
        var changed = await demo.Change("networks", id, new { name = "b", description = "d", mtu = 1400 });
        Assert.Equal(["b", "d"], [changed.Text("name"), changed.Text("description")]);
        Assert.Equal(1400, changed.GetProperty("mtu").GetInt32());
        await demo.Remove("networks", id);
        var gone = await demo.Remove("networks", id, 404);
        Assert.Equal("NetworkNotFound", gone.GetProperty("NeutronError").Text("type"));
        Assert.Equal($"Network {id} could not be found.", gone.GetProperty("NeutronError").Text("message"));
    }

    [Fact]
    public async Task Another_projects_network_is_not_there()
    {
        var id = (await admin.Make("networks", new { name = "secret" })).Id();
        await demo.Get($"networks/{id}", 404);
        await demo.Change("networks", id, new { name = "mine" }, 404);
        await demo.Remove("networks", id, 404);
        Assert.DoesNotContain(await demo.All("networks"), network => network.Id() == id);
        await demo.Make("ports", new { network_id = id }, 404);
        await demo.Make("subnets", new { network_id = id, ip_version = 4, cidr = "10.0.0.0/24" }, 404);
    }

    [Fact]
    public async Task A_shared_network_is_seen_and_used_by_all_and_changed_by_none_but_its_owner()
    {
        var id = (await admin.Make("networks", new { name = "everyones", shared = true })).Id();
        await admin.Make("subnets", new { network_id = id, ip_version = 4, cidr = "10.9.0.0/24" });
        Assert.Contains(await demo.All("networks"), network => network.Id() == id);
        var port = await demo.Make("ports", new { network_id = id });
        Assert.Equal("PolicyNotAuthorized", (await demo.Change("networks", id, new { name = "mine" }, 403)).Text("type"));
        await demo.Remove("networks", id, 403);
        await demo.Make("subnets", new { network_id = id, ip_version = 4, cidr = "10.8.0.0/24" }, 403);
        await demo.Make("ports", new { network_id = id, mac_address = "fa:16:3e:aa:bb:cc" }, 403);
        Assert.Equal("NetworkInUse", (await admin.Remove("networks", id, 409)).GetProperty("NeutronError").Text("type"));
        await demo.Remove("ports", port.Id());
        await admin.Remove("networks", id);
    }

    [Theory]
    [InlineData("""{"network": {"name": 5}}""", "Invalid input for name. Reason: '5' is not a valid string.")]
    [InlineData("""{"network": {"nonsense": 5}}""", "Unrecognized attribute(s) 'nonsense'")]
    [InlineData("""{"network": {"id": "5"}}""", "Attribute 'id' not allowed in POST")]
    [InlineData("""{"network": {"admin_state_up": "maybe"}}""", "'maybe' cannot be converted to boolean")]
    [InlineData("""{"network": "x"}""", "Object 'network' contains invalid data")]
    [InlineData("""{"net": {}}""", "Unable to find 'network' in request body")]
    [InlineData("""{"networks": []}""", "Resources required")]
    [InlineData("{}", "Resource body required")]
    [InlineData("[]", "Body contains invalid data")]
    [InlineData("{", "Body contains invalid data")]
    [InlineData("""{"network": {"tenant_id": "other"}}""", "other than the authenticated project")]
    [InlineData("""{"network": {"tenant_id": "a", "project_id": "b"}}""", "'project_id' and 'tenant_id' do not match")]
    public async Task Bad_input_is_a_400_in_neutrons_words(string body, string words)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var error = (await (await demo.PostAsync($"{NetworkCalls.Root}/networks", content)).Json(400)).GetProperty("NeutronError");
        Assert.Contains(words, error.Text("message"));
        Assert.Equal("", error.Text("detail"));
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("router:external")]
    [InlineData("is_default")]
    public async Task Only_an_admin_shares_or_opens_a_network(string attribute)
    {
        var body = new Dictionary<string, object> { [attribute] = true };
        var error = await demo.Make("networks", body, 403);
        Assert.Equal("PolicyNotAuthorized", error.Text("type"));
        Assert.Equal($"(rule:create_network and rule:create_network:{attribute}) is disallowed by policy", error.Text("message"));
    }

    [Fact]
    public async Task The_first_external_network_is_the_wire_and_a_second_one_an_overlay()
    {
        var body = new Dictionary<string, object> { ["name"] = "world", ["router:external"] = true };
        var first = await admin.Make("networks", body);
        Assert.Equal(["flat", "public"], [first.Text("provider:network_type"), first.Text("provider:physical_network")]);
        Assert.Equal("vxlan", (await admin.Make("networks", body)).Text("provider:network_type"));
        body["provider:network_type"] = "flat";
        body["provider:physical_network"] = "public";
        Assert.Equal("FlatNetworkInUse", (await admin.Make("networks", body, 409)).Text("type"));
    }

    [Fact]
    public async Task Many_networks_are_made_at_once_or_none()
    {
        var both = await (await demo.PostAsJsonAsync($"{NetworkCalls.Root}/networks",
            new { networks = new object[] { new { name = "bulk-1" }, new { name = "bulk-2" } } })).Json(201);
        Assert.Equal(2, both.GetProperty("networks").GetArrayLength());
        using var failed = await demo.PostAsJsonAsync($"{NetworkCalls.Root}/networks",
            new { networks = new object[] { new { name = "bulk-3" }, new { name = "bulk-4", shared = true } } });
        Assert.Equal(403, (int)failed.StatusCode);
        Assert.Empty(await demo.All("networks", "?name=bulk-3"));
    }

    [Fact]
    public async Task Pages_by_id_hold_own_and_shared_networks_in_one_order()
    {
        for (var made = 0; made < 4; made++)
        {
            await demo.Make("networks", new { name = "by-id" });
            await admin.Make("networks", new { name = "by-id", shared = true });
            await admin.Make("networks", new { name = "by-id" });
        }

        var all = (await demo.All("networks", "?name=by-id")).Select(static network => network.Id()).ToArray();
        Assert.Equal(8, all.Length);
        var seen = new List<string>();
        for (var page = await demo.All("networks", "?name=by-id&limit=3"); page.Length > 0;
            page = await demo.All("networks", $"?name=by-id&limit=3&marker={seen[^1]}"))
            seen.AddRange(page.Select(static network => network.Id()));
        Assert.Equal(all, seen);
        Assert.Equal(all[2..5],
            (await demo.All("networks", $"?name=by-id&limit=3&page_reverse=True&marker={all[5]}")).Select(static network => network.Id()));
    }

    [Fact]
    public async Task Lists_are_filtered_sorted_reduced_and_paged_with_links_to_both_sides()
    {
        foreach (var name in (string[])["page-c", "page-a", "page-b"])
            await demo.Make("networks", new { name, description = "paged" });
        var sorted = await demo.All("networks", "?description=paged&sort_key=name&sort_dir=desc&fields=name");
        Assert.Equal(["page-c", "page-b", "page-a"], sorted.Select(static network => network.Text("name")));
        Assert.All(sorted, static network => Assert.Single(network.EnumerateObject()));
        var seen = new List<string>();
        var path = "networks?description=paged&sort_key=name&sort_dir=asc&limit=2";
        for (var page = await demo.Get(path); page.GetProperty("networks").GetArrayLength() > 0; page = await demo.Get(path))
        {
            seen.AddRange(page.GetProperty("networks").EnumerateArray().Select(static network => network.Text("name")));
            if (Link(page, "next") is not { } next)
                break;
            path = next[(next.IndexOf("/v2.0/", StringComparison.Ordinal) + 6)..];
        }

        Assert.Equal(["page-a", "page-b", "page-c"], seen);
        await demo.Get($"networks?limit=1&marker={Guid.NewGuid()}", 404);
        await demo.Get("networks?limit=x", 400);
        await demo.Get("networks?sort_key=name", 400);
        await demo.Get("networks?sort_key=nonsense&sort_dir=asc", 400);
    }

    [Fact]
    public async Task Tags_are_set_asked_for_and_taken_away()
    {
        var id = (await demo.Make("networks", new { name = "tagged" })).Id();
        await demo.Act($"networks/{id}/tags", new { tags = new[] { "red", "blue" } });
        using var added = await demo.PutAsync($"{NetworkCalls.Root}/networks/{id}/tags/green", null);
        Assert.Equal(201, (int)added.StatusCode);
        Assert.Contains(await demo.All("networks", "?tags=red,green"), network => network.Id() == id);
        Assert.DoesNotContain(await demo.All("networks", "?not-tags=red"), network => network.Id() == id);
        using var removed = await demo.DeleteAsync($"{NetworkCalls.Root}/networks/{id}/tags/red");
        Assert.Equal(204, (int)removed.StatusCode);
        await demo.Get($"networks/{id}/tags/red", 404);
        Assert.Equal(2, (await demo.Get($"networks/{id}/tags")).GetProperty("tags").GetArrayLength());
    }

    [Fact]
    public async Task A_change_conditional_on_an_older_revision_is_refused()
    {
        var id = (await demo.Make("networks", new { name = "revised" })).Id();
        await demo.Change("networks", id, new { name = "revised-2" });
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{NetworkCalls.Root}/networks/{id}")
        {
            Content = JsonContent.Create(new { network = new { name = "late" } }),
        };
        request.Headers.TryAddWithoutValidation("If-Match", "revision_number=1");
        await (await demo.SendAsync(request)).Json(412);
    }

    [Fact]
    public async Task Versions_need_no_token_and_extensions_name_what_is_served()
    {
        var versions = await (await fixture.Cloud.Http().GetAsync("/networking/")).Json(200);
        Assert.Equal("v2.0", versions.GetProperty("versions")[0].Id());
        var aliases = (await demo.Get("extensions")).GetProperty("extensions").EnumerateArray().Select(static one => one.Text("alias"))
            .ToArray();
        Assert.Contains("router", aliases);
        Assert.DoesNotContain("trunk", aliases);
        await demo.Get("extensions/router");
        await demo.Get("extensions/trunk", 404);
        await demo.Get("trunks", 404);
    }

    [Fact]
    public async Task Agents_are_the_nodes_and_only_an_admin_sees_them()
    {
        var agents = await admin.All("agents");
        Assert.Equal(8, agents.Length);
        Assert.All(agents, static agent => Assert.True(agent.GetProperty("alive").GetBoolean()));
        var dhcp = agents.First(static agent => agent.Text("agent_type") == "DHCP agent");
        Assert.Equal(dhcp.Id(), (await admin.One("agents", dhcp.Id())).Id());
        // A list shows what its reader may get, which is nothing here; to name an agent is to name what is not there.
        Assert.Empty(await demo.All("agents"));
        Assert.Equal("AgentNotFound", (await demo.Get("agents/" + dhcp.Id(), 404)).GetProperty("NeutronError").Text("type"));
    }

    [Fact]
    public async Task A_networks_agents_have_the_network_among_theirs()
    {
        var (network, _) = await demo.MakeNetwork("hosted");
        var agents = (await admin.Get($"networks/{network}/dhcp-agents")).GetProperty("agents").EnumerateArray().ToArray();
        Assert.NotEmpty(agents);
        foreach (var agent in agents)
        {
            var networks = (await admin.Get($"agents/{agent.Id()}/dhcp-networks")).GetProperty("networks").EnumerateArray();
            Assert.Contains(network, networks.Select(static one => one.Id()));
        }
    }

    [Fact]
    public async Task A_path_may_name_the_format_as_clients_of_old_do()
    {
        var (network, _) = await demo.MakeNetwork("formatted");
        Assert.Equal(network, (await demo.Get($"networks/{network}.json")).GetProperty("network").Id());
        Assert.NotEmpty((await demo.Get("networks.json")).GetProperty("networks").EnumerateArray());
    }

    [Fact]
    public async Task A_floating_address_that_leads_nowhere_goes_with_its_network()
    {
        var network = (await admin.Make("networks", new Dictionary<string, object>
        {
            ["name"] = "passing", ["router:external"] = true,
        })).Id();
        await admin.Make("subnets", new { network_id = network, ip_version = 4, cidr = "198.51.100.0/28" });
        var floating = (await demo.Make("floatingips", new { floating_network_id = network })).Id();
        await admin.Remove("networks", network);
        await demo.Get("floatingips/" + floating, 404);
    }

    [Fact]
    public async Task A_subnet_whose_addresses_guests_make_up_goes_from_under_them_but_not_from_under_a_router()
    {
        var network = (await demo.Make("networks", new { name = "slaac" })).Id();
        var subnet = (await demo.Make("subnets", new
        {
            network_id = network, ip_version = 6, cidr = "2001:db8:7::/64", ipv6_ra_mode = "slaac", ipv6_address_mode = "slaac",
        })).Id();
        var port = (await demo.Make("ports", new { network_id = network })).Id();
        Assert.Single((await demo.One("ports", port)).GetProperty("fixed_ips").EnumerateArray());
        var router = (await demo.Make("routers", new { name = "slaac" })).Id();
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = subnet });
        Assert.Equal("SubnetInUse", (await demo.Remove("subnets", subnet, 409)).GetProperty("NeutronError").Text("type"));
        Assert.Single((await demo.One("ports", port)).GetProperty("fixed_ips").EnumerateArray());
        await demo.Act($"routers/{router}/remove_router_interface", new { subnet_id = subnet });
        await demo.Remove("subnets", subnet);
        Assert.Empty((await demo.One("ports", port)).GetProperty("fixed_ips").EnumerateArray());
    }

    private static string? Link(JsonElement page, string rel) => !page.TryGetProperty("networks_links", out var links)
        ? null
        : links.EnumerateArray().Where(link => link.Text("rel") == rel).Select(static link => link.Text("href")).FirstOrDefault();
}
