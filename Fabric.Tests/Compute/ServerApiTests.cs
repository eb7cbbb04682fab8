using System.Net;
using System.Text.Json;
using Fabric.Grains.Compute;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Compute;

public sealed class ServerApiTests(ComputeFixture fixture) : IClassFixture<ComputeFixture>
{
    private readonly ComputeClient admin = fixture.AdminCompute;
    private readonly ComputeClient demo = fixture.DemoCompute;

    [Fact]
    public async Task A_server_boots_stops_starts_restarts_and_goes()
    {
        var id = await demo.Boot("life");
        await Act(demo, id, "os-stop");
        await demo.Reaches(id, "SHUTOFF");
        await Act(demo, id, "os-start");
        await demo.Reaches(id, "ACTIVE");
        await demo.Do(202, "POST", $"/servers/{id}/action", new { reboot = new { type = "SOFT" } });
        await demo.Reaches(id, "ACTIVE");
        var output = await demo.Do(200, "POST", $"/servers/{id}/action", new Dictionary<string,
            object> { ["os-getConsoleOutput"] = new { } });
        Assert.True(output.GetProperty("output").GetString()!.Split('\n').Length > 3);
        output = await demo.Do(200, "POST", $"/servers/{id}/action", new Dictionary<string,
            object> { ["os-getConsoleOutput"] = new { length = 3 } });
        Assert.Equal(3, output.GetProperty("output").GetString()!.Split('\n').Length);
        var actions = (await demo.Do(200, "GET", $"/servers/{id}/os-instance-actions")).GetProperty("instanceActions").EnumerateArray();
        Assert.Equal(["reboot", "start", "stop", "create"], actions.Select(static action => action.GetProperty("action").GetString()));
        await demo.Delete(id);
        Assert.Equal($"Instance {id} could not be found.", await demo.Fails(404, "GET", "/servers/" + id));
    }

    [Theory]
    [InlineData("pause", "PAUSED", "paused", 3, "unpause")]
    [InlineData("suspend", "SUSPENDED", "suspended", 4, "resume")]
    public async Task A_server_rests_and_goes_on(string rest, string status, string vmState, int power, string end)
    {
        var id = await demo.Boot("rests");
        await Act(demo, id, rest);
        await demo.Reaches(id, status);
        var server = await demo.Show(id);
        Assert.Equal((vmState, power),
            (server.GetProperty("OS-EXT-STS:vm_state").GetString(), server.GetProperty("OS-EXT-STS:power_state").GetInt32()));
        Assert.Equal($"Cannot '{rest}' instance {id} while it is in vm_state {vmState}",
            await demo.Fails(409, "POST", $"/servers/{id}/action", $$"""{"{{rest}}": null}"""));
        await demo.Fails(409, "POST", $"/servers/{id}/action", """{"os-stop": null}""");
        Assert.Contains(id, (await demo.Do(200, "GET", "/servers?status=" + status)).GetProperty("servers").EnumerateArray()
            .Select(static one => one.GetProperty("id").GetString()));
        await Act(demo, id, end);
        await demo.Reaches(id, "ACTIVE");
        Assert.Equal($"Cannot '{end}' instance {id} while it is in vm_state active",
            await demo.Fails(409, "POST", $"/servers/{id}/action", $$"""{"{{end}}": null}"""));
        await Act(demo, id, "lock");
        await admin.Do(202, "POST", $"/servers/{id}/action", $$"""{"{{rest}}": null}""");
        await demo.Reaches(id, status);
        Assert.Equal($"Instance {id} is locked", await demo.Fails(409, "POST", $"/servers/{id}/action", $$"""{"{{end}}": null}"""));
        await admin.Do(202, "POST", $"/servers/{id}/action", """{"reboot": {"type": "HARD"}}""");
        await demo.Reaches(id, "ACTIVE");
        await Act(demo, id, "unlock");
        await demo.Delete(id);
    }

    [Fact]
    public async Task A_create_answers_with_the_id_the_links_and_a_password()
    {
        using var answer = await demo.Send("POST", "/servers", demo.NewServer("born"));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var server = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("server");
        var id = server.GetProperty("id").GetString()!;
        Assert.EndsWith("/servers/" + id, answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(12, server.GetProperty("adminPass").GetString()!.Length);
        Assert.Equal(["id", "links", "OS-DCF:diskConfig", "security_groups", "adminPass"],
            server.EnumerateObject().Select(static property => property.Name));
        await demo.Delete(id);
    }

    [Theory]
    [InlineData("2.1")]
    [InlineData("2.3")]
    [InlineData("2.9")]
    [InlineData("2.16")]
    [InlineData("2.19")]
    [InlineData("2.26")]
    [InlineData("2.47")]
    [InlineData("2.63")]
    [InlineData("2.71")]
    [InlineData("2.73")]
    [InlineData("2.93")]
    public async Task Each_version_has_its_fields(string version)
    {
        var id = await admin.Boot("fields", ("description", "words"), ("tags", new[] { "t" }));
        var shown = await admin.Show(id, version);
        var plain = await demo.As(fixture.Demo).Send("GET", "/servers/" + id, version: version);
        Assert.Equal(HttpStatusCode.NotFound, plain.StatusCode);
        Golden.Match($"server-{version}.txt", string.Join('\n', Names(shown, "")) + "\n");
        await admin.Delete(id);
    }

    [Fact]
    public async Task An_address_to_reach_a_server_by_is_shown_in_its_shortest_form()
    {
        var id = await demo.Boot("reached", ("accessIPv6", "0000:0000:0000:0000:0000:babe:220.12.22.2"));
        Assert.Equal("::babe:dc0c:1602", (await demo.Show(id)).GetProperty("accessIPv6").GetString());
        var changed = await demo.Do(200, "PUT", "/servers/" + id, new { server = new { accessIPv6 = "2001:0DB8:0::0001" } });
        Assert.Equal("2001:db8::1", changed.GetProperty("server").GetProperty("accessIPv6").GetString());
        await demo.Delete(id);
    }

    [Fact]
    public async Task The_id_of_a_request_is_told_under_both_of_its_names()
    {
        using var answer = await demo.Send("GET", "/limits");
        var id = answer.Headers.GetValues("X-Openstack-Request-Id").Single();
        Assert.Equal(id, answer.Headers.GetValues("X-Compute-Request-Id").Single());
    }

    [Fact]
    public async Task A_member_does_not_see_where_a_server_lives()
    {
        var id = await demo.Boot("where");
        var shown = await demo.Show(id);
        Assert.False(shown.TryGetProperty("OS-EXT-SRV-ATTR:host", out _));
        Assert.False(shown.TryGetProperty("host_status", out _));
        Assert.True(shown.TryGetProperty("OS-EXT-SRV-ATTR:hostname", out _));
        Assert.Equal(56, shown.GetProperty("hostId").GetString()!.Length);
        await demo.Delete(id);
    }

    [Theory]
    [InlineData("GET", "/servers/{0}", null)]
    [InlineData("PUT", "/servers/{0}", """{"server": {"name": "mine now"}}""")]
    [InlineData("DELETE", "/servers/{0}", null)]
    [InlineData("POST", "/servers/{0}/action", """{"os-stop": null}""")]
    [InlineData("GET", "/servers/{0}/metadata", null)]
    [InlineData("PUT", "/servers/{0}/tags/x", null)]
    [InlineData("GET", "/servers/{0}/os-instance-actions", null)]
    [InlineData("GET", "/servers/{0}/os-interface", null)]
    public async Task Another_projects_server_is_not_there(string method, string path, string? body)
    {
        var id = await admin.Create("strange");
        var route = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, id);
        Assert.Equal($"Instance {id} could not be found.", await demo.Fails(404, method, route, body));
        await admin.Delete(id);
    }

    [Theory]
    [InlineData("name", "", "is too short")]
    [InlineData("name", 7, "is not of type 'string'")]
    [InlineData("flavorRef", "no-such", "Flavor no-such could not be found.")]
    [InlineData("imageRef", "f3b7a1de-0000-4000-8000-000000000000", "Can not find requested image")]
    [InlineData("imageRef", "no-uuid", "is not a 'uuid'")]
    [InlineData("key_name", "no-such", "Invalid key_name provided.")]
    [InlineData("user_data", "!!", "is not a 'base64'")]
    [InlineData("availability_zone", "mars", "The requested availability zone is not available")]
    [InlineData("min_count", 0, "is less than the minimum of 1")]
    [InlineData("accessIPv4", "10.0", "is not a 'ipv4'")]
    [InlineData("surprise", 1, "Additional properties are not allowed ('surprise' was unexpected)")]
    public async Task What_cannot_be_is_a_bad_request(string name, object value, string message) =>
        Assert.Contains(message, await demo.Fails(400, "POST", "/servers", demo.NewServer("bad", (name, value))), StringComparison.Ordinal);

    [Fact]
    public async Task Networks_must_be_named_from_2_37_on()
    {
        var body = demo.NewServer("bad");
        ((Dictionary<string, object>)body["server"]).Remove("networks");
        Assert.Contains("'networks' is a required property", await demo.Fails(400, "POST", "/servers", body), StringComparison.Ordinal);
        Assert.Contains("min_count must be <= max_count",
            await demo.Fails(400, "POST", "/servers", demo.NewServer("bad", ("min_count", 3), ("max_count", 2))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_in_the_wrong_state_is_a_conflict()
    {
        var id = await demo.Boot("wrong");
        Assert.Equal($"Cannot 'start' instance {id} while it is in vm_state active",
            await demo.Fails(409, "POST", $"/servers/{id}/action", """{"os-start": null}"""));
        Assert.Equal("There is no such action: shelve", await demo.Fails(400, "POST", $"/servers/{id}/action", """{"shelve": null}"""));
        await demo.Delete(id);
    }

    [Fact]
    public async Task A_locked_server_obeys_an_administrator_only()
    {
        var id = await demo.Boot("locked");
        await demo.Do(202, "POST", $"/servers/{id}/action", """{"lock": {"locked_reason": "keep"}}""");
        Assert.Equal("keep", (await demo.Show(id)).GetProperty("locked_reason").GetString());
        Assert.Equal($"Instance {id} is locked", await demo.Fails(409, "DELETE", "/servers/" + id));
        await demo.Do(202, "POST", $"/servers/{id}/action", """{"unlock": null}""");
        await admin.Do(202, "POST", $"/servers/{id}/action", """{"lock": null}""");
        Assert.Contains("unlock_override",
            await demo.Fails(403, "POST", $"/servers/{id}/action", """{"unlock": null}"""), StringComparison.Ordinal);
        await admin.Do(202, "POST", $"/servers/{id}/action", """{"unlock": null}""");
        await demo.Delete(id);
    }

    [Fact]
    public async Task A_name_a_description_and_an_address_can_be_changed()
    {
        var id = await demo.Boot("before");
        var body = new { server = new { name = "after", description = "new", accessIPv4 = "192.0.2.1" } };
        var updated = (await demo.Do(200, "PUT", "/servers/" + id, body)).GetProperty("server");
        Assert.Equal("after", updated.GetProperty("name").GetString());
        Assert.True(updated.TryGetProperty("OS-EXT-STS:vm_state", out _));
        var brief = (await demo.Do(200, "PUT", "/servers/" + id, body, version: "2.74")).GetProperty("server");
        Assert.False(brief.TryGetProperty("OS-EXT-STS:vm_state", out _));
        await demo.Delete(id);
    }

    [Fact]
    public async Task Metadata_and_tags_are_kept()
    {
        var id = await demo.Boot("kept", ("metadata", new { a = "1" }), ("tags", new[] { "x" }));
        await demo.Do(200, "POST", $"/servers/{id}/metadata", new { metadata = new { b = "2" } });
        await demo.Do(204, "DELETE", $"/servers/{id}/metadata/a");
        Assert.Equal("Metadata item was not found", await demo.Fails(404, "DELETE", $"/servers/{id}/metadata/a"));
        var metadata = (await demo.Do(200, "GET", $"/servers/{id}/metadata")).GetProperty("metadata");
        Assert.Equal("""{"b":"2"}""", metadata.GetRawText());
        await demo.Do(201, "PUT", $"/servers/{id}/tags/y");
        await demo.Do(204, "PUT", $"/servers/{id}/tags/y");
        await demo.Do(204, "DELETE", $"/servers/{id}/tags/x");
        Assert.Equal("""["y"]""", (await demo.Do(200, "GET", $"/servers/{id}/tags")).GetProperty("tags").GetRawText());
        Assert.Equal("The resource could not be found.", await demo.Fails(404, "GET", $"/servers/{id}/tags", version: "2.25"));
        await demo.Delete(id);
    }

    [Fact]
    public async Task A_build_that_finds_no_host_is_in_error_and_says_why()
    {
        await admin.Do(200, "POST", "/flavors", new { flavor = new { name = "huge", id = "huge", ram = 64, vcpus = 2_000_000, disk = 1 } });
        await admin.Do(200, "PUT", "/os-quota-sets/" + await Project(admin), new { quota_set = new { cores = -1 } });
        var id = await admin.Create("huge", ("flavorRef", "huge"));
        await admin.Reaches(id, "ERROR");
        var fault = (await admin.Show(id)).GetProperty("fault");
        Assert.StartsWith("No valid host was found. ", fault.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(500, fault.GetProperty("code").GetInt32());
        await admin.Delete(id);
    }

    [Theory]
    [InlineData("affinity", 1)]
    [InlineData("anti-affinity", 2)]
    public async Task Members_of_a_group_live_as_its_policy_says(string policy, int hosts)
    {
        var group = (await admin.Do(200, "POST", "/os-server-groups", new { server_group = new { name = policy, policy } }))
            .GetProperty("server_group").GetProperty("id").GetString()!;
        var made = await Task.WhenAll(Enumerable.Range(0, 2).Select(n => InGroup($"{policy}-{n}", group)));
        foreach (var id in made)
            await admin.Reaches(id, "ACTIVE");
        var nodes = await Task.WhenAll(made.Select(async id => (await admin.Show(id)).GetProperty("OS-EXT-SRV-ATTR:host").GetString()));
        Assert.Equal(hosts, nodes.Distinct().Count());
        var shown = (await admin.Do(200, "GET", "/os-server-groups/" + group)).GetProperty("server_group").GetProperty("members");
        Assert.Equal(made.Order(), shown.EnumerateArray().Select(static member => member.GetString()!).Order());
        if (policy == "anti-affinity")
        {
            // There are two nodes.
            var third = await InGroup("third", group);
            await admin.Reaches(third, "ERROR");
            await admin.Delete(third);
        }

        foreach (var id in made)
            await admin.Delete(id);
    }

    private async Task<string> InGroup(string name, string group)
    {
        var body = admin.NewServer(name);
        body["os:scheduler_hints"] = new { group };
        return (await admin.Do(202, "POST", "/servers", body)).GetProperty("server").GetProperty("id").GetString()!;
    }

    private static async Task<string> Project(ComputeClient client)
    {
        var id = await client.Create("whose");
        var project = (await client.Show(id)).GetProperty("tenant_id").GetString()!;
        await client.Delete(id);
        return project;
    }

    private static Task<JsonElement> Act(ComputeClient client, string id, string action) =>
        client.Do(202, "POST", $"/servers/{id}/action", new Dictionary<string, object?> { [action] = null });

    /// <summary>The names and types of all fields: what a version changes, without what every boot changes.</summary>
    private static IEnumerable<string> Names(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Names(property.Value, $"{path}/{property.Name}"))
            .DefaultIfEmpty($"{path} = {{}}"),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, i) => Names(item, $"{path}/{i}")).DefaultIfEmpty($"{path} = []"),
        _ => [$"{path}: {value.ValueKind}"],
    };
}
