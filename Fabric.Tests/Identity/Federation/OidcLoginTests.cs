using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

public sealed class OidcLoginTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IDisposable
{
    private static readonly object[] ByName = [Rule([new { user = new { name = "{0}", email = "{1}" } }],
        "OIDC-preferred_username", "HTTP_OIDC_EMAIL")];

    private readonly FederationKit kit = new(cloud);
    private readonly OidcIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task A_signed_token_logs_in_the_same_shadow_each_time()
    {
        var idp = await Provider([Rule([new { user = new { id = "{0}", name = "{1}", email = "{2}" } }], "OIDC-sub",
            "OIDC-preferred_username", "OIDC-email")]);

        var first = await kit.Bring(idp, issuer.Token(), "GET");
        var second = await kit.Bring(idp, issuer.Sign(OidcIssuer.Claims(("preferred_username", "countess")), "ES256", "e"));

        var (one, two) = (first.Body.GetProperty("token"), second.Body.GetProperty("token"));
        var user = one.GetProperty("user");
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(idp.Domain + "user" + "u-1")));
        Assert.Equal((201, 201), (first.Status, second.Status));
        Assert.Equal((id, "ada", idp.Domain), (Text(user, "id"), Text(user, "name"), Text(user.GetProperty("domain"), "id")));
        Assert.Equal((id, "countess"), (Text(two.GetProperty("user"), "id"), Text(two.GetProperty("user"), "name")));
        Assert.Equal("openid", one.GetProperty("methods")[0].GetString());
        Assert.False(user.TryGetProperty("password_expires_at", out _));
        var vouched = user.GetProperty("OS-FEDERATION");
        Assert.Equal((idp.Id, "openid", 0), (Text(vouched.GetProperty("identity_provider"), "id"),
            Text(vouched.GetProperty("protocol"), "id"), vouched.GetProperty("groups").GetArrayLength()));
        var shown = (await cloud.Do("GET", "/users/" + id)).GetProperty("user");
        Assert.Equal(("countess", "ada@idp.test"), (Text(shown, "name"), Text(shown, "email")));
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, Token(first))).Status);
    }

    [Fact]
    public async Task Two_users_of_one_name_are_two_users()
    {
        var idp = await Provider([Rule([new { user = new { id = "{0}", name = "{1}" } }], "OIDC-sub", "OIDC-preferred_username")]);
        var one = await kit.Bring(idp, issuer.Token());
        var two = await kit.Bring(idp, issuer.Token(("sub", "u-2")));
        Assert.NotEqual(UserId(one), UserId(two));
    }

    public static TheoryData<string> Bad() => new()
    {
        "none", "HS256", "tampered", "another key", "issuer", "audience", "expired", "early", "no exp", "nothing", "no token", "two parts",
        "wrong kid", "basic",
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Whatever_is_wrong_with_a_token_the_answer_is_the_same(string what)
    {
        var idp = await Provider(ByName);
        using var other = new OidcIssuer();
        var late = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var without = OidcIssuer.Claims();
        without.Remove("exp");
        var good = issuer.Token();
        var token = what switch
        {
            "none" or "HS256" => issuer.Sign(OidcIssuer.Claims(), what),
            "tampered" => Tampered(good),
            "another key" => other.Token(),
            "issuer" => issuer.Token(("iss", "https://other.test")),
            "audience" => issuer.Token(("aud", new[] { "somebody", "else" })),
            "expired" => issuer.Token(("exp", late - 7200)),
            "early" => issuer.Token(("nbf", late)),
            "no exp" => issuer.Sign(without),
            "nothing" => null,
            "no token" => "abc",
            "two parts" => good[..good.LastIndexOf('.')],
            "wrong kid" => issuer.Sign(OidcIssuer.Claims(), "RS256", "e"),
            _ => "",
        };
        var answer = await kit.Bring(idp, token);
        Assert.Equal((401, "The request you have made requires authentication."), (answer.Status, answer.Message));
        Assert.Equal(201, (await kit.Bring(idp, good)).Status);
    }

    [Fact]
    public async Task Groups_lead_to_projects_as_long_as_the_provider_is_trusted()
    {
        var staff = await kit.Group("staff-" + Guid.NewGuid().ToString("N"));
        var project = await kit.ProjectOf(staff, "member");
        var idp = await Provider([.. ByName, Rule([new { group = new { id = staff.Text } }], "OIDC-sub")]);
        var unscoped = Token(await kit.Bring(idp, issuer.Token()));

        var scoped = await kit.Rescope(unscoped, new { project = new { id = project } });

        var token = scoped.Body.GetProperty("token");
        Assert.Equal(["member", "reader"], token.GetProperty("roles").EnumerateArray().Select(r => Text(r, "name")).Order());
        Assert.Equal(["openid", "token"], token.GetProperty("methods").EnumerateArray().Select(m => m.GetString()).Order());
        Assert.Equal(staff.Text, Text(token.GetProperty("user").GetProperty("OS-FEDERATION").GetProperty("groups")[0], "id"));
        foreach (var path in (string[])["/auth/projects", "/OS-FEDERATION/projects"])
        {
            var listed = await cloud.Send("GET", path, null, unscoped);
            Assert.Equal([project], listed.Body.GetProperty("projects").EnumerateArray().Select(p => Text(p, "id")));
        }

        Assert.Equal(200, (await cloud.Send("GET", "/OS-FEDERATION/domains", null, unscoped)).Status);
        await cloud.Do("PATCH", "/OS-FEDERATION/identity_providers/" + idp.Id, new { identity_provider = new { enabled = false } });
        Assert.Equal(403, (await kit.Rescope(unscoped, new { project = new { id = project } })).Status);
        Assert.Equal(403, (await kit.Bring(idp, issuer.Token())).Status);
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, unscoped)).Status);
        await cloud.Do("DELETE", "/OS-FEDERATION/identity_providers/" + idp.Id);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, unscoped)).Status);
        Assert.Equal(404, (await kit.Bring(idp, issuer.Token())).Status);
    }

    [Fact]
    public async Task A_mapping_makes_projects_and_gives_roles()
    {
        var idp = await Provider([Rule([new { user = new { name = "{0}" }, projects = new[]
            { new { name = "home of {0}", roles = new[] { new { name = "member" } } } } }], "OIDC-preferred_username")]);
        var unscoped = Token(await kit.Bring(idp, issuer.Token()));
        await kit.Bring(idp, issuer.Token());

        var scoped = await kit.Rescope(unscoped, new { project = new { name = "home of ada", domain = new { id = idp.Domain } } });

        Assert.Equal(201, scoped.Status);
        var projects = (await cloud.Do("GET", "/projects?domain_id=" + idp.Domain)).GetProperty("projects");
        Assert.Equal("home of ada", Text(projects.EnumerateArray().Single(), "name"));
    }

    [Fact]
    public async Task A_mapping_to_a_role_that_is_not_there_makes_nothing()
    {
        var idp = await Provider([Rule([new { user = new { name = "{0}" }, projects = new[] { new { name = "none",
            roles = new[] { new { name = "member" }, new { name = "no-such-role" } } } } }], "OIDC-preferred_username")]);
        var answer = await kit.Bring(idp, issuer.Token());
        Assert.Equal((404, "Could not find role: no-such-role."), (answer.Status, answer.Message));
        Assert.Equal(0, (await cloud.Do("GET", "/projects?domain_id=" + idp.Domain)).GetProperty("projects").GetArrayLength());
    }

    [Fact]
    public async Task A_local_user_logs_in_as_itself()
    {
        var (user, project, _) = await cloud.Someone("member");
        var idp = await Provider([Rule([new { user = new { id = "{0}", type = "local" } }], "OIDC-sub")]);
        var answer = await kit.Bring(idp, issuer.Token(("sub", user)));
        Assert.False(answer.Body.GetProperty("token").GetProperty("user").TryGetProperty("OS-FEDERATION", out _));
        Assert.Equal(201, (await kit.Rescope(Token(answer), new { project = new { id = project } })).Status);
        Assert.Equal(401, (await kit.Bring(idp, issuer.Token(("sub", "nobody")))).Status);
    }

    [Fact]
    public async Task Whose_word_it_is_must_be_a_name_of_the_provider()
    {
        var idp = await Provider(ByName, new { remote_ids = new[] { "https://another.test" } });
        await cloud.Do("PATCH", $"/OS-FEDERATION/identity_providers/{idp.Id}/protocols/openid",
            new { protocol = new { remote_id_attribute = "HTTP_OIDC_ISS" } });
        Assert.Equal(403, (await kit.Bring(idp, issuer.Token())).Status);
        await cloud.Do("PATCH", $"/OS-FEDERATION/identity_providers/{idp.Id}/protocols/openid",
            new { protocol = new { remote_id_attribute = "OIDC-nothing" } });
        Assert.Equal(401, (await kit.Bring(idp, issuer.Token())).Status);
    }

    [Fact]
    public async Task A_user_stays_in_the_groups_of_its_login_for_as_long_as_the_provider_says()
    {
        var (brief, none) = (await kit.Group("g-" + Guid.NewGuid().ToString("N")), await kit.Group("g-" + Guid.NewGuid().ToString("N")));
        var index = cloud.Get<IdentityIndex>();
        var lasting = await Provider([.. ByName, Rule([new { group_ids = "{0}" }], "OIDC-groups")], new { authorization_ttl = 5 });
        var idp = await Provider([.. ByName, Rule([new { group_ids = "{0}" }], "OIDC-groups")]);

        var kept = UserId(await kit.Bring(lasting, issuer.Token(("groups", new[] { brief.Text, none.Text }))));
        var passing = UserId(await kit.Bring(idp, issuer.Token(("groups", new[] { none.Text }))));

        Assert.Equal(new[] { brief, none }.OrderBy(g => g.Text),
            (await index.GroupsOf(new(kept), default)).Select(g => g.Id).OrderBy(g => g.Text));
        Assert.Empty(await index.GroupsOf(new(passing), default));
        await cloud.Do("DELETE", "/users/" + kept);
        Assert.Empty(await index.GroupsOf(new(kept), default));
        Assert.Equal(401, (await kit.Bring(idp, issuer.Token(("groups", "no-such-group")))).Status);
    }

    [Fact]
    public async Task A_browser_is_sent_home_to_a_dashboard_that_is_trusted()
    {
        var name = "https://sso-" + Guid.NewGuid().ToString("N");
        var idp = await Provider(ByName, new { remote_ids = new[] { name } }, name);
        cloud.Get<IOptions<FederationOptions>>().Value.TrustedDashboards.Add("https://Dash.test/Auth/websso/");
        string[] paths = [$"/auth/OS-FEDERATION/identity_providers/{idp.Id}/protocols/openid/websso", "/auth/OS-FEDERATION/websso/openid"];
        foreach (var path in paths)
        {
            var page = await Browse(path + "?origin=https://dash.test/Auth/websso/", issuer.Token(("iss", name)));
            Assert.Contains("action=\"https://dash.test/Auth/websso/\" method=\"post\"", page.Text, StringComparison.Ordinal);
            var token = page.Text.Split("value=\"")[1].Split('"')[0];
            Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
            Assert.Equal(401, (await Browse(path + "?origin=https://evil.test/", issuer.Token(("iss", name)))).Status);
            Assert.Equal(400, (await Browse(path, issuer.Token(("iss", name)))).Status);
            Assert.Equal(401, (await Browse(path + "?origin=https://dash.test/Auth/websso/", null)).Status);
        }

        Assert.Equal(404, (await Browse(paths[1] + "?origin=https://dash.test/Auth/websso/", issuer.Token(("iss", "unknown")))).Status);
    }

    private async Task<(int Status, string Text)> Browse(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/identity/v3" + path);
        if (token is not null)
            request.Headers.Authorization = new("Bearer", token);
        using var answer = await cloud.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<Provider> Provider(object[] rules, object? more = null, string name = Issuer)
    {
        var file = Guid.NewGuid().ToString("N") + ".jwks";
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), file), issuer.Jwks());
        return await kit.Trusted(
            "openid", new { openid = new { issuer = name, audiences = new[] { Audience }, jwks_file = file } }, rules, more);
    }

    private static string Tampered(string token)
    {
        var parts = token.Split('.');
        var claims = System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]);
        var text = Encoding.UTF8.GetString(claims).Replace("\"ada\"", "\"eve\"", StringComparison.Ordinal);
        return $"{parts[0]}.{System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{parts[2]}";
    }

    private static string UserId(IdentityCloud.Answer answer) =>
        Text(answer.Body.GetProperty("token").GetProperty("user"), "id")!;

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();
}
