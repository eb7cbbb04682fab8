using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Tests.Identity;

public sealed class AppCredentialApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task An_application_credential_logs_in_by_id_or_by_name_and_user()
    {
        var (user, project, token) = await cloud.Someone("member");
        var made = await Make(user, token, new { name = "app" });
        Assert.Equal(86, made.GetProperty("secret").GetString()!.Length);
        Assert.Equal(["member", "reader"], made.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(JsonValueKind.Null, made.GetProperty("expires_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, made.GetProperty("unrestricted").ValueKind);
        var (id, secret) = (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
        var shown = (await cloud.Send("GET", $"/users/{user}/application_credentials/{id}", null, token)).Body
            .GetProperty("application_credential");
        Assert.False(shown.TryGetProperty("secret", out _));

        foreach (var credential in (object[])[new { id, secret }, new { name = "app", user = new { id = user }, secret }])
        {
            var answer = await Login(credential);
            Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
            var body = answer.Body.GetProperty("token");
            Assert.Equal(project, body.GetProperty("project").GetProperty("id").GetString());
            Assert.Equal("application_credential", body.GetProperty("methods")[0].GetString());
            Assert.Equal("app", body.GetProperty("application_credential").GetProperty("name").GetString());
            Assert.True(body.GetProperty("application_credential").GetProperty("restricted").GetBoolean());
            Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, answer.Token)).Status);
        }
    }

    [Fact]
    public async Task Whatever_is_wrong_with_a_login_the_answer_is_the_same()
    {
        var (user, _, token) = await cloud.Someone("member");
        var id = (await Make(user, token, new { name = "app" })).GetProperty("id").GetString()!;
        object[] wrong =
        [
            new { id, secret = "wrong" }, new { id },
            new { name = "none", user = new { id = user }, secret = "x" }, new { name = "app", user = new { id = "nobody" }, secret = "x" },
        ];
        foreach (var credential in wrong)
        {
            var answer = await Login(credential);
            Assert.Equal(401, answer.Status);
            Assert.Equal("The request you have made requires authentication.", answer.Message);
        }

        var scoped = await cloud.Auth(new { methods = new[] { "application_credential" },
            application_credential = new { id, secret = "x" } },
            new { project = new { id = "x" } });
        Assert.Equal(401, scoped.Status);
        Assert.Equal("Error authenticating with application credential: Application credentials cannot request a scope.", scoped.Message);
        Assert.Equal(400, (await Login(new { secret = "x" })).Status);
        Assert.Equal(400, (await cloud.Auth("""{"methods": ["application_credential"], "application_credential": 1}""")).Status);
    }

    [Fact]
    public async Task It_has_some_of_the_roles_and_an_end()
    {
        var (user, _, token) = await cloud.Someone("member");
        var end = DateTime.UtcNow.AddMinutes(30);
        var made = await Make(user, token, new
        {
            name = "reader", secret = "chosen", roles = new[] { new { name = "reader" } },
                expires_at = end.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff"),
        });
        Assert.Equal(end.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff"), made.GetProperty("expires_at").GetString());
        var answer = await Login(new { id = made.GetProperty("id").GetString(), secret = "chosen" });
        Assert.Equal(["reader"], answer.Body.GetProperty("token").GetProperty("roles").EnumerateArray()
            .Select(r => r.GetProperty("name").GetString()));
        // No token outlives what it was made with.
        Assert.Equal(end.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'"), answer.Body.GetProperty("token")
            .GetProperty("expires_at").GetString());

        var admin = await cloud.RoleId("admin");
        await Refused(user, token, new { name = "x", roles = new[] { new { id = admin } } }, 400,
            "Invalid application credential: Cannot create an application credential with unassigned role");
        await Refused(user, token, new { name = "x", roles = new[] { new { name = "nothing" } } }, 404, "Role nothing is not defined");
        await Refused(user, token, new { name = "x", expires_at = "2001-01-01T00:00:00" }, 400, "The 'expires_at' must not be before now.");
        await Refused(user, token, new { name = "x", expires_at = "soon" }, 400, "Timestamp not in expected format.");
        await Refused(user, token, new { name = "reader" }, 409, "Conflict occurred attempting to store application_credential");
        await Refused(user, token, new { }, 400, "'name' is a required property");
    }

    [Fact]
    public async Task A_restricted_one_makes_no_others_and_an_unrestricted_one_does()
    {
        var (user, project, token) = await cloud.Someone("member");
        var other = await cloud.Someone("member");
        var restricted = await LoginAs(await Make(user, token, new { name = "restricted" }));
        var free = await LoginAs(await Make(user, token, new { name = "free", unrestricted = true }));
        var body = new { application_credential = new { name = "child" } };
        var refused = await cloud.Send("POST", $"/users/{user}/application_credentials", body, restricted);
        Assert.Equal(403, refused.Status);
        Assert.Contains("Using method 'application_credential' is not allowed for managing additional application credentials",
            refused.Message);
        Assert.Equal(201, (await cloud.Send("POST", $"/users/{user}/application_credentials", body, free)).Status);
        var trust = new { trust = new { trustor_user_id = user, trustee_user_id = other.User, impersonation = false, project_id = project,
            roles = new[] { new { name = "reader" } } } };
        // Unless the operator says so, which see below, a trust is out of reach: it could go farther than what made it.
        foreach (var mine in (string[])[restricted, free])
            Assert.Equal(403, (await cloud.Send("POST", "/OS-TRUST/trusts", trust, mine)).Status);
        // Neither leads to another token, nor to credentials.
        foreach (var mine in (string[])[restricted, free])
        {
            Assert.Equal(403, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = mine } })).Status);
            Assert.Equal(403, (await cloud.Send("POST", "/credentials",
                new { credential = new { user_id = user, type = "cert", blob = "x" } }, mine)).Status);
        }
    }

    [Fact]
    public async Task Access_rules_bound_what_its_tokens_may_ask_of_every_service()
    {
        var (user, _, token) = await cloud.Someone("member");
        var made = await Make(user, token, new
        {
            name = "narrow",
            access_rules = new[]
            {
                new { service = "identity", method = "GET", path = "/v3/users/{user_id}" },
                new { service = "compute", method = "GET", path = "/v2.1/flavors/*" },
                new { service = "network", method = "GET", path = "/networking/v2.0/net**" },
            },
        });
        var narrow = await LoginAs(made);
        Assert.Equal(200, (await cloud.Send("GET", "/users/" + user, null, narrow)).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, narrow)).Status);
        Assert.Equal(401, (await cloud.Send("HEAD", "/users/" + user, null, narrow)).Status);
        Assert.Equal(404, await Status("GET", "/compute/v2.1/flavors/nothing", narrow));
        Assert.Equal(401, await Status("GET", "/compute/v2.1/flavors", narrow));
        Assert.Equal(401, await Status("GET", "/compute/v2.1/servers", narrow));
        Assert.Equal(200, await Status("GET", "/networking/v2.0/networks", narrow));
        Assert.Equal(401, await Status("POST", "/networking/v2.0/networks", narrow));
        Assert.Equal(401, await Status("GET", "/networking/v2.0/ports", narrow));
        Assert.Equal(401, await Status("GET", "/image/v2/images", narrow));
        // A service that goes on for the user shows its own token too.
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, narrow, ("X-Service-Token", cloud.Admin))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, narrow, ("X-Service-Token", token))).Status);
        // Whoever does not know of access rules does not learn that the token is good.
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", narrow))).Status);
        Assert.Equal(3, (await cloud.Show(narrow)).GetProperty("application_credential").GetProperty("access_rules").GetArrayLength());
        Assert.Equal(200, (await cloud.Send("GET", "/auth/tokens", null, narrow, ("X-Subject-Token", narrow),
            ("OpenStack-Identity-Access-Rules", "1.0"))).Status);
    }

    [Fact]
    public async Task A_user_has_each_access_rule_once_and_keeps_those_in_use()
    {
        var (user, _, token) = await cloud.Someone("member");
        var rule = new { service = "compute", method = "GET", path = "/v2.1/servers" };
        var one = await Make(user, token, new { name = "one", access_rules = new[] { rule } });
        var id = one.GetProperty("access_rules")[0].GetProperty("id").GetString();
        var two = await Make(user, token, new { name = "two", access_rules = new[] { new { id } } });
        Assert.Equal(id, two.GetProperty("access_rules")[0].GetProperty("id").GetString());
        var list = (await cloud.Send("GET", $"/users/{user}/access_rules?service=compute", null, token)).Body.GetProperty("access_rules");
        Assert.Equal(id, Assert.Single(list.EnumerateArray()).GetProperty("id").GetString());
        var path = $"/users/{user}/access_rules/{id}";
        var used = await cloud.Send("DELETE", path, null, token);
        Assert.Equal(403, used.Status);
        Assert.Equal("May not delete access rule in use", used.Message);
        foreach (var credential in (JsonElement[])[one, two])
        {
            Assert.Equal(204, (await cloud.Send(
                "DELETE", $"/users/{user}/application_credentials/{credential.GetProperty("id").GetString()}", null, token)).Status);
        }

        Assert.Equal(204, (await cloud.Send("DELETE", path, null, token)).Status);
        Assert.Equal(404, (await cloud.Send("GET", path, null, token)).Status);
    }

    [Fact]
    public async Task It_ends_with_its_user_its_role_and_itself_and_so_do_its_tokens()
    {
        var deleted = await cloud.Someone("member");
        var made = await Make(deleted.User, deleted.Token, new { name = "app" });
        var token = await LoginAs(made);
        await cloud.Send("DELETE", $"/users/{deleted.User}/application_credentials/{made.GetProperty("id").GetString()}", null,
            deleted.Token);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, token)).Status);

        var lost = await cloud.Someone("member");
        token = await LoginAs(made = await Make(lost.User, lost.Token, new { name = "app" }));
        await cloud.Do("PUT", $"/projects/{lost.Project}/users/{lost.User}/roles/{await cloud.RoleId("reader")}");
        await cloud.Do("DELETE", $"/projects/{lost.Project}/users/{lost.User}/roles/{await cloud.RoleId("member")}");
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        Assert.Equal(404, await Status("GET",
            $"/identity/v3/users/{lost.User}/application_credentials/{made.GetProperty("id").GetString()}", cloud.Admin));

        var disabled = await cloud.Someone("member");
        token = await LoginAs(await Make(disabled.User, disabled.Token, new { name = "app" }));
        await cloud.Do("PATCH", "/users/" + disabled.User, new { user = new { enabled = false } });
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        Assert.Empty((await cloud.Do("GET", $"/users/{disabled.User}/application_credentials")).GetProperty("application_credentials")
            .EnumerateArray());
    }

    [Fact]
    public async Task Nobody_sees_or_removes_one_of_somebody_else_by_a_path_of_its_own()
    {
        var (user, _, token) = await cloud.Someone("member");
        var (stranger, _, theirs) = await cloud.Someone("member");
        var id = (await Make(user, token, new { name = "app" })).GetProperty("id").GetString();
        foreach (var owner in (string[])[user, stranger])
        {
            Assert.Equal(403, (await cloud.Send("GET", $"/users/{owner}/application_credentials/{id}", null, theirs)).Status);
            Assert.Equal(403, (await cloud.Send("DELETE", $"/users/{owner}/application_credentials/{id}", null, theirs)).Status);
        }

        Assert.Equal(403, (await cloud.Send("GET", $"/users/{user}/application_credentials", null, theirs)).Status);
        await Refused(user, theirs, new { name = "x" }, 403, "You are not authorized to perform the requested action");
    }

    [Theory]
    [InlineData("/v2.1/servers", "/v2.1/servers", true)]
    [InlineData("/v2.1/servers/a", "/v2.1/servers", false)]
    [InlineData("/v2.1/servers/a", "/v2.1/servers/{server_id}", true)]
    [InlineData("/v2.1/servers/a/b", "/v2.1/servers/{server_id}", false)]
    [InlineData("/v2.1/servers/", "/v2.1/servers/*", false)]
    [InlineData("/v2.1/servers/a/b", "/v2.1/*/a/*", true)]
    [InlineData("/v2.1/servers/a/b", "/v2.1/**", true)]
    [InlineData("/v2.1/servers/a/b", "/**/b", true)]
    [InlineData("/v2x1/servers", "/v2.1/servers", false)]
    [InlineData("/v2.1/servers\n", "/v2.1/servers", false)]
    [InlineData("/a+b(c)", "/a+b(c)", true)]
    public void A_path_fits_its_pattern(string path, string pattern, bool fits) => Assert.Equal(fits, AccessRules.Matches(path, pattern));

    [Fact]
    public void No_rules_at_all_bound_nothing_and_an_empty_list_everything()
    {
        var asked = new AskedRequest("compute", "GET", "/compute/v2.1/servers", "/v2.1/servers");
        Assert.True(AccessRules.Allow(null, asked));
        Assert.False(AccessRules.Allow([], asked));
        Assert.True(AccessRules.Allow([new("x", "compute", "GET", "/v2.1/servers")], asked));
        Assert.False(AccessRules.Allow([new("x", "network", "GET", "/v2.1/servers")], asked));
    }

    private async Task<JsonElement> Make(string user, string token, object credential)
    {
        var answer = await cloud.Send("POST", $"/users/{user}/application_credentials", new { application_credential = credential }, token);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        return answer.Body.GetProperty("application_credential");
    }

    private async Task Refused(string user, string token, object credential, int status, string message)
    {
        var answer = await cloud.Send("POST", $"/users/{user}/application_credentials", new { application_credential = credential }, token);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith(message, answer.Message.Replace("Invalid input for field ''", "", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    private Task<IdentityCloud.Answer> Login(object credential) =>
        cloud.Auth(new { methods = new[] { "application_credential" }, application_credential = credential });

    private async Task<string> LoginAs(JsonElement made)
    {
        var answer = await Login(new { id = made.GetProperty("id").GetString(), secret = made.GetProperty("secret").GetString() });
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        return answer.Token;
    }

    private async Task<int> Status(string method, string path, string token)
    {
        using var request = new HttpRequestMessage(new(method), path);
        request.Headers.Add("X-Auth-Token", token);
        if (method == "POST")
            request.Content = new StringContent("{}", null, "application/json");
        using var answer = await cloud.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
