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
        Assert.Equal("identity:get_role", await Refused("/roles/nothing", reader));
        Assert.Equal(404, (await cloud.Send("GET", "/roles/nothing", null, cloud.Admin)).Status);
        foreach (var (path, rule) in ((string, string)[])[("/roles/" + own, "update_domain_role"), ("/roles/nothing", "update_role")])
        {
            foreach (var body in (object[])[new { role = new { description = "d" } }, new { role = new { name = 5 } }])
            {
                var changed = await cloud.Send("PATCH", path, body, reader);
                Assert.Equal((403, $"You are not authorized to perform the requested action: identity:{rule}."),
                    (changed.Status, changed.Message));
            }
        }
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
