using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>What Keystone's running code answers where one would not guess it, for projects, domains, users, groups, roles and the
/// catalog.</summary>
public sealed class ResourceWireTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static string Fresh => "w" + Guid.NewGuid().ToString("N")[..10];

    [Fact]
    public async Task A_bad_attribute_is_told_with_its_schema()
    {
        var answer = await cloud.Send("POST", "/domains", new { domain = new { name = "" } }, cloud.Admin);
        Assert.Equal((400, "Invalid input for field 'name': '' is too short\n\nFailed validating 'minLength' in "
            + "schema['properties']['name']:\n    {'maxLength': 64, 'minLength': 1, 'pattern': '[\\\\S]+', 'type': 'string'}\n\n"
            + "On instance['name']:\n    ''"), (answer.Status, answer.Message));
        var empty = await cloud.Send("POST", "/regions", "{}", cloud.Admin);
        Assert.Equal(400, empty.Status);
        Assert.StartsWith("None is not of type 'object'\n\nFailed validating 'type' in schema:\n", empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_tags_of_a_domain_are_those_of_the_project_that_acts_as_it()
    {
        var id = Id(await Make("/domains", "domain", new { name = Fresh, tags = new[] { "q" } }));
        Assert.Equal(["q"], Tags(await cloud.Do("GET", $"/projects/{id}/tags")));
        var added = await cloud.Send("PUT", $"/projects/{id}/tags/%20new%20", null, cloud.Admin);
        Assert.Equal(201, added.Status);
        Assert.EndsWith($"/identity/v3/{id}/tags/%20new%20", added.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(["new", "q"], Tags((await cloud.Do("GET", "/domains/" + id)).GetProperty("domain")));
        await cloud.Do("PUT", $"/projects/{id}/tags", new { tags = new[] { " y ", "x" } });
        await cloud.Do("DELETE", $"/projects/{id}/tags/x");
        Assert.Equal(["y"], Tags(await cloud.Do("GET", $"/projects/{id}/tags")));
        Assert.Equal(404, (await cloud.Send("GET", $"/projects/{id}/tags/x", null, cloud.Admin)).Status);
        await cloud.Do("DELETE", $"/projects/{id}/tags");
        Assert.Empty(Tags(await cloud.Do("GET", $"/projects/{id}/tags")));
    }

    [Fact]
    public async Task Limits_come_with_the_projects_around_one()
    {
        var parent = Id(await Make("/projects", "project", new { name = Fresh }));
        var child = Id(await Make("/projects", "project", new { name = Fresh, parent_id = parent }));
        var admin = (await cloud.Do("GET", "/users?name=admin")).GetProperty("users")[0].GetProperty("id").GetString();
        await cloud.Do("PUT", $"/projects/{parent}/users/{admin}/roles/{await cloud.RoleId("reader")}");
        await cloud.Do("PUT", $"/projects/{child}/users/{admin}/roles/{await cloud.RoleId("reader")}");
        var service = await cloud.Service();
        await cloud.Register(service, "cores", 10);
        await cloud.Do("POST", "/limits", new
        {
            limits = new[] { new { project_id = parent, service_id = service, resource_name = "cores", resource_limit = 3 } },
        });

        var above = (await cloud.Do("GET", $"/projects/{child}?parents_as_list&include_limits")).GetProperty("project");
        var limit = above.GetProperty("parents")[0].GetProperty("project").GetProperty("limits")[0];
        Assert.Equal((3, false), (limit.GetProperty("resource_limit").GetInt32(), limit.TryGetProperty("links", out _)));
        var below = (await cloud.Do("GET", $"/projects/{parent}?subtree_as_list&include_limits")).GetProperty("project");
        Assert.Equal(0, below.GetProperty("subtree")[0].GetProperty("project").GetProperty("limits").GetArrayLength());
        Assert.False(below.TryGetProperty("limits", out _));
        var without = (await cloud.Do("GET", $"/projects/{child}?parents_as_list&include_limits=0")).GetProperty("project");
        Assert.False(without.GetProperty("parents")[0].GetProperty("project").TryGetProperty("limits", out _));
    }

    [Fact]
    public async Task A_change_of_a_user_or_a_project_shows_the_invented_attributes_twice()
    {
        foreach (var (path, kind) in ((string, string)[])[("/users", "user"), ("/projects", "project")])
        {
            var made = await Make(path, kind, new Dictionary<string, object> { ["name"] = Fresh, ["my-mark:x"] = 1 });
            Assert.Equal(1, made.GetProperty("my_mark_x").GetInt32());
            Assert.False(made.TryGetProperty("extra", out _));
            var changed = await Change($"{path}/{Id(made)}", kind, new Dictionary<string, object> { ["a-b"] = "c", ["extra"] = 1 });
            Assert.Equal("c", changed.GetProperty("a-b").GetString());
            Assert.Equal("""{"my_mark_x":1,"a-b":"c"}""", changed.GetProperty("extra").GetRawText());
        }
    }

    [Fact]
    public async Task A_description_of_null_is_null()
    {
        foreach (var (path, kind) in ((string, string)[])
            [("/users", "user"), ("/projects", "project"), ("/domains", "domain")])
        {
            var made = await Make(path, kind, new { name = Fresh, description = (string?)null });
            Assert.Equal(JsonValueKind.Null, made.GetProperty("description").ValueKind);
            await Change($"{path}/{Id(made)}", kind, new { description = "d" });
            await Change($"{path}/{Id(made)}", kind, new { description = (string?)null });
            var shown = (await cloud.Do("GET", $"{path}/{Id(made)}")).GetProperty(kind);
            Assert.Equal(JsonValueKind.Null, shown.GetProperty("description").ValueKind);
        }
    }

    [Fact]
    public async Task An_id_that_is_no_text_is_another_id()
    {
        var user = Id(await Make("/users", "user", new { name = Fresh }));
        Assert.Equal((400, "Cannot change ID"), await Refused("PATCH", "/users/" + user, new { user = new { id = 1 } }));
        Assert.Equal((400, "Cannot change user ID"), await Refused("PATCH", "/users/" + user, new { user = new { id = (string?)null } }));
        var project = Id(await Make("/projects", "project", new { name = Fresh }));
        Assert.Equal((400, "Cannot change Domain ID"),
            await Refused("PATCH", "/projects/" + project, new { project = new { domain_id = (string?)null } }));
    }

    [Fact]
    public async Task Only_a_root_project_acts_as_a_domain()
    {
        Assert.Equal((400, "only root projects are allowed to act as domains."), await Refused("POST", "/projects",
            new { project = new { name = Fresh, is_domain = true, domain_id = "default" } }));
        var chosen = Guid.NewGuid().ToString("N");
        var acting = await Make("/projects", "project", new { name = Fresh, is_domain = true, explicit_domain_id = chosen });
        Assert.NotEqual(chosen, Id(acting));
        Assert.Equal(chosen, acting.GetProperty("explicit_domain_id").GetString());
        Assert.Equal((400, "Domain ID does not conform to required UUID format."),
            await Refused("POST", "/domains", new { domain = new { name = Fresh, explicit_domain_id = 5 } }));
    }

    [Fact]
    public async Task An_immutable_domain_is_freed_as_the_project_that_acts_as_it()
    {
        var id = Id(await Make("/domains", "domain", new { name = Fresh, options = new { immutable = true, unknown = 1 } }));
        Assert.Equal(403, (await Refused("PATCH", "/domains/" + id, new { domain = new { options = new { immutable = false } } })).Status);
        Assert.Equal((400, "argument of type 'NoneType' is not iterable"),
            await Refused("PATCH", "/domains/" + id, new { domain = new { options = (string?)null } }));
        await Change("/projects/" + id, "project", new { options = new { immutable = false } });
        await Change("/domains/" + id, "domain", new { enabled = false });
        var project = Id(await Make("/projects", "project", new { name = Fresh, domain_id = id, options = new { immutable = true } }));
        var user = Id(await Make("/users", "user", new { name = Fresh, domain_id = id }));
        Assert.Equal((403, $"Unable to delete immutable project resource: `{project}. Set resource option \"immutable\" to false first."),
            await Refused("DELETE", "/domains/" + id));
        Assert.Equal(200, (await cloud.Send("GET", "/users/" + user, null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task Roles_keep_their_name_and_their_domain_as_they_were_said()
    {
        var name = Fresh;
        var role = await Make("/roles", "role", new { name = $" {name} ", domain_id = "nowhere" });
        Assert.Equal(($" {name} ", "nowhere"), (role.GetProperty("name").GetString(), role.GetProperty("domain_id").GetString()));
        Assert.Equal((409, $"Conflict occurred attempting to store role - Duplicate entry found with name  {name}  at domain ID nowhere."),
            await Refused("POST", "/roles", new { role = new { name = $" {name} ", domain_id = "nowhere" } }));
        Assert.Equal(400, (await Refused("POST", "/roles", new { role = new { name = Fresh, domain_id = "" } })).Status);
        Assert.Equal((400, "Update of `domain_id` is not allowed."), await Refused("PATCH",
            "/roles/" + Id(await Make("/roles", "role", new { name = Fresh })), new { role = new { domain_id = 1 } }));
        var text = new string('a', 256);
        Assert.Equal((400, $"String length exceeded. The length of string '{text}' exceeds the limit of column description(CHAR(255))."),
            await Refused("POST", "/roles", new { role = new { name = Fresh, description = text } }));
    }

    [Fact]
    public async Task An_implication_is_made_once_and_checked_by_a_rule_of_its_own()
    {
        var prior = Id(await Make("/roles", "role", new { name = Fresh }));
        var implied = Id(await Make("/roles", "role", new { name = Fresh }));
        var path = $"/roles/{prior}/implies/{implied}";
        Assert.Equal(404, (await cloud.Send("HEAD", path, null, cloud.Admin)).Status);
        Assert.Equal(201, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);
        Assert.Equal((409, "Conflict occurred attempting to store implied_role - Duplicate entry."), await Refused("PUT", path));
        Assert.Equal(204, (await cloud.Send("HEAD", path, null, cloud.Admin)).Status);
        Assert.Equal(200, (await cloud.Send("GET", path, null, cloud.Admin)).Status);
        Assert.False((await cloud.Do("GET", "/role_inferences")).TryGetProperty("links", out _));
        var own = Id(await Make("/roles", "role", new { name = Fresh, domain_id = "default" }));
        Assert.Equal((403, $"{own} cannot be an implied roles."), await Refused("PUT", $"/roles/{prior}/implies/{own}"));
    }

    [Fact]
    public async Task Regions_and_endpoints_are_as_in_a_table_that_ignores_case()
    {
        var id = Fresh;
        await Make("/regions", "region", new { id });
        Assert.Equal((409, $"Conflict occurred attempting to store region - Duplicate ID, {id.ToUpperInvariant()}.."),
            await Refused("POST", "/regions", new { region = new { id = id.ToUpperInvariant() } }));
        Assert.Equal(id, Id((await cloud.Do("GET", "/regions/" + id.ToUpperInvariant())).GetProperty("region")));
        Assert.Equal((400, $"The specified parent region {id} would create a circular region hierarchy."),
            await Refused("PATCH", "/regions/" + id, new { region = new { parent_region_id = id } }));
        var endpoint = await Make("/endpoints", "endpoint", new
        {
            @interface = "public", service_id = await cloud.Service(), url = "http://h", region = "", legacy_endpoint_id = "x",
        });
        Assert.Equal(("", false),
            (endpoint.GetProperty("region_id").GetString(), endpoint.TryGetProperty("legacy_endpoint_id", out _)));
    }

    [Fact]
    public async Task A_password_counts_as_far_as_the_longest_that_counts()
    {
        var (name, most) = (Fresh, new string('p', 72));
        var user = Id(await Make("/users", "user", new { name, password = most + "q" }));
        foreach (var (password, status) in ((string, int)[])[(most, 201), (most + "other", 201), (most[1..], 401)])
        {
            using var answer = await cloud.TryLogin(name, password);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        await Change("/users/" + user, "user", new { password = (string?)null });
        using var none = await cloud.TryLogin(name, most);
        Assert.Equal(401, (int)none.StatusCode);
    }

    [Fact]
    public async Task Grants_look_at_no_more_than_Keystone_does()
    {
        var role = Id(await Make("/roles", "role", new { name = Fresh }));
        var (user, _, _) = await cloud.Someone("member");
        var domain = Id(await Make("/domains", "domain", new { name = Fresh }));
        // A domain is a project too, and both have one list.
        Assert.Equal(204, (await cloud.Send("PUT", $"/projects/{domain}/users/{user}/roles/{role}", null, cloud.Admin)).Status);
        foreach (var kind in (string[])["projects", "domains"])
        {
            var held = (await cloud.Do("GET", $"/{kind}/{domain}/users/{user}/roles?name=other")).GetProperty("roles");
            Assert.Equal(role, Id(Assert.Single(held.EnumerateArray())));
        }

        Assert.Equal((404, "Could not find role: nowhere."), await Refused("PUT", "/projects/nowhere/users/nowhere/roles/nowhere"));
        Assert.Equal((404, "Could not find user: nowhere."), await Refused("PUT", $"/projects/nowhere/users/nowhere/roles/{role}"));
        Assert.Equal((404, $"Could not find role assignment with role: {role}, user or group: nowhere, project, domain, or system: "
            + $"{domain}."), await Refused("DELETE", $"/domains/{domain}/users/nowhere/roles/{role}"));
        Assert.Equal((404, $"Could not find role assignment with role: {role}, user or group: {user}, project, domain, or system: "
            + "system."), await Refused("DELETE", $"/system/users/{user}/roles/{role}"));
        var inherited = $"/OS-INHERIT/domains/{domain}/users/nowhere/roles";
        await cloud.Do("PUT", $"{inherited}/{role}/inherited_to_projects");
        Assert.Equal(1, (await cloud.Do("GET", $"{inherited}/inherited_to_projects")).GetProperty("roles").GetArrayLength());
        await cloud.Do("DELETE", $"{inherited}/{role}/inherited_to_projects");
        Assert.Equal(404, (await cloud.Send("GET", $"/OS-INHERIT/projects/{domain}/users/{user}/roles/inherited_to_projects", null,
            cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_group_has_a_shorter_name_than_its_form_says()
    {
        var name = new string('a', 65);
        Assert.Equal((400, $"String length exceeded. The length of string '{name}' exceeds the limit of column name(CHAR(64))."),
            await Refused("POST", "/groups", new { group = new { name } }));
    }

    [Fact]
    public async Task A_filter_for_a_name_takes_any_case_and_one_for_a_part_does_not()
    {
        var name = Fresh;
        foreach (var (path, kind) in ((string, string)[])[("/users", "user"), ("/groups", "group"), ("/projects", "project"),
            ("/domains", "domain"), ("/roles", "role")])
        {
            var id = Id(await Make(path, kind, new { name }));
            foreach (var (query, found) in ((string, bool)[])[("name=" + name.ToUpperInvariant(), true),
                ("name__contains=" + name.ToUpperInvariant(), false), ("name__icontains=" + name.ToUpperInvariant(), true),
                ($"name={name}&name=other", false)])
            {
                var list = (await cloud.Do("GET", path + "?" + query)).GetProperty(kind + "s");
                Assert.Equal(found ? [id] : [], list.EnumerateArray().Select(Id));
            }
        }

        Assert.Equal((400, "argument of type 'bool' is not iterable"), await Refused("GET", "/users?enabled__contains=true"));
        Assert.Empty((await cloud.Do("GET", "/users?enabled__icontains=true")).GetProperty("users").EnumerateArray());
    }

    [Fact]
    public async Task A_limit_of_zero_changes_nothing()
    {
        var service = await cloud.Service();
        var registered = Id(await cloud.Register(service, "cores", 10));
        Assert.Equal((409, "Conflict occurred attempting to store registered_limit - Duplicate entry."), await Refused("PATCH",
            "/registered_limits/" + registered, new { registered_limit = new { resource_name = "Cores" } }));
        var (_, project, _) = await cloud.Someone("member");
        var limit = (await cloud.Do("POST", "/limits", new
        {
            limits = new[] { new { project_id = project, service_id = service, resource_name = "cores", resource_limit = 3 } },
        })).GetProperty("limits")[0];
        var changed = await Change("/limits/" + Id(limit), "limit", new { resource_limit = 0, description = "" });
        Assert.Equal((3, JsonValueKind.Null),
            (changed.GetProperty("resource_limit").GetInt32(), changed.GetProperty("description").ValueKind));
    }

    [Fact]
    public async Task A_service_is_described_in_any_way()
    {
        var made = await Make("/services", "service", new { type = Fresh, name = "n", description = new[] { 1 } });
        Assert.Equal("[1]", made.GetProperty("description").GetRawText());
        var changed = await Change("/services/" + Id(made), "service", new { description = "" });
        Assert.Equal("", changed.GetProperty("description").GetString());
    }

    private static string Id(JsonElement thing) => thing.GetProperty("id").GetString()!;

    private static IEnumerable<string?> Tags(JsonElement body) =>
        body.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString());

    private async Task<JsonElement> Make(string path, string kind, object body) =>
        (await cloud.Do("POST", path, new Dictionary<string, object> { [kind] = body })).GetProperty(kind);

    private async Task<JsonElement> Change(string path, string kind, object body) =>
        (await cloud.Do("PATCH", path, new Dictionary<string, object> { [kind] = body })).GetProperty(kind);

    private async Task<(int Status, string Message)> Refused(string method, string path, object? body = null)
    {
        var answer = await cloud.Send(method, path, body, cloud.Admin);
        return (answer.Status, answer.Message);
    }
}
