using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class TrustApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_trustee_gets_the_lent_roles_and_acts_in_the_trustors_name_when_the_trust_says_so()
    {
        foreach (var impersonation in (bool[])[true, false])
        {
            var trustor = await cloud.Someone("member");
            var (trustee, login) = await Other();
            var trust = await Make(trustor, trustee, new { impersonation, roles = new[] { new { name = "reader" } } });
            Assert.Equal(["reader"], trust.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
            Assert.Equal(0, trust.GetProperty("redelegation_count").GetInt32());
            var id = trust.GetProperty("id").GetString()!;

            var answer = await login(id);
            Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
            var token = answer.Body.GetProperty("token");
            Assert.Equal(impersonation ? trustor.User : trustee, token.GetProperty("user").GetProperty("id").GetString());
            Assert.Equal(trustor.Project, token.GetProperty("project").GetProperty("id").GetString());
            Assert.Equal(["reader"], token.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
            var said = token.GetProperty("OS-TRUST:trust");
            Assert.Equal(id, said.GetProperty("id").GetString());
            Assert.Equal(trustor.User, said.GetProperty("trustor_user").GetProperty("id").GetString());
            Assert.Equal(trustee, said.GetProperty("trustee_user").GetProperty("id").GetString());
            Assert.Equal(impersonation, said.GetProperty("impersonation").GetBoolean());
            Assert.False(token.TryGetProperty("is_domain", out _));
            Assert.Equal(200, (await cloud.Send("GET", "/users/" + (impersonation ? trustor.User : trustee), null, answer.Token)).Status);
            Assert.Equal(403, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = answer.Token } })).Status);

            Assert.Equal(204, (await cloud.Send("DELETE", "/OS-TRUST/trusts/" + id, null, trustor.Token)).Status);
            Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, answer.Token)).Status);
            Assert.Equal(401, (await login(id)).Status);
            Assert.Equal(404, (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, trustor.Token)).Status);
        }
    }

    [Fact]
    public async Task Both_ends_see_a_trust_and_nobody_else_does()
    {
        var trustor = await cloud.Someone("member");
        var trustee = await cloud.Someone("member");
        var stranger = await cloud.Someone("member");
        var id = (await Make(trustor, trustee.User, new { impersonation = true, roles = new[] { new { name = "member" } } }))
            .GetProperty("id").GetString()!;
        var role = await cloud.RoleId("member");
        foreach (var token in (string[])[trustor.Token, trustee.Token])
        {
            Assert.Equal(200, (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, token)).Status);
            Assert.Equal(1, (await cloud.Send("GET", $"/OS-TRUST/trusts/{id}/roles", null, token)).Body
                .GetProperty("roles").GetArrayLength());
            Assert.Equal(200, (await cloud.Send("HEAD", $"/OS-TRUST/trusts/{id}/roles/{role}", null, token)).Status);
        }

        Assert.Equal(404, (await cloud.Send("GET", $"/OS-TRUST/trusts/{id}/roles/{await cloud.RoleId("admin")}", null,
            trustor.Token)).Status);
        Assert.Equal(403, (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, stranger.Token)).Status);
        Assert.Equal(403, (await cloud.Send("DELETE", "/OS-TRUST/trusts/" + id, null, trustee.Token)).Status);
        Assert.Equal(403, (await cloud.Send("GET", "/OS-TRUST/trusts", null, trustor.Token)).Status);
        Assert.Equal([id], Ids(await cloud.Send("GET", "/OS-TRUST/trusts?trustor_user_id=" + trustor.User, null, trustor.Token)));
        Assert.Equal([id], Ids(await cloud.Send("GET", "/OS-TRUST/trusts?trustee_user_id=" + trustee.User, null, trustee.Token)));
        Assert.Equal(403, (await cloud.Send("GET", "/OS-TRUST/trusts?trustor_user_id=" + trustor.User, null, stranger.Token)).Status);
        Assert.Contains(id, Ids(await cloud.Send("GET", "/OS-TRUST/trusts", null, cloud.Admin)));
    }

    [Fact]
    public async Task A_trust_is_refused_that_lends_what_its_maker_may_not_lend()
    {
        var trustor = await cloud.Someone("member");
        var (trustee, _) = await Other();
        var member = new[] { new { name = "member" } };
        await Refused(trustor.Token, 403, Body(trustor, trustee, new { impersonation = true }), "At least one role should be specified");
        await Refused(trustor.Token, 404, Body(trustor, trustee, new { impersonation = true, roles = new[] { new { name = "admin" } } }),
            "Could not find role");
        await Refused(trustor.Token, 404, Body(trustor, "nobody", new { impersonation = true, roles = member }),
            "Could not find user: nobody.");
        var other = await cloud.Someone("member");
        await Refused(other.Token, 403, Body(trustor, trustee, new { impersonation = true, roles = member }), "You are not authorized");
        await Refused(trustor.Token, 400, Body(trustor, trustee, new { roles = member }), "'impersonation' is a required property");
        await Refused(trustor.Token, 400, Body(trustor, trustee, new { impersonation = true, roles = member, remaining_uses = 0 }),
            "0 is less than");
        await Refused(trustor.Token, 400,
            Body(trustor, trustee, new { impersonation = true, roles = member, expires_at = "2001-01-01T00:00:00.000000Z" }),
                "The 'expires_at'");
        await Refused(trustor.Token, 400,
            Body(trustor, trustee, new { impersonation = true, roles = member, allow_redelegation = true, remaining_uses = 3 }),
            "remaining_uses must not be set if redelegation is allowed");
        await Refused(trustor.Token, 403,
            Body(trustor, trustee, new { impersonation = true, roles = member, allow_redelegation = true, redelegation_count = 4 }),
            "You are not authorized");
    }

    [Fact]
    public async Task Of_many_who_want_the_last_uses_only_so_many_get_one()
    {
        var trustor = await cloud.Someone("member");
        var (trustee, login) = await Other();
        var id = (await Make(trustor, trustee, new { impersonation = false, roles = new[] { new { name = "member" } },
            remaining_uses = 2 }))
            .GetProperty("id").GetString()!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => login(id)));
        var got = answers.Where(answer => answer.Status == 201).ToArray();
        Assert.Equal(2, got.Length);
        Assert.All(answers.Except(got), static answer => Assert.Contains(answer.Status, (int[])[401, 403]));
        // What was had stays good; the trust itself is used up.
        foreach (var token in got)
            Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, token.Token)).Status);
        Assert.Equal(401, (await login(id)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, trustor.Token)).Status);
    }

    [Fact]
    public async Task A_trust_can_be_lent_on_as_far_as_it_allows_and_ends_with_the_one_it_came_from()
    {
        var trustor = await cloud.Someone("member");
        var (second, asSecond) = await Other();
        var (third, asThird) = await Other();
        var member = new[] { new { name = "member" } };
        var end = DateTime.UtcNow.AddHours(2).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
        var first = await Make(trustor, second, new
        {
            impersonation = true, roles = member, allow_redelegation = true, redelegation_count = 1, expires_at = end,
        });
        Assert.Equal(1, first.GetProperty("redelegation_count").GetInt32());
        var lent = (await asSecond(first.GetProperty("id").GetString()!)).Token;
        // Within the trust: the trustor's name, the same project, no more roles, no longer.
        var chained = await cloud.Send("POST", "/OS-TRUST/trusts",
            Body(trustor, third, new { impersonation = true, roles = new[] { new { name = "member" } } }), lent);
        Assert.True(chained.Status == 201, $"{chained.Status} {chained.Body}");
        var child = chained.Body.GetProperty("trust");
        Assert.Equal(first.GetProperty("id").GetString(), child.GetProperty("redelegated_trust_id").GetString());
        Assert.Equal(0, child.GetProperty("redelegation_count").GetInt32());
        Assert.Equal(end, child.GetProperty("expires_at").GetString());
        var token = (await asThird(child.GetProperty("id").GetString()!)).Token;
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, token)).Status);

        var later = DateTime.UtcNow.AddHours(3).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
        await Refused(lent, 403, Body(trustor, third, new { impersonation = true, roles = member, expires_at = later }), "You are not");
        await Refused(lent, 403, Body(trustor, third, new { impersonation = true, roles = new[] { new { name = "reader" } } }),
            "You are not");
        await Refused(lent, 403, Body(trustor, third, new { impersonation = true, roles = member, remaining_uses = 1 }), "You are not");
        var deepest = (await asThird(child.GetProperty("id").GetString()!)).Token;
        await Refused(deepest, 403, Body(trustor, second, new { impersonation = true, roles = member }), "You are not");

        await cloud.Do("PATCH", "/users/" + second, new { user = new { enabled = false } });
        Assert.Equal(403, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        await cloud.Do("PATCH", "/users/" + second, new { user = new { enabled = true } });
        var again = (await asThird(child.GetProperty("id").GetString()!)).Token;
        Assert.Equal(204, (await cloud.Send("DELETE", "/OS-TRUST/trusts/" + first.GetProperty("id").GetString(), null,
            trustor.Token)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, again)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/OS-TRUST/trusts/" + child.GetProperty("id").GetString(), null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task It_ends_with_the_trustors_role_and_with_whoever_or_whatever_it_binds()
    {
        foreach (var end in (string[])["role", "no such role any more", "trustor", "trustee", "project", "trustor disabled"])
        {
            var trustor = await cloud.Someone("member");
            await cloud.Do("PUT", $"/projects/{trustor.Project}/users/{trustor.User}/roles/{await cloud.RoleId("reader")}");
            var (trustee, login) = await Other();
            var extra = (await cloud.Do("POST", "/roles", new { role = new { name = "extra-" + Guid.NewGuid().ToString("N") } }))
                .GetProperty("role").GetProperty("id").GetString()!;
            await cloud.Do("PUT", $"/projects/{trustor.Project}/users/{trustor.User}/roles/{extra}");
            object[] roles = [new { name = "member" }, new { id = extra }];
            var id = (await Make(trustor, trustee, new { impersonation = false, roles })).GetProperty("id").GetString()!;
            var token = (await login(id)).Token;
            Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
            await (end switch
            {
                "role" => cloud.Do("DELETE", $"/projects/{trustor.Project}/users/{trustor.User}/roles/{await cloud.RoleId("member")}"),
                "no such role any more" => cloud.Do("DELETE", "/roles/" + extra),
                "trustor" => cloud.Do("DELETE", "/users/" + trustor.User),
                "trustee" => cloud.Do("DELETE", "/users/" + trustee),
                "project" => cloud.Do("DELETE", "/projects/" + trustor.Project),
                _ => cloud.Do("PATCH", "/users/" + trustor.User, new { user = new { enabled = false } }),
            });
            var isThere = end is "role" or "no such role any more" or "trustor disabled";
            Assert.Equal(isThere ? 403 : 404, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
            if (isThere)
                Assert.Equal(403, (await login(id)).Status);
            else
                Assert.Equal(404, (await cloud.Send("GET", "/OS-TRUST/trusts/" + id, null, cloud.Admin)).Status);
        }
    }

    [Fact]
    public async Task Nobody_but_the_trustee_uses_a_trust()
    {
        var trustor = await cloud.Someone("member");
        var (trustee, _) = await Other();
        var (_, asStranger) = await Other();
        var id = (await Make(trustor, trustee, new { impersonation = true, roles = new[] { new { name = "member" } } }))
            .GetProperty("id").GetString()!;
        Assert.Equal(403, (await asStranger(id)).Status);
        Assert.Equal(401, (await asStranger("nothing")).Status);
    }

    private static object Body((string User, string Project, string Token) trustor, string trustee, object more)
    {
        var trust = JsonSerializer.SerializeToElement(more).EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value);
        trust["trustor_user_id"] = trustor.User;
        trust["trustee_user_id"] = trustee;
        trust["project_id"] = trustor.Project;
        return new { trust };
    }

    private async Task<JsonElement> Make((string User, string Project, string Token) trustor, string trustee, object more)
    {
        var answer = await cloud.Send("POST", "/OS-TRUST/trusts", Body(trustor, trustee, more), trustor.Token);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        return answer.Body.GetProperty("trust");
    }

    private async Task Refused(string token, int status, object body, string message)
    {
        var answer = await cloud.Send("POST", "/OS-TRUST/trusts", body, token);
        Assert.Equal(status, answer.Status);
        Assert.Contains(message, answer.Message);
    }

    /// <summary>A user without a role, and its way to log in with a trust.</summary>
    private async Task<(string User, Func<string, Task<IdentityCloud.Answer>> Login)> Other()
    {
        var name = "other-" + Guid.NewGuid().ToString("N")[..8];
        var id = (await cloud.Do("POST", "/users", new { user = new { name, password = name } })).GetProperty("user")
            .GetProperty("id").GetString()!;
        return (id, trust => cloud.Auth(new { methods = new[] { "password" }, password = new { user = new { id, password = name } } },
            new Dictionary<string, object> { ["OS-TRUST:trust"] = new { id = trust } }));
    }

    private static string[] Ids(IdentityCloud.Answer answer) =>
        [.. answer.Body.GetProperty("trusts").EnumerateArray().Select(trust => trust.GetProperty("id").GetString()!)];
}
