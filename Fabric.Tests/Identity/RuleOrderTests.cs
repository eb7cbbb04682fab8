using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

/// <summary>Which rule is asked, and when, where a route has more than one.</summary>
public sealed class RuleOrderTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task The_assignments_of_a_tree_have_a_rule_of_their_own()
    {
        var (_, project, token) = await cloud.Someone("admin");
        var tree = $"/role_assignments?include_subtree&scope.project.id={project}";
        cloud.WriteRules("keystone_policy.yaml", "identity:list_role_assignments: \"!\"\n");
        await Eventually.True(async () => await Refused("/role_assignments", token) == "identity:list_role_assignments", "the rule holds");
        Assert.Equal(1, (await cloud.Send("GET", tree, null, token)).Body.GetProperty("role_assignments").GetArrayLength());
        cloud.WriteRules("keystone_policy.yaml", "identity:list_role_assignments_for_tree: \"!\"\n");
        await Eventually.True(
            async () => await Refused(tree, token) == "identity:list_role_assignments_for_tree", "the other rule holds");
        Assert.Equal(200, (await cloud.Send("GET", "/role_assignments", null, token)).Status);
    }

    [Fact]
    public async Task The_roles_of_a_domain_have_rules_of_their_own()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "ruled" } })).GetProperty("domain").GetProperty("id");
        var own = (await cloud.Do("POST", "/roles", new { role = new { name = "ours", domain_id = domain } })).GetProperty("role")
            .GetProperty("id");
        var (_, _, reader) = await cloud.Someone("reader");
        var made = await cloud.Send("POST", "/roles", new { role = new { name = "theirs", domain_id = domain } }, reader);
        Assert.Equal((403, "You are not authorized to perform the requested action: identity:create_domain_role."),
            (made.Status, made.Message));
        Assert.Equal("identity:list_domain_roles", await Refused("/roles?domain_id=" + domain, reader));
        Assert.Equal("identity:get_domain_role", await Refused("/roles/" + own, reader));
        foreach (var body in (object[])[new { role = new { description = "d" } }, new { role = new { name = 5 } }])
        {
            var changed = await cloud.Send("PATCH", "/roles/" + own, body, reader);
            Assert.Equal((403, "You are not authorized to perform the requested action: identity:update_domain_role."),
                (changed.Status, changed.Message));
        }
    }

    [Theory]
    [InlineData("domain", "PATCH", "DELETE")]
    [InlineData("endpoint", "GET", "PATCH", "DELETE")]
    [InlineData("group", "DELETE")]
    [InlineData("role", "GET", "PATCH", "DELETE")]
    [InlineData("limit", "PATCH", "DELETE")]
    public async Task Whoever_has_a_token_hears_that_a_thing_is_not_there_before_its_rule_and_its_body(string kind, params string[] verbs)
    {
        var (_, _, reader) = await cloud.Someone("reader");
        var text = kind == "limit" ? "Could not find limit for nothing." : $"Could not find {kind}: nothing.";
        foreach (var verb in verbs)
        {
            var body = verb == "PATCH" ? new { } : null;
            foreach (var token in (string[])[reader, cloud.Admin])
            {
                var answer = await cloud.Send(verb, $"/{kind}s/nothing", body, token);
                Assert.Equal((404, text), (answer.Status, answer.Message));
            }

            Assert.Equal(401, (await cloud.Send(verb, $"/{kind}s/nothing", body, null)).Status);
        }
    }

    [Theory]
    [InlineData("GET", "/projects/nothing/users/{user}/roles", "project")]
    [InlineData("GET", "/projects/{project}/users/nothing/roles", "user")]
    [InlineData("GET", "/projects/{project}/groups/nothing/roles", "group")]
    [InlineData("PUT", "/projects/{project}/users/nothing/roles/nothing", "role")]
    [InlineData("DELETE", "/projects/{project}/users/{user}/roles/nothing", "role")]
    [InlineData("PUT", "/domains/nothing/users/{user}/roles/nothing", "domain")]
    [InlineData("GET", "/domains/default/users/{user}/roles/nothing", "role")]
    [InlineData("PUT", "/system/users/{user}/roles/nothing", "role")]
    [InlineData("GET", "/system/users/nothing/roles", "user")]
    [InlineData("GET", "/roles/nothing/implies", "role")]
    [InlineData("PUT", "/roles/{member}/implies/nothing", "role")]
    public async Task Whoever_has_a_token_hears_which_part_of_a_role_held_is_not_there(string verb, string path, string kind)
    {
        var (user, project, reader) = await cloud.Someone("reader");
        path = path.Replace("{user}", user).Replace("{project}", project).Replace("{member}", await cloud.RoleId("member"));
        var answer = await cloud.Send(verb, path, null, reader);
        Assert.Equal((404, $"Could not find {kind}: nothing."), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Roles_held_are_refused_by_their_rule_where_all_is_there_and_inherited_ones_at_once()
    {
        var (user, project, reader) = await cloud.Someone("reader");
        var member = await cloud.RoleId("member");
        Assert.Equal("identity:check_grant", await Refused($"/projects/{project}/users/{user}/roles/{member}", reader));
        Assert.Equal("identity:list_grants", await Refused($"/domains/default/users/{user}/roles", reader));
        Assert.Equal("identity:check_system_grant_for_user", await Refused($"/system/users/{user}/roles/{member}", reader));
        Assert.Equal("identity:get_implied_role", await Refused($"/roles/{member}/implies/{member}", reader));
        Assert.Equal("identity:check_grant",
            await Refused($"/OS-INHERIT/projects/nothing/users/{user}/roles/nothing/inherited_to_projects", reader));
    }

    [Fact]
    public async Task An_EC2_credential_that_is_not_there_is_told_also_to_whom_the_rule_lets_see_none()
    {
        var (user, project, token) = await cloud.Someone("member");
        var made = await cloud.Do("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project });
        var own = $"/users/{user}/credentials/OS-EC2/{made.GetProperty("credential").GetProperty("access")}";
        cloud.WriteRules("keystone_policy.yaml", "identity:ec2_get_credential: \"!\"\nidentity:ec2_delete_credential: \"!\"\n");
        await Eventually.True(async () => await Refused(own, token) == "identity:ec2_get_credential", "the rule holds");
        Assert.Equal(404, (await cloud.Send("GET", $"/users/{user}/credentials/OS-EC2/nothing", null, token)).Status);
        Assert.Equal(404, (await cloud.Send("DELETE", $"/users/{user}/credentials/OS-EC2/nothing", null, token)).Status);
        Assert.Equal(403, (await cloud.Send("DELETE", own, null, token)).Status);
        cloud.WriteRules("keystone_policy.yaml", "");
        await Eventually.True(async () => (await cloud.Send("GET", own, null, token)).Status == 200, "the rules are as they were");
    }

    [Fact]
    public async Task Who_may_not_see_a_thing_that_is_there_is_refused_by_its_rule()
    {
        var (_, _, reader) = await cloud.Someone("reader");
        var member = await cloud.RoleId("member");
        Assert.Equal("identity:get_role", await Refused("/roles/" + member, reader));
        // Keystone asks the rules of these first.
        Assert.Equal("identity:get_domain", await Refused("/domains/nothing", reader));
        Assert.Equal("identity:get_group", await Refused("/groups/nothing", reader));
        Assert.Equal("identity:get_service", await Refused("/services/nothing", reader));
    }

    [Theory]
    [InlineData("", "any options")]
    [InlineData("/ldap", "group ldap")]
    [InlineData("/ldap/url", "option url in group ldap")]
    public async Task A_domain_that_is_not_there_has_no_settings(string tail, string what)
    {
        var answer = await cloud.Send("GET", "/domains/nowhere/config" + tail, null, cloud.Admin);
        Assert.Equal((404, $"Could not find {what} in domain configuration for domain nowhere."), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task What_names_no_domain_goes_to_the_default_one_whatever_project_its_maker_works_in()
    {
        var domain = (await cloud.Do("POST", "/domains", new { domain = new { name = "else" } })).GetProperty("domain").GetProperty("id");
        var project = (await cloud.Do("POST", "/projects", new { project = new { name = "there", domain_id = domain } }))
            .GetProperty("project").GetProperty("id");
        var admin = (await cloud.Do("GET", "/users?name=admin")).GetProperty("users")[0].GetProperty("id");
        await cloud.Do("PUT", $"/projects/{project}/users/{admin}/roles/{await cloud.RoleId("admin")}");
        var token = await cloud.Login("admin", cloud.AdminPassword, new { project = new { id = project } });
        foreach (var kind in (string[])["user", "group", "project"])
        {
            var body = new Dictionary<string, object> { [kind] = new { name = "homeless" } };
            var made = (await cloud.Send("POST", $"/{kind}s", body, token)).Body.GetProperty(kind);
            Assert.Equal("default", made.GetProperty("domain_id").GetString());
        }
    }

    private async Task<string?> Refused(string path, string token)
    {
        var answer = await cloud.Send("GET", path, null, token);
        const string words = "You are not authorized to perform the requested action: ";
        return answer.Status == 403 && answer.Message.StartsWith(words, StringComparison.Ordinal)
            ? answer.Message[words.Length..].TrimEnd('.')
            : null;
    }
}
