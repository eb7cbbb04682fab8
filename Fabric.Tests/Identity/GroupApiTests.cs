using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class GroupApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_group_is_made_shown_listed_changed_and_deleted()
    {
        var made = await cloud.Send(
            "POST", "/groups", new { group = new { name = " staff ", description = "all", room = 5 } }, cloud.Admin);
        Assert.Equal(201, made.Status);
        var group = made.Body.GetProperty("group");
        var id = Text(group, "id");
        Assert.Equal(("staff", "default", "all", 5),
            (Text(group, "name"), Text(group, "domain_id"), Text(group, "description"), group.GetProperty("room").GetInt32()));
        Assert.EndsWith("/identity/v3/groups/" + id, group.GetProperty("links").GetProperty("self").GetString());

        Assert.Equal([id], Ids(await cloud.Do("GET", "/groups?name=staff"), "groups"));
        Assert.Equal([id], Ids(await cloud.Do("GET", "/groups?name__istartswith=STA&domain_id=default"), "groups"));
        Assert.Empty(Ids(await cloud.Do("GET", "/groups?name=staff&domain_id=elsewhere"), "groups"));

        var changed = (await cloud.Do("PATCH", "/groups/" + id, new { group = new { name = "crew", description = (string?)null } }))
            .GetProperty("group");
        Assert.Equal(("crew", (string?)null, 5),
            (Text(changed, "name"), Text(changed, "description"), changed.GetProperty("room").GetInt32()));

        Assert.Equal(204, (await cloud.Send("DELETE", "/groups/" + id, null, cloud.Admin)).Status);
        var gone = await cloud.Send("GET", "/groups/" + id, null, cloud.Admin);
        Assert.Equal((404, $"Could not find group: {id}."), (gone.Status, gone.Message));
    }

    [Fact]
    public async Task A_group_that_makes_no_sense_is_refused()
    {
        await Group("once");
        var twin = await cloud.Send("POST", "/groups", new { group = new { name = "Once" } }, cloud.Admin);
        Assert.Equal((409, "Conflict occurred attempting to store group - Duplicate entry found with name Once at domain ID default."),
            (twin.Status, twin.Message));
        Assert.Equal(400, (await cloud.Send("POST", "/groups", new { group = new { description = "x" } }, cloud.Admin)).Status);
        Assert.Equal(404,
            (await cloud.Send("POST", "/groups", new { group = new { name = "x", domain_id = "nowhere" } }, cloud.Admin)).Status);
        var id = await Group("fixed");
        Assert.Equal(400, (await cloud.Send("PATCH", "/groups/" + id, new { group = new { domain_id = "other" } }, cloud.Admin)).Status);
        Assert.Equal(400, (await cloud.Send("PATCH", "/groups/" + id, new { group = new { } }, cloud.Admin)).Status);
    }

    [Fact]
    public async Task Users_join_a_group_and_leave_it()
    {
        var group = await Group("club");
        var (user, _, token) = await cloud.Someone("reader");
        var path = $"/groups/{group}/users/{user}";
        var outside = await cloud.Send("HEAD", path, null, cloud.Admin);
        Assert.Equal(404, outside.Status);
        var told = await cloud.Send("GET", path, null, cloud.Admin);
        Assert.Equal($"User '{user}' not found in group '{group}'", told.Message);

        Assert.Equal(204, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);

        Assert.Equal(204, (await cloud.Send("HEAD", path, null, cloud.Admin)).Status);
        Assert.Equal([user], Ids(await cloud.Do("GET", $"/groups/{group}/users"), "users"));
        Assert.Empty(Ids(await cloud.Do("GET", $"/groups/{group}/users?enabled=false"), "users"));
        var mine = (await cloud.Send("GET", $"/users/{user}/groups", null, token)).Body;
        Assert.Equal([group], Ids(mine, "groups"));
        Assert.Equal(JsonValueKind.Null, mine.GetProperty("groups")[0].GetProperty("membership_expires_at").ValueKind);
        Assert.Equal(403, (await cloud.Send("GET", $"/groups/{group}/users", null, token)).Status);
        Assert.Equal(403, (await cloud.Send("PUT", path, null, token)).Status);
        Assert.Equal(404, (await cloud.Send("PUT", $"/groups/{group}/users/nobody", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("PUT", $"/groups/nothing/users/{user}", null, cloud.Admin)).Status);

        Assert.Equal(204, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        Assert.Empty(Ids(await cloud.Do("GET", $"/users/{user}/groups"), "groups"));
    }

    [Theory]
    [InlineData("project")]
    [InlineData("inherited project")]
    [InlineData("inherited domain")]
    public async Task A_role_of_a_group_holds_for_who_is_in_it_as_long_as_the_group_is_there(string kind)
    {
        var group = await Group("g" + Guid.NewGuid());
        var (user, own, _) = await cloud.Someone("reader");
        var name = Text((await cloud.Do("GET", "/users/" + user)).GetProperty("user"), "name");
        var parent = await Project(null);
        var child = await Project(parent);
        var member = await cloud.RoleId("member");
        var grant = kind switch
        {
            "project" => $"/projects/{child}/groups/{group}/roles/{member}",
            "inherited project" => $"/OS-INHERIT/projects/{parent}/groups/{group}/roles/{member}/inherited_to_projects",
            _ => $"/OS-INHERIT/domains/default/groups/{group}/roles/{member}/inherited_to_projects",
        };
        Assert.Equal(404, (await cloud.Send("HEAD", grant, null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("PUT", grant, null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("HEAD", grant, null, cloud.Admin)).Status);
        var scope = new { project = new { id = child } };
        using (var outside = await cloud.TryLogin(name, "pass-" + name, scope))
            Assert.Equal(401, (int)outside.StatusCode);

        await cloud.Do("PUT", $"/groups/{group}/users/{user}");

        var token = await cloud.Login(name, "pass-" + name, scope);
        var roles = (await cloud.Send("GET", "/auth/tokens", null, token, ("X-Subject-Token", token))).Body.GetProperty("token")
            .GetProperty("roles");
        Assert.Equal(["member", "reader"], roles.EnumerateArray().Select(role => Text(role, "name")).Order());
        var projects = Ids((await cloud.Send("GET", "/auth/projects", null, token)).Body, "projects");
        Assert.Contains(child, projects);
        Assert.Contains(own, projects);
        Assert.Equal(kind == "inherited domain", projects.Contains(parent));

        await cloud.Do("DELETE", "/groups/" + group);

        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        Assert.Empty(Ids(await cloud.Do("GET", $"/users/{user}/groups"), "groups"));
        Assert.Equal(0, (await cloud.Do("GET", "/role_assignments?group.id=" + group)).GetProperty("role_assignments").GetArrayLength());
    }

    [Fact]
    public async Task A_group_holds_roles_on_a_domain_and_the_system()
    {
        var group = await Group("wide");
        var (user, _, _) = await cloud.Someone("reader");
        var name = Text((await cloud.Do("GET", "/users/" + user)).GetProperty("user"), "name");
        var reader = await cloud.RoleId("reader");
        await cloud.Do("PUT", $"/groups/{group}/users/{user}");
        string[] grants = [$"/domains/default/groups/{group}/roles", $"/system/groups/{group}/roles"];
        foreach (var list in grants)
        {
            Assert.Equal(204, (await cloud.Send("PUT", $"{list}/{reader}", null, cloud.Admin)).Status);
            Assert.Equal([reader], Ids(await cloud.Do("GET", list), "roles"));
        }

        var token = await cloud.Login(name, "pass-" + name, new { domain = new { id = "default" } });
        Assert.Equal(200, (await cloud.Send("GET", "/groups", null, token)).Status);
        Assert.Contains("default", Ids((await cloud.Send("GET", "/auth/domains", null, token)).Body, "domains"));
        var system = await cloud.Login(name, "pass-" + name, new { system = new { all = true } });
        Assert.Equal(1, (await cloud.Send("GET", "/auth/system", null, system)).Body.GetProperty("system").GetArrayLength());

        foreach (var list in grants)
        {
            Assert.Equal(204, (await cloud.Send("DELETE", $"{list}/{reader}", null, cloud.Admin)).Status);
            Assert.Equal(404, (await cloud.Send("DELETE", $"{list}/{reader}", null, cloud.Admin)).Status);
        }

        Assert.Equal(401, (await cloud.Send("GET", "/groups", null, token)).Status);
    }

    [Fact]
    public async Task A_user_that_is_deleted_is_in_no_group_any_more_and_a_domain_takes_its_groups_along()
    {
        var domain = Text((await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } })).GetProperty("domain"),
            "id");
        var inside = Text((await cloud.Do("POST", "/groups", new { group = new { name = "inside", domain_id = domain } })).GetProperty(
            "group"), "id");
        var group = await Group("left");
        var (user, _, _) = await cloud.Someone("reader");
        await cloud.Do("PUT", $"/groups/{group}/users/{user}");
        await cloud.Do("PUT", $"/groups/{inside}/users/{user}");

        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });
        await cloud.Do("DELETE", "/domains/" + domain);
        Assert.Equal(404, (await cloud.Send("GET", "/groups/" + inside, null, cloud.Admin)).Status);
        Assert.Equal([group], Ids(await cloud.Do("GET", $"/users/{user}/groups"), "groups"));

        await cloud.Do("DELETE", "/users/" + user);
        Assert.Empty(Ids(await cloud.Do("GET", $"/groups/{group}/users"), "users"));
        Assert.Equal(404, (await cloud.Send("HEAD", $"/groups/{group}/users/{user}", null, cloud.Admin)).Status);
    }

    private async Task<string> Group(string name) =>
        Text((await cloud.Do("POST", "/groups", new { group = new { name } })).GetProperty("group"), "id");

    private async Task<string> Project(string? parent) => Text((await cloud.Do("POST", "/projects",
        new { project = new { name = "p" + Guid.NewGuid(), parent_id = parent } })).GetProperty("project"), "id");

    private static string Text(JsonElement thing, string name) => thing.GetProperty(name).GetString()!;

    private static IEnumerable<string> Ids(JsonElement body, string list) =>
        body.GetProperty(list).EnumerateArray().Select(static item => item.GetProperty("id").GetString()!);
}
