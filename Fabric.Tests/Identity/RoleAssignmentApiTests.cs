using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class RoleAssignmentApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Theory]
    [InlineData("scope.domain.id=a&scope.project.id=b", "Specify a domain or project, not both")]
    [InlineData("scope.domain.id=a&scope.system=all", "Specify system or domain, not both")]
    [InlineData("scope.project.id=a&scope.system=all", "Specify system or project, not both")]
    [InlineData("user.id=a&group.id=b", "Specify a user or group, not both")]
    [InlineData("effective&group.id=b", "Combining effective and group filter will always result in an empty list.")]
    [InlineData("effective&scope.domain.id=a&scope.OS-INHERIT:inherited_to=projects",
        "Combining effective, domain and inherited filters will always result in an empty list.")]
    [InlineData("include_subtree", "scope.project.id must be specified if include_subtree is also specified")]
    public async Task What_makes_no_sense_together_is_refused(string query, string message)
    {
        var answer = await cloud.Send("GET", "/role_assignments?" + query, null, cloud.Admin);
        Assert.Equal((400, message), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Who_is_not_there_is_404_only_where_roles_take_effect()
    {
        Assert.Empty(await List("user.id=nobody"));
        Assert.Empty(await List("scope.project.id=nothing"));
        Assert.Equal(404, (await cloud.Send("GET", "/role_assignments?effective&user.id=nobody", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/role_assignments?effective&scope.project.id=nothing", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send(
            "GET", "/role_assignments?include_subtree&scope.project.id=nothing", null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task A_group_s_role_is_one_line_as_granted_and_one_for_each_user_as_it_takes_effect()
    {
        var (group, user) = await Team();
        var (second, _, _) = await cloud.Someone("reader");
        await cloud.Do("PUT", $"/groups/{group}/users/{second}");
        var project = await Project(null);
        var reader = await cloud.RoleId("reader");
        await cloud.Do("PUT", $"/projects/{project}/groups/{group}/roles/{reader}");

        var granted = Assert.Single(await List("scope.project.id=" + project));
        Assert.Equal(group, granted.GetProperty("group").GetProperty("id").GetString());
        Assert.EndsWith($"/projects/{project}/groups/{group}/roles/{reader}", Link(granted, "assignment"));

        var effective = await List($"effective&include_names&scope.project.id={project}");
        Assert.Equal(new[] { user, second }.Order(), effective.Select(line => Id(line, "user")).Order());
        var mine = effective.Single(line => Id(line, "user") == user);
        Assert.EndsWith($"/groups/{group}/users/{user}", Link(mine, "membership"));
        Assert.EndsWith($"/projects/{project}/groups/{group}/roles/{reader}", Link(mine, "assignment"));
        Assert.Equal("Default", mine.GetProperty("user").GetProperty("domain").GetProperty("name").GetString());
        Assert.Equal("reader", mine.GetProperty("role").GetProperty("name").GetString());
        Assert.Single(await List($"effective&scope.project.id={project}&user.id={user}&role.id={reader}"));
        Assert.Empty(await List($"scope.project.id={project}&user.id={user}"));
        Assert.Single(await List($"scope.project.id={project}&group.id={group}"));
    }

    [Fact]
    public async Task Inherited_roles_are_shown_on_each_project_below()
    {
        var (_, user) = await Team();
        var top = await Project(null);
        var (left, right) = (await Project(top), await Project(top));
        var leaf = await Project(left);
        var reader = await cloud.RoleId("reader");
        await cloud.Do("PUT", $"/OS-INHERIT/projects/{top}/users/{user}/roles/{reader}/inherited_to_projects");
        await cloud.Do("PUT", $"/OS-INHERIT/projects/{left}/users/{user}/roles/{reader}/inherited_to_projects");
        await cloud.Do("PUT", $"/projects/{right}/users/{user}/roles/{reader}");

        // From the top: everything below it by one role, the leaf by both; and what was granted on the right itself.
        var all = (await List($"effective&user.id={user}")).Select(line => Id(line.GetProperty("scope"), "project")).ToList();
        Assert.Contains(leaf, all);
        Assert.Equal(2, all.Count(id => id == leaf));
        Assert.Equal(2, all.Count(id => id == right));
        Assert.Equal(1, all.Count(id => id == left));
        Assert.DoesNotContain(top, all);

        Assert.Equal(2, (await List($"effective&user.id={user}&scope.project.id={leaf}")).Count);
        Assert.Single(await List($"effective&user.id={user}&scope.project.id={right}&scope.OS-INHERIT:inherited_to=projects"));
        Assert.Single(await List($"effective&user.id={user}&scope.project.id={right}&scope.OS-INHERIT:inherited_to=none"));
        var tree = await List($"effective&include_subtree&user.id={user}&scope.project.id={left}");
        Assert.Equal([left, leaf, leaf], tree.Select(line => Id(line.GetProperty("scope"), "project"))
            .OrderBy(id => id == left ? 0 : 1));
        Assert.All(tree, line => Assert.Equal("projects", line.GetProperty("scope").GetProperty("OS-INHERIT:inherited_to").GetString()));
        Assert.Equal(3, (await List($"include_subtree&user.id={user}&scope.project.id={top}")).Count);
        Assert.Single(await List($"user.id={user}&scope.project.id={top}&scope.OS-INHERIT:inherited_to=projects"));
    }

    [Fact]
    public async Task A_domain_s_role_only_stands_for_those_it_implies()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } })).GetProperty("domain")
            .GetProperty("id").GetString()!;
        var special = (await cloud.Do("POST", "/roles", new { role = new { name = "special", domain_id = domain } })).GetProperty("role")
            .GetProperty("id").GetString()!;
        var member = await cloud.RoleId("member");
        await cloud.Do("PUT", $"/roles/{special}/implies/{member}");
        var refused = await cloud.Send("PUT", $"/roles/{member}/implies/{special}", null, cloud.Admin);
        Assert.Equal((403, $"{special} cannot be an implied roles."), (refused.Status, refused.Message));
        var (user, elsewhere, _) = await cloud.Someone("reader");
        var mismatch = await cloud.Send("PUT", $"/projects/{elsewhere}/users/{user}/roles/{special}", null, cloud.Admin);
        Assert.Equal((403, $"Project {elsewhere} must be in the same domain as the role {special} being assigned."),
            (mismatch.Status, mismatch.Message));
        Assert.Equal(400, (await cloud.Send("PUT", $"/system/users/{user}/roles/{special}", null, cloud.Admin)).Status);
        var project = (await cloud.Do("POST", "/projects", new { project = new { name = "inside", domain_id = domain } })).GetProperty(
            "project").GetProperty("id").GetString()!;
        await cloud.Do("PUT", $"/projects/{project}/users/{user}/roles/{special}");

        var granted = Assert.Single(await List($"include_names&user.id={user}&scope.project.id={project}"));
        Assert.Equal(domain, granted.GetProperty("role").GetProperty("domain").GetProperty("id").GetString());
        var effective = await List($"effective&include_names&user.id={user}&scope.project.id={project}");
        Assert.Equal(["member", "reader"], effective.Select(Role).Order());
        Assert.EndsWith($"/prior_role/{member}/implies/{special}", Link(effective.Single(line => Role(line) == "member"), "prior_role"));
        // Each implied role names the one that implies it, not the one at the beginning.
        Assert.EndsWith($"/implies/{member}", Link(effective.Single(line => Role(line) == "reader"), "prior_role"));
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        var token = await cloud.Login(name, "pass-" + name, new { project = new { id = project } });
        var roles = (await cloud.Send("GET", "/auth/tokens", null, token, ("X-Subject-Token", token))).Body.GetProperty("token")
            .GetProperty("roles");
        Assert.Equal(["member", "reader"], roles.EnumerateArray().Select(role => role.GetProperty("name").GetString()).Order());
    }

    [Fact]
    public async Task Roles_on_the_system_are_listed_as_granted_alone()
    {
        var (group, user) = await Team();
        var reader = await cloud.RoleId("reader");
        await cloud.Do("PUT", $"/system/groups/{group}/roles/{reader}");
        await cloud.Do("PUT", $"/system/users/{user}/roles/{reader}");

        Assert.Equal(user, Id(Assert.Single(await List($"scope.system=all&user.id={user}")), "user"));
        Assert.Equal(group, Id(Assert.Single(await List($"scope.system=all&group.id={group}")), "group"));
        Assert.Contains(await List("user.id=" + user), line => line.GetProperty("scope").TryGetProperty("system", out _));
        Assert.DoesNotContain(await List("effective&user.id=" + user), line => line.GetProperty("scope").TryGetProperty("system", out _));
    }

    [Fact]
    public async Task A_reader_of_a_domain_lists_what_is_held_in_it()
    {
        var (user, _, _) = await cloud.Someone("reader");
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } })).GetProperty("domain")
            .GetProperty("id").GetString()!;
        var project = (await cloud.Do("POST", "/projects", new { project = new { name = "theirs", domain_id = domain } })).GetProperty(
            "project").GetProperty("id").GetString()!;
        await cloud.Do("PUT", $"/domains/{domain}/users/{user}/roles/{await cloud.RoleId("reader")}");
        await cloud.Do("PUT", $"/projects/{project}/users/{user}/roles/{await cloud.RoleId("reader")}");
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        var token = await cloud.Login(name, "pass-" + name, new { domain = new { id = domain } });

        Assert.Equal(2, (await cloud.Send("GET", "/role_assignments", null, token)).Body.GetProperty("role_assignments").GetArrayLength());
        // Keystone's rule for trees compares a domain that it is not told of, so trees are for the readers of all.
        Assert.Equal(403, (await cloud.Send(
            "GET", "/role_assignments?include_subtree&scope.project.id=" + project, null, token)).Status);
    }

    private async Task<IReadOnlyList<JsonElement>> List(string query) =>
        [.. (await cloud.Do("GET", "/role_assignments?" + query)).GetProperty("role_assignments").EnumerateArray()];

    private async Task<(string Group, string User)> Team()
    {
        var group = (await cloud.Do("POST", "/groups", new { group = new { name = "t" + Guid.NewGuid() } })).GetProperty("group")
            .GetProperty("id").GetString()!;
        var (user, _, _) = await cloud.Someone("reader");
        await cloud.Do("PUT", $"/groups/{group}/users/{user}");
        return (group, user);
    }

    private async Task<string> Project(string? parent) => (await cloud.Do("POST", "/projects",
        new { project = new { name = "p" + Guid.NewGuid(), parent_id = parent } })).GetProperty("project").GetProperty("id").GetString()!;

    private static string Id(JsonElement line, string name) => line.GetProperty(name).GetProperty("id").GetString()!;

    private static string Role(JsonElement line) => line.GetProperty("role").GetProperty("name").GetString()!;

    private static string Link(JsonElement line, string name) => line.GetProperty("links").GetProperty(name).GetString()!;
}
