using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

/// <summary>What Keystone holds trusts to whatever an operator's rules say, and what it says who is refused.</summary>
public sealed class TrustRuleTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Unrelated =
        "You are not authorized to perform the requested action: Requested user has no relation to this trust.";

    [Fact]
    public async Task A_rule_that_lets_everybody_in_lets_in_only_whom_the_trust_is_about()
    {
        var (trustor, trustee, id) = await Lent();
        var stranger = await cloud.Someone("member");
        var role = await cloud.RoleId("member");
        string[] rules = ["get_trust", "list_trusts", "delete_trust", "list_roles_for_trust", "get_role_for_trust"];
        cloud.WriteRules("keystone_policy.yaml", string.Join('\n', rules.Select(static rule => $"identity:{rule}: \"\"")));
        await Eventually.True(async () => (await Ask("GET", id, stranger)).Item2 == Unrelated, "the rules hold");
        Assert.Equal((403, Unrelated), await Ask("GET", id + "/roles", stranger));
        Assert.Equal((403, Unrelated), await Ask("GET", $"{id}/roles/{role}", stranger));
        Assert.Equal(200, (await Ask("GET", id, trustee)).Status);
        Assert.Equal((403, "You are not authorized to perform the requested action: admin_required."), await Ask("GET", "", stranger));
        Assert.Equal((403, "You are not authorized to perform the requested action: Only admin or trustor can delete a trust."),
            await Ask("DELETE", id, trustee));
        Assert.Equal(204, (await Ask("DELETE", id, trustor)).Status);
        cloud.WriteRules("keystone_policy.yaml", null);
        await Eventually.True(async () => (await Ask("GET", "", stranger)).Item2.EndsWith("list_trusts.", StringComparison.Ordinal),
            "the documented rules hold");
    }

    [Fact]
    public async Task Who_is_refused_a_list_reads_the_rule_of_the_list_that_it_asked_for()
    {
        var (_, trustee, _) = await Lent();
        foreach (var (query, rule) in ((string, string)[])[("", "list_trusts"), ("?trustor_user_id=x", "list_trusts_for_trustor"),
            ("?trustee_user_id=x", "list_trusts_for_trustee")])
        {
            Assert.Equal((403, $"You are not authorized to perform the requested action: identity:{rule}."),
                await Ask("GET", query, trustee));
        }
    }

    [Fact]
    public async Task Who_may_see_no_trust_at_all_is_told_that_one_is_not_there()
    {
        var user = (await cloud.Do("POST", "/users", new { user = new { name = "housed", password = "x" } })).GetProperty("user");
        await cloud.Do("PUT", $"/domains/default/users/{user.GetProperty("id")}/roles/{await cloud.RoleId("member")}");
        var token = await cloud.Login("housed", "x", new { domain = new { id = "default" } });
        var housed = (User: "", Project: "", Token: token);
        var (_, _, id) = await Lent();
        cloud.WriteRules("oslo_policy.yaml", "keystone: { enforce_scope: true }\n");
        await Eventually.True(
            async () => (await Ask("GET", "?trustor_user_id=" + user.GetProperty("id"), housed)).Status == 403, "scopes count");
        Assert.Equal((404, "Could not find trust: x."), await Ask("GET", "x", housed));
        Assert.Equal((403, "You are not authorized to perform the requested action: identity:get_trust."), await Ask("GET", id, housed));
        cloud.WriteRules("oslo_policy.yaml", null);
    }

    [Fact]
    public async Task A_trust_links_its_roles_where_Keystone_does()
    {
        var (_, trustee, id) = await Lent();
        var at = $"{cloud.Http.BaseAddress}identity/v3/{id}/roles";
        var trust = (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, trustee.Token)).Body.GetProperty("trust");
        Assert.Equal(at, trust.GetProperty("roles_links").GetProperty("self").GetString());
        var roles = (await cloud.Send("GET", $"/OS-TRUST/trusts/{id}/roles", null, trustee.Token)).Body;
        Assert.Equal(at, roles.GetProperty("links").GetProperty("self").GetString());
    }

    [Fact]
    public async Task A_domains_own_role_can_be_lent_and_stands_for_what_it_implies()
    {
        var (trustor, trustee) = (await cloud.Someone("reader"), await cloud.Someone("reader"));
        var own = await Role(new { name = "lent-own", domain_id = "default" });
        var implied = await Role(new { name = "lent-implied" });
        await cloud.Do("PUT", $"/roles/{own}/implies/{implied}");
        var grant = $"/projects/{trustor.Project}/users/{trustor.User}/roles/{own}";
        await cloud.Do("PUT", grant);
        var made = await cloud.Send("POST", "/OS-TRUST/trusts", new
        {
            trust = new
            {
                trustor_user_id = trustor.User, trustee_user_id = trustee.User, project_id = trustor.Project, impersonation = false,
                roles = new[] { new { id = own } },
            },
        }, trustor.Token);
        Assert.Equal((201, own), (made.Status, made.Body.GetProperty("trust").GetProperty("roles")[0].GetProperty("id").GetString()));
        var scope = new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = made.Body.GetProperty("trust").GetProperty("id") } };
        var identity = new { methods = new[] { "token" }, token = new { id = trustee.Token } };
        var token = await cloud.Auth(identity, scope);
        Assert.Equal([implied], token.Body.GetProperty("token").GetProperty("roles").EnumerateArray().Select(
            static role => role.GetProperty("id").GetString()));
        await cloud.Do("DELETE", grant);
        Assert.Equal(403, (await cloud.Auth(identity, scope)).Status);
    }

    private async Task<string> Role(object role) =>
        (await cloud.Do("POST", "/roles", new { role })).GetProperty("role").GetProperty("id").GetString()!;

    private async Task<(int Status, string)> Ask(string method, string path, (string User, string Project, string Token) who)
    {
        var below = path.Length == 0 || path[0] == '?' ? path : "/" + path;
        var answer = await cloud.Send(method, "/OS-TRUST/trusts" + below, null, who.Token);
        return (answer.Status, answer.Status < 400 ? "" : answer.Message);
    }

    private async Task<((string User, string Project, string Token) Trustor, (string User, string Project, string Token) Trustee,
        string Id)> Lent()
    {
        var trustor = await cloud.Someone("member");
        var trustee = await cloud.Someone("member");
        var made = await cloud.Send("POST", "/OS-TRUST/trusts", new { trust = new { trustor_user_id = trustor.User,
            trustee_user_id = trustee.User, project_id = trustor.Project, impersonation = false,
            roles = new[] { new { name = "member" } } } }, trustor.Token);
        return (trustor, trustee, made.Body.GetProperty("trust").GetProperty("id").GetString()!);
    }
}
