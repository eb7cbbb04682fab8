using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class ResourceOptionsApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Theory]
    [InlineData("/roles", "role", "role")]
    [InlineData("/projects", "project", "project")]
    [InlineData("/domains", "domain", "domain")]
    public async Task What_is_immutable_is_neither_changed_nor_deleted_until_it_is_freed(string path, string member, string kind)
    {
        var made = (await cloud.Do("POST", path, Body(member, new { name = "i" + Guid.NewGuid().ToString("N")[..8],
            enabled = false, options = new { immutable = true } }))).GetProperty(member);
        var one = $"{path}/{made.GetProperty("id").GetString()}";
        Assert.True(made.GetProperty("options").GetProperty("immutable").GetBoolean());

        var changed = await cloud.Send("PATCH", one, Body(member, new { description = "x" }), cloud.Admin);
        Assert.Equal((403, $"Unable to update immutable {kind} resource: `{made.GetProperty("id").GetString()}. Set resource option "
            + "\"immutable\" to false first."), (changed.Status, changed.Message));
        Assert.Equal(403, (await cloud.Send(
            "PATCH", one, Body(member, new { description = "x", options = new { immutable = false } }), cloud.Admin)).Status);
        var deleted = await cloud.Send("DELETE", one, null, cloud.Admin);
        Assert.Equal(403, deleted.Status);
        Assert.StartsWith($"Unable to delete immutable {kind} resource", deleted.Message);

        // A domain is freed as the project that acts as it.
        var (freeAt, freeAs) = member == "domain" ? (one.Replace("/domains", "/projects"), "project") : (one, member);
        var freed = (await cloud.Do("PATCH", freeAt, Body(freeAs, new { options = new { immutable = (bool?)null } }))).GetProperty(freeAs);
        Assert.Equal("{}", freed.GetProperty("options").GetRawText());
        await cloud.Do("PATCH", one, Body(member, new { description = "x" }));
        await cloud.Do("DELETE", one);
    }

    [Fact]
    public async Task An_immutable_project_keeps_its_tags()
    {
        var id = (await cloud.Do("POST", "/projects", new { project = new { name = "tagged", tags = new[] { "a" },
            options = new { immutable = true } } })).GetProperty("project").GetProperty("id").GetString()!;
        foreach (var (method, path, act) in new[] { ("PUT", "/tags/b", "create"), ("DELETE", "/tags/a", "delete"),
            ("PUT", "/tags", "update"), ("DELETE", "/tags", "update") })
        {
            object? body = path == "/tags" && method == "PUT" ? new { tags = new[] { "c" } } : null;
            var refused = await cloud.Send(method, $"/projects/{id}{path}", body, cloud.Admin);
            Assert.Equal((403, $"Cannot {act} project tags for {id}, project is immutable. Set \"immutable\" option to false before "
                + "creating project tags."), (refused.Status, refused.Message));
        }

        Assert.Equal("""["a"]""", (await cloud.Do("GET", $"/projects/{id}/tags")).GetProperty("tags").GetRawText());
    }

    [Fact]
    public async Task Options_of_a_user_are_kept_one_by_one()
    {
        var made = (await cloud.Do("POST", "/users", new { user = new { name = "opts", options = new {
            ignore_password_expiry = true, multi_factor_auth_rules = new[] { new[] { "password", "totp" } } } } })).GetProperty("user");
        var one = "/users/" + made.GetProperty("id").GetString();
        Assert.True(made.GetProperty("options").GetProperty("ignore_password_expiry").GetBoolean());

        var changed = (await cloud.Do("PATCH", one, new { user = new { options = new { lock_password = true,
            ignore_password_expiry = (bool?)null } } })).GetProperty("user").GetProperty("options");

        Assert.Equal(["lock_password", "multi_factor_auth_rules"], changed.EnumerateObject().Select(option => option.Name).Order());
        Assert.Equal("""[["password","totp"]]""", changed.GetProperty("multi_factor_auth_rules").GetRawText());
    }

    [Theory]
    [InlineData("/users", """{"user": {"name": "x", "options": {"unknown": true}}}""",
        "Invalid input for field 'options': Additional properties are not allowed ('unknown' was unexpected)")]
    [InlineData("/users", """{"user": {"name": "x", "options": {"lock_password": "yes"}}}""",
        "Invalid input for field 'options/lock_password': 'yes' is not of type 'boolean', 'null'")]
    [InlineData("/users", """{"user": {"name": "x", "options": {"multi_factor_auth_rules": [[]]}}}""",
        "Invalid input for field 'options/multi_factor_auth_rules/0': [] is too short")]
    [InlineData("/projects", """{"project": {"name": "x", "options": {"immutable": 1}}}""",
        "Invalid input for field 'options/immutable': 1 is not of type 'boolean', 'null'")]
    [InlineData("/roles", """{"role": {"name": "x", "options": {"lock_password": true}}}""",
        "Invalid input for field 'options': Additional properties are not allowed ('lock_password' was unexpected)")]
    public async Task Options_that_are_none_are_refused(string path, string body, string message)
    {
        var answer = await cloud.Send("POST", path, body, cloud.Admin);
        Assert.Equal((400, message), (answer.Status, answer.Message.Split("\n\nFailed validating")[0]));
    }

    [Fact]
    public async Task A_domain_is_a_project_that_acts_as_one()
    {
        var chosen = Guid.NewGuid().ToString("N");
        var made = await cloud.Send("POST", "/domains",
            new { domain = new { name = "acting", explicit_domain_id = chosen, tags = new[] { "blue" } } }, cloud.Admin);
        Assert.Equal((201, chosen), (made.Status, made.Body.GetProperty("domain").GetProperty("id").GetString()));
        var wrong = await cloud.Send("POST", "/domains", new { domain = new { name = "bad", explicit_domain_id = "x" } }, cloud.Admin);
        Assert.Equal((400, "Domain ID does not conform to required UUID format."), (wrong.Status, wrong.Message));
        var child = (await cloud.Do("POST", "/projects", new { project = new { name = "below", domain_id = chosen } })).GetProperty(
            "project").GetProperty("id").GetString()!;

        Assert.Equal([chosen], Names(await cloud.Do("GET", "/projects?is_domain=true&tags=blue")));
        Assert.DoesNotContain(chosen, Names(await cloud.Do("GET", "/projects")));
        Assert.Equal([child], Names(await cloud.Do("GET", "/projects?parent_id=" + chosen)));
        var shown = (await cloud.Do("GET", $"/projects/{chosen}?subtree_as_ids&parents_as_ids")).GetProperty("project");
        Assert.True(shown.GetProperty("is_domain").GetBoolean());
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("parents").ValueKind);
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("subtree").GetProperty(child).ValueKind);
        Assert.Equal(400, (await cloud.Send(
            "PATCH", "/projects/" + chosen, new { project = new { is_domain = false } }, cloud.Admin)).Status);
        Assert.Equal(403, (await cloud.Send(
            "PATCH", "/projects/" + chosen, new { project = new { parent_id = child } }, cloud.Admin)).Status);
        var enabled = await cloud.Send("DELETE", "/domains/" + chosen, null, cloud.Admin);
        Assert.Equal((403, "Cannot delete a domain that is enabled, please disable it first."), (enabled.Status, enabled.Message));
    }

    [Fact]
    public async Task A_project_that_is_deleted_is_nobody_s_default_any_more()
    {
        var project = (await cloud.Do("POST", "/projects", new { project = new { name = "short-lived" } })).GetProperty("project")
            .GetProperty("id").GetString()!;
        var user = (await cloud.Do("POST", "/users", new { user = new { name = "homeless", default_project_id = project } }))
            .GetProperty("user").GetProperty("id").GetString()!;
        var domain = await cloud.Send(
            "PATCH", "/users/" + user, new { user = new { default_project_id = "default" } }, cloud.Admin);
        Assert.Equal((400, "User's default project ID cannot be a domain ID: default"), (domain.Status, domain.Message));

        await cloud.Do("DELETE", "/projects/" + project);

        Assert.False((await cloud.Do("GET", "/users/" + user)).GetProperty("user").TryGetProperty("default_project_id", out _));
    }

    private static Dictionary<string, object> Body(string member, object inner) => new() { [member] = inner };

    private static IEnumerable<string> Names(JsonElement body) =>
        body.GetProperty("projects").EnumerateArray().Select(static project => project.GetProperty("id").GetString()!);
}
