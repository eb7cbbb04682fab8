using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class RoleApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_role_is_made_implied_and_deleted_wherever_it_is_held()
    {
        var role = Id(await cloud.Do("POST", "/roles", new { role = new { name = "auditor" } }), "role");
        var member = await cloud.RoleId("member");
        var answer = await cloud.Send("PUT", $"/roles/{role}/implies/{member}", null, cloud.Admin);
        Assert.Equal(201, answer.Status);
        Assert.Equal(204, (await cloud.Send("HEAD", $"/roles/{role}/implies/{member}", null, cloud.Admin)).Status);
        Assert.Equal("auditor", answer.Body.GetProperty("role_inference").GetProperty("prior_role").GetProperty("name").GetString());
        var (user, project, _) = await cloud.Someone("reader");
        await cloud.Do("PUT", $"/projects/{project}/users/{user}/roles/{role}");
        var effective = (await cloud.Do("GET", $"/role_assignments?effective&include_names&user.id={user}")).GetProperty(
            "role_assignments");
        Assert.Equal(["auditor", "member", "reader", "reader"], effective.EnumerateArray().Select(RoleName).Order());

        await cloud.Do("DELETE", "/roles/" + role);

        var left = (await cloud.Do("GET", $"/role_assignments?include_names&user.id={user}")).GetProperty("role_assignments");
        Assert.Equal(["reader"], left.EnumerateArray().Select(RoleName));
    }

    [Fact]
    public async Task Nothing_can_imply_admin_and_a_role_name_is_taken_once()
    {
        var (admin, member) = (await cloud.RoleId("admin"), await cloud.RoleId("member"));
        Assert.Equal(403, (await cloud.Send("PUT", $"/roles/{member}/implies/{admin}", null, cloud.Admin)).Status);
        var twin = await cloud.Send("POST", "/roles", new { role = new { name = "Member" } }, cloud.Admin);
        Assert.Equal((409, "Conflict occurred attempting to store role - Duplicate entry found with name Member."),
            (twin.Status, twin.Message));
        var inferences = (await cloud.Do("GET", "/role_inferences")).GetProperty("role_inferences");
        Assert.Contains("admin", inferences.EnumerateArray().Select(i => i.GetProperty("prior_role").GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_grant_is_checked_listed_and_revoked()
    {
        var (user, project, _) = await cloud.Someone("reader");
        var member = await cloud.RoleId("member");
        var path = $"/projects/{project}/users/{user}/roles/{member}";
        var missing = await cloud.Send("GET", path, null, cloud.Admin);
        Assert.Equal(404, missing.Status);
        Assert.Equal($"Could not find role assignment with role: {member}, user or group: {user}, project, domain, or system: {project}.",
            missing.Message);

        Assert.Equal(204, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);
        Assert.Equal(204, (await cloud.Send("PUT", path, null, cloud.Admin)).Status);

        Assert.Equal(204, (await cloud.Send("HEAD", path, null, cloud.Admin)).Status);
        var held = (await cloud.Do("GET", $"/projects/{project}/users/{user}/roles")).GetProperty("roles");
        Assert.Equal(["member", "reader"], held.EnumerateArray().Select(role => role.GetProperty("name").GetString()).Order());
        Assert.Equal(204, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("DELETE", path, null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("PUT", $"/projects/{project}/users/{user}/roles/nothing", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("PUT", $"/projects/nothing/users/{user}/roles/{member}", null, cloud.Admin)).Status);
        Assert.Equal(404, (await cloud.Send("PUT", $"/projects/{project}/users/nobody/roles/{member}", null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task An_inherited_role_holds_on_projects_below_and_not_where_it_was_given()
    {
        var (user, parent, _) = await cloud.Someone("reader");
        var child = Id(await cloud.Do(
            "POST", "/projects", new { project = new { name = "child" + Guid.NewGuid(), parent_id = parent } }), "project");
        var member = await cloud.RoleId("member");
        await cloud.Do("PUT", $"/OS-INHERIT/projects/{parent}/users/{user}/roles/{member}/inherited_to_projects");

        var listed = (await cloud.Do("GET", $"/role_assignments?effective&include_names&user.id={user}&scope.project.id={child}"))
            .GetProperty("role_assignments");
        Assert.Equal(["member", "reader"], listed.EnumerateArray().Select(RoleName).Order());
        Assert.All(listed.EnumerateArray(),
            line => Assert.Equal("projects", line.GetProperty("scope").GetProperty("OS-INHERIT:inherited_to").GetString()));
        var above = (await cloud.Do("GET", $"/role_assignments?effective&include_names&user.id={user}&scope.project.id={parent}"))
            .GetProperty("role_assignments");
        Assert.Equal(["reader"], above.EnumerateArray().Select(RoleName));
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        var token = await cloud.Login(name, "pass-" + name, new { project = new { id = child } });
        var projects = (await cloud.Send("GET", "/auth/projects", null, token)).Body.GetProperty("projects");
        Assert.Equal(new[] { child, parent }.Order(),
            projects.EnumerateArray().Select(project => project.GetProperty("id").GetString()!).Order());
    }

    [Fact]
    public async Task A_role_on_the_system_opens_the_system()
    {
        var (user, _, token) = await cloud.Someone("member");
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;
        Assert.Equal("[]", (await cloud.Send("GET", "/auth/system", null, token)).Body.GetProperty("system").GetRawText());
        await cloud.Do("PUT", $"/system/users/{user}/roles/{await cloud.RoleId("reader")}");

        var reader = await cloud.Login(name, "pass-" + name, new { system = new { all = true } });

        Assert.Equal(200, (await cloud.Send("GET", "/users", null, reader)).Status);
        Assert.Equal(200, (await cloud.Send("GET", "/services", null, reader)).Status);
        Assert.Equal(403, (await cloud.Send("POST", "/users", new { user = new { name = "x" } }, reader)).Status);
        var lines = (await cloud.Do("GET", $"/role_assignments?user.id={user}&scope.system=all&include_names")).GetProperty(
            "role_assignments");
        Assert.True(lines[0].GetProperty("scope").GetProperty("system").GetProperty("all").GetBoolean());
    }

    private static string? RoleName(JsonElement line) => line.GetProperty("role").GetProperty("name").GetString();

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
