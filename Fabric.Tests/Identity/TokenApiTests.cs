using System.Net;
using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class TokenApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static readonly object AdminProject = new { project = new { name = "admin", domain = new { name = "Default" } } };

    [Fact]
    public async Task A_project_token_says_who_where_with_which_roles_and_the_catalog()
    {
        var answer = await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", cloud.Admin));

        Assert.Equal(200, answer.Status);
        var token = answer.Body.GetProperty("token");
        Assert.Equal(["password"], token.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal("admin", token.GetProperty("user").GetProperty("name").GetString());
        Assert.Equal("Default", token.GetProperty("project").GetProperty("domain").GetProperty("name").GetString());
        Assert.Equal(["admin", "manager", "member", "reader"],
            token.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", token.GetProperty("expires_at").GetString());
        Assert.Equal(22, token.GetProperty("audit_ids")[0].GetString()!.Length);
        var keystone = token.GetProperty("catalog").EnumerateArray().Single(
            service => service.GetProperty("type").GetString() == "identity");
        Assert.Equal(cloud.Http.BaseAddress + "identity", keystone.GetProperty("endpoints")[0].GetProperty("url").GetString());
        Assert.Equal(["admin", "internal", "public"],
            keystone.GetProperty("endpoints").EnumerateArray().Select(e => e.GetProperty("interface").GetString()).Order());
        Assert.Equal("RegionOne", keystone.GetProperty("endpoints")[0].GetProperty("region").GetString());
    }

    [Fact]
    public async Task Without_the_catalog_asked_for_there_is_none()
    {
        var answer = await cloud.Send("GET", "/auth/tokens?nocatalog", null, cloud.Admin, ("X-Subject-Token", cloud.Admin));
        Assert.False(answer.Body.GetProperty("token").TryGetProperty("catalog", out _));
    }

    [Fact]
    public async Task A_token_can_be_unscoped_or_for_the_system_or_for_the_default_project()
    {
        var unscoped = await Show(await cloud.Login("admin", cloud.AdminPassword));
        Assert.False(unscoped.TryGetProperty("roles", out _));
        Assert.False(unscoped.TryGetProperty("catalog", out _));

        var system = await Show(await cloud.Login("admin", cloud.AdminPassword, new { system = new { all = true } }));
        Assert.True(system.GetProperty("system").GetProperty("all").GetBoolean());
        Assert.True(system.TryGetProperty("catalog", out _));

        var home = await Show(await cloud.Login("demo", cloud.DemoPassword));
        Assert.Equal("demo", home.GetProperty("project").GetProperty("name").GetString());
        Assert.Equal(["member", "reader"], home.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));

        var bare = await Show(await cloud.Login("demo", cloud.DemoPassword, "unscoped"));
        Assert.False(bare.TryGetProperty("project", out _));
    }

    [Fact]
    public async Task A_domain_token_needs_a_role_on_the_domain()
    {
        var scope = new { domain = new { id = "default" } };
        using (var refused = await cloud.TryLogin("demo", cloud.DemoPassword, scope))
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        var (user, _, _) = await cloud.Someone("member");
        await cloud.Do("PUT", $"/domains/default/users/{user}/roles/{await cloud.RoleId("reader")}");
        var name = (await cloud.Do("GET", "/users/" + user)).GetProperty("user").GetProperty("name").GetString()!;

        var token = await Show(await cloud.Login(name, "pass-" + name, scope));

        Assert.Equal("Default", token.GetProperty("domain").GetProperty("name").GetString());
        Assert.Equal(["reader"], token.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task A_token_made_from_a_token_keeps_its_end_and_its_chain()
    {
        var first = await cloud.Login("admin", cloud.AdminPassword);
        var auth = new { auth = new { identity = new { methods = new[] { "token" }, token = new { id = first } }, scope = AdminProject } };
        var answer = await cloud.Send("POST", "/auth/tokens", auth);

        Assert.Equal(201, answer.Status);
        var before = await Show(first);
        var after = answer.Body.GetProperty("token");
        Assert.Equal(before.GetProperty("expires_at").GetString(), after.GetProperty("expires_at").GetString());
        Assert.Equal(before.GetProperty("audit_ids")[0].GetString(), after.GetProperty("audit_ids")[1].GetString());
        Assert.Equal(["token", "password"], after.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
    }

    [Theory]
    [InlineData("admin", "wrong")]
    [InlineData("nobody", "wrong")]
    public async Task Who_cannot_prove_who_it_is_reads_only_that(string user, string password)
    {
        using var answer = await cloud.TryLogin(user, password);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("""{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}""",
            await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("{", "Expecting to find valid JSON in request body.")]
    [InlineData("[]", "Expecting to find valid JSON in request body.")]
    [InlineData("{}", "Expecting to find auth in request body.")]
    [InlineData("""{"auth": 1}""", "1 is not of type 'object'")]
    [InlineData("""{"auth": {}}""", "'identity' is a required property")]
    [InlineData("""{"auth": {"identity": {"methods": "x"}}}""",
        "Invalid input for field 'identity/methods': 'x' is not of type 'array'")]
    [InlineData("""{"auth": {"identity": {"methods": ["password"]}}}""", "Expecting to find password in identity.")]
    [InlineData("""{"auth": {"identity": {"methods": ["password"], "password": {}}}}""", "Expecting to find user in None.")]
    [InlineData("""{"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "x"}}}}}""",
        "id or name must be present.")]
    [InlineData("""{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "x"}}}}}""",
        "Expecting to find domain in user.")]
    [InlineData("""{"auth": {"identity": {"methods": ["token"], "token": {"id": "x"}}, "scope": {"project": {"name": "x"}}}}""",
        "Expecting to find domain in project.")]
    [InlineData("""{"auth": {"identity": {"methods": ["token"], "token": {"id": "x"}}, "scope": {}}}""",
        "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope.")]
    public async Task A_login_that_makes_no_sense_is_told_what_is_missing(string body, string expected)
    {
        var answer = await cloud.Send("POST", "/auth/tokens", body);
        Assert.Equal(400, answer.Status);
        Assert.Contains(expected, answer.Message);
        Assert.Equal("Bad Request", answer.Body.GetProperty("error").GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_revoked_token_opens_nothing_and_is_not_found()
    {
        var token = await cloud.Login("demo", cloud.DemoPassword);
        Assert.Equal(204, (await cloud.Send("DELETE", "/auth/tokens", null, token, ("X-Subject-Token", token))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", token))).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task Nobody_but_its_holder_and_admins_may_look_at_a_token()
    {
        var (_, _, other) = await cloud.Someone("member");
        var demo = await cloud.Login("demo", cloud.DemoPassword);
        Assert.Equal(403, (await cloud.Send("GET", "/auth/tokens", null, other, ("X-Subject-Token", demo))).Status);
        Assert.Equal(403, (await cloud.Send("DELETE", "/auth/tokens", null, other, ("X-Subject-Token", demo))).Status);
        Assert.Equal(200, (await cloud.Send("HEAD", "/auth/tokens", null, demo, ("X-Subject-Token", demo))).Status);
    }

    [Fact]
    public async Task Whatever_ends_its_ground_ends_the_token()
    {
        var disabledUser = await cloud.Someone("member");
        await cloud.Do("PATCH", "/users/" + disabledUser.User, new { user = new { enabled = false } });
        await AssertDead(disabledUser.Token);
        await cloud.Do("PATCH", "/users/" + disabledUser.User, new { user = new { enabled = true } });
        await AssertDead(disabledUser.Token);

        var newPassword = await cloud.Someone("member");
        await cloud.Do("PATCH", "/users/" + newPassword.User, new { user = new { password = "another" } });
        await AssertDead(newPassword.Token);

        var deletedUser = await cloud.Someone("member");
        await cloud.Do("DELETE", "/users/" + deletedUser.User);
        await AssertDead(deletedUser.Token, 404);

        var disabledProject = await cloud.Someone("member");
        await cloud.Do("PATCH", "/projects/" + disabledProject.Project, new { project = new { enabled = false } });
        await AssertDead(disabledProject.Token, 404);

        var lostRole = await cloud.Someone("member");
        await cloud.Do("DELETE", $"/projects/{lostRole.Project}/users/{lostRole.User}/roles/{await cloud.RoleId("member")}");
        await AssertDead(lostRole.Token);
    }

    [Fact]
    public async Task A_disabled_user_domain_ends_the_tokens_of_its_users()
    {
        var domain = Id(await cloud.Do("POST", "/domains", new { domain = new { name = "d" + Guid.NewGuid() } }), "domain");
        var user = Id(await cloud.Do("POST", "/users", new { user = new { name = "someone", password = "x", domain_id = domain } }),
            "user");
        var auth = new { auth = new { identity = new { methods = new[] { "password" },
            password = new { user = new { id = user, password = "x" } } } } };
        var token = (await cloud.Send("POST", "/auth/tokens", auth)).Headers.GetValues("X-Subject-Token").Single();
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, token)).Status);

        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });

        await AssertDead(token, 404);
        Assert.Equal(401, (await cloud.Send("POST", "/auth/tokens", auth)).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("gAAAAAB")]
    [InlineData("gAAAAABmAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task What_is_no_token_is_401_in_identitys_words(string token)
    {
        var answer = await cloud.Send("GET", "/users", null, token);
        Assert.Equal(401, answer.Status);
        Assert.Equal("The request you have made requires authentication.", answer.Message);
    }

    // Where the user, project or domain of a token is not to be had, identity says that rather than that the token is no good.
    private async Task AssertDead(string token, int status = 401) =>
        Assert.Equal(status, (await cloud.Send("GET", "/auth/projects", null, token)).Status);

    private async Task<JsonElement> Show(string token) =>
        (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", token))).Body.GetProperty("token");

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
