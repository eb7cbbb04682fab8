using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class ProjectApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_project_is_made_shown_listed_changed_and_deleted()
    {
        var made = (await cloud.Do("POST", "/projects", new { project = new { name = "alpha", tags = new[] { "a" } } })).GetProperty(
            "project");
        var id = made.GetProperty("id").GetString()!;
        Assert.Equal(("default", "default", false, ""),
            (made.GetProperty("domain_id").GetString(), made.GetProperty("parent_id").GetString(),
            made.GetProperty("is_domain").GetBoolean(), made.GetProperty("description").GetString()));
        Assert.Equal(id, (await cloud.Do("GET", "/projects?name=alpha")).GetProperty("projects")[0].GetProperty("id").GetString());
        var changed = (await cloud.Do(
            "PATCH", "/projects/" + id, new { project = new { description = "x", colour = "red" } })).GetProperty("project");
        Assert.Equal(("x", "red"), (changed.GetProperty("description").GetString(), changed.GetProperty("colour").GetString()));
        var twin = await cloud.Send("POST", "/projects", new { project = new { name = "ALPHA" } }, cloud.Admin);
        Assert.Equal(409, twin.Status);
        Assert.StartsWith("Conflict occurred attempting to store project - it is not permitted to have two projects", twin.Message);
        await cloud.Do("DELETE", "/projects/" + id);
        Assert.Equal($"Could not find project: {id}.", (await cloud.Send("GET", "/projects/" + id, null, cloud.Admin)).Message);
    }

    [Fact]
    public async Task Projects_form_a_tree_of_bounded_depth()
    {
        var ids = new List<string>();
        for (var depth = 0; depth < 5; depth++)
            ids.Add(await Make("tree" + depth, ids.LastOrDefault()));

        var deeper = await cloud.Send("POST", "/projects", new { project = new { name = "tree5", parent_id = ids[4] } }, cloud.Admin);
        Assert.Equal(403, deeper.Status);
        var top = (await cloud.Do("GET", $"/projects/{ids[0]}?subtree_as_ids")).GetProperty("project").GetProperty("subtree");
        Assert.Equal("null", ids.Skip(1).Aggregate(top, (node, id) => node.GetProperty(id)).GetRawText());
        var bottom = (await cloud.Do("GET", $"/projects/{ids[4]}?parents_as_ids")).GetProperty("project").GetProperty("parents");
        Assert.True(bottom.GetProperty(ids[3]).GetProperty(ids[2]).GetProperty(ids[1]).GetProperty(ids[0]).TryGetProperty(
            "default", out _));
        Assert.Equal(403, (await cloud.Send("DELETE", "/projects/" + ids[0], null, cloud.Admin)).Status);
        Assert.Equal(403, (await cloud.Send(
            "PATCH", "/projects/" + ids[0], new { project = new { enabled = false } }, cloud.Admin)).Status);
        Assert.Equal(403, (await cloud.Send(
            "PATCH", "/projects/" + ids[1], new { project = new { parent_id = "default" } }, cloud.Admin)).Status);
    }

    [Theory]
    [InlineData("""{"project": {"name": "x", "parent_id": "nothing"}}""", "Could not find project: nothing.")]
    [InlineData("""{"project": {"name": "x", "domain_id": "nothing"}}""", "Could not find domain: nothing.")]
    [InlineData("""{"project": {"name": "x", "is_domain": true, "parent_id": "default"}}""",
        "only root projects are allowed to act as domains.")]
    [InlineData("""{"project": {"name": "x", "tags": ["a,b"]}}""", "Invalid input for field 'tags/0': 'a,b' does not match '^[^,/]*$'")]
    public async Task A_project_without_a_place_is_refused(string body, string message)
    {
        var answer = await cloud.Send("POST", "/projects", body, cloud.Admin);
        Assert.Equal((400, message), (answer.Status, answer.Message.Split("\n\nFailed validating")[0]));
    }

    [Fact]
    public async Task Tags_are_set_added_found_and_removed()
    {
        var id = await Make("tagged", null);
        await cloud.Do("PUT", $"/projects/{id}/tags", new { tags = new[] { "one", "two" } });
        Assert.Equal(201, (await cloud.Send("PUT", $"/projects/{id}/tags/three", null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("GET", $"/projects/{id}/tags/two", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("GET", $"/projects/{id}/tags/four", null, cloud.Admin)).Status);
        await cloud.Do("DELETE", $"/projects/{id}/tags/two");
        Assert.Equal(["one", "three"], Tags((await cloud.Do("GET", $"/projects/{id}/tags")).GetProperty("tags")));
        Assert.Equal(id, (await cloud.Do("GET", "/projects?tags=one,three")).GetProperty("projects")[0].GetProperty("id").GetString());
        Assert.Equal(0, (await cloud.Do("GET", "/projects?tags=one,two")).GetProperty("projects").GetArrayLength());
        await cloud.Do("DELETE", $"/projects/{id}/tags");
        Assert.Empty(Tags((await cloud.Do("GET", $"/projects/{id}/tags")).GetProperty("tags")));
    }

    [Fact]
    public async Task A_user_domain_is_also_a_project_that_acts_as_one()
    {
        var made = (await cloud.Do("POST", "/projects", new { project = new { name = "acting", is_domain = true } })).GetProperty(
            "project");
        var id = made.GetProperty("id").GetString()!;
        Assert.True(made.GetProperty("is_domain").GetBoolean());
        Assert.Equal("acting", (await cloud.Do("GET", "/domains/" + id)).GetProperty("domain").GetProperty("name").GetString());
        Assert.True((await cloud.Do("GET", "/projects/" + id)).GetProperty("project").GetProperty("is_domain").GetBoolean());
        var acting = (await cloud.Do("GET", "/projects?is_domain=true")).GetProperty("projects").EnumerateArray().Select(
            p => p.GetProperty("id").GetString());
        Assert.Contains(id, acting);
    }

    [Fact]
    public async Task A_user_domain_goes_with_all_that_is_in_it_once_disabled()
    {
        var domain = Id(await cloud.Do("POST", "/domains", new { domain = new { name = "doomed" } }), "domain");
        var parent = Id(await cloud.Do("POST", "/projects", new { project = new { name = "p", domain_id = domain } }), "project");
        var child = Id(await cloud.Do("POST", "/projects", new { project = new { name = "c", domain_id = domain, parent_id = parent } }),
            "project");
        var user = Id(await cloud.Do("POST", "/users", new { user = new { name = "u", domain_id = domain } }), "user");
        await cloud.Do("PUT", $"/projects/{child}/users/{user}/roles/{await cloud.RoleId("member")}");
        Assert.Equal(403, (await cloud.Send("DELETE", "/domains/" + domain, null, cloud.Admin)).Status);

        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });
        await cloud.Do("DELETE", "/domains/" + domain);

        foreach (var path in (string[])["/domains/" + domain, "/projects/" + parent, "/projects/" + child, "/users/" + user])
            Assert.Equal(404, (await cloud.Send("GET", path, null, cloud.Admin)).Status);
        Assert.Equal(0, (await cloud.Do("GET", "/role_assignments?user.id=" + user)).GetProperty("role_assignments").GetArrayLength());
    }

    private async Task<string> Make(string name, string? parent) =>
        Id(await cloud.Do("POST", "/projects", new { project = new { name, parent_id = parent } }), "project");

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;

    private static IEnumerable<string?> Tags(JsonElement tags) => tags.EnumerateArray().Select(tag => tag.GetString());
}
