using System.Text.Json;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

/// <summary>An identity provider's word as a method of <c>POST /auth/tokens</c>.</summary>
public sealed class MappedMethodTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IDisposable
{
    private readonly FederationKit kit = new(cloud);
    private readonly OidcIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Theory]
    [InlineData("mapped")]
    [InlineData("openid")]
    [InlineData("saml2")]
    public async Task A_token_comes_of_a_proof_and_of_the_token_that_came_of_one(string method)
    {
        var group = await kit.Group("g-" + Guid.NewGuid().ToString("N"));
        var project = await kit.ProjectOf(group, "reader");
        object[] local = [new { user = new { name = "{0}" } }, new { group = new { id = group.Text } }];
        var idp = await Provider("openid", [Rule(local, "OIDC-sub")]);
        var scope = new { project = new { id = project } };

        var first = await Ask(method, new { identity_provider = idp.Id, protocol = "openid" });
        var second = await Ask(method, new { id = Token(first) }, scope);
        var both = await cloud.Auth(new { methods = new[] { "token", method }, token = new { id = Token(first) },
            mapped = new { id = Token(first) }, openid = new { id = Token(first) }, saml2 = new { id = Token(first) } }, scope);

        foreach (var answer in new[] { first, second, both })
        {
            Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
            var token = answer.Body.GetProperty("token");
            var vouched = token.GetProperty("user").GetProperty("OS-FEDERATION");
            Assert.Equal((idp.Id, group.Text),
                (Text(vouched.GetProperty("identity_provider"), "id"), Text(vouched.GetProperty("groups")[0], "id")));
            Assert.Equal(Text(first.Body.GetProperty("token"), "expires_at"), Text(token, "expires_at"));
        }

        Assert.Equal([method], Texts(second.Body, "methods"));
        Assert.Equal(1, second.Body.GetProperty("token").GetProperty("audit_ids").GetArrayLength());
        Assert.Equal("reader", Text(second.Body.GetProperty("token").GetProperty("roles")[0], "name"));
        Assert.Contains("token", Texts(both.Body, "methods"));
        var elsewhere = await Ask(method, new { id = Token(first) }, new { project = new { id = "nowhere" } });
        Assert.Equal(401, elsewhere.Status);
    }

    [Fact]
    public async Task What_is_missing_or_not_there_is_told_and_what_is_not_proven_is_not()
    {
        var idp = await Provider("openid", [Rule([new { user = new { name = "{0}" } }], "OIDC-sub")]);
        (object Data, int Status, string Message)[] wrong =
        [
            (new { }, 400, "Expecting to find identity_provider in mapped."),
            (new { identity_provider = idp.Id }, 400, "Expecting to find protocol in mapped."),
            (new { protocol = "openid" }, 400, "Expecting to find identity_provider in mapped."),
            (new { identity_provider = "nope", protocol = "openid" }, 404, "Could not find Identity Provider: nope."),
            (new { identity_provider = 5, protocol = "openid" }, 404, "Could not find Identity Provider: 5."),
            (new { identity_provider = idp.Id, protocol = "nope" }, 404,
                $"Could not find federated protocol nope for Identity Provider: {idp.Id}."),
            (new { id = "x" }, 404, "Could not "),
            (new { id = 5 }, 400, ""),
            (new { id = cloud.Admin }, 400, ""),
        ];
        foreach (var (data, status, message) in wrong)
        {
            var answer = await Ask("mapped", data);
            Assert.True(answer.Status == status, $"{JsonSerializer.Serialize(data)}: {answer.Status} {answer.Body}");
            Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
        }

        var bare = await cloud.Auth(new { methods = new[] { "mapped" }, mapped = new { identity_provider = idp.Id, protocol = "openid" } });
        Assert.Equal((401, "The request you have made requires authentication."), (bare.Status, bare.Message));
        Assert.Equal(401, (await cloud.Auth(new { methods = new[] { "x509" }, x509 = new { } })).Status);
        await cloud.Do("PATCH", "/OS-FEDERATION/identity_providers/" + idp.Id, new { identity_provider = new { enabled = false } });
        Assert.Equal(403, (await Ask("mapped", new { identity_provider = idp.Id, protocol = "openid" })).Status);
    }

    [Fact]
    public async Task A_local_user_gets_its_default_project_and_its_own_rules_hold()
    {
        var (user, project, _) = await cloud.Someone("member");
        await cloud.Do("PATCH", "/users/" + user, new { user = new { default_project_id = project } });
        var idp = await Provider("openid", [Rule([new { user = new { id = "{0}", type = "local" } }], "OIDC-sub")]);

        var home = await kit.Bring(idp, issuer.Token(("sub", user)));
        Assert.Equal(project, Text(home.Body.GetProperty("token").GetProperty("project"), "id"));

        await cloud.Do("PATCH", "/users/" + user, new { user = new { options = new
        {
            multi_factor_auth_rules = new[] { new[] { "password", "openid" } },
        } } });
        var more = await kit.Bring(idp, issuer.Token(("sub", user)));
        Assert.Equal(401, more.Status);
        Assert.True(more.Headers.Contains("Openstack-Auth-Receipt"));
        await cloud.Do("PATCH", "/users/" + user, new { user = new { enabled = false } });
        Assert.Equal(401, (await kit.Bring(idp, issuer.Token(("sub", user)))).Status);
    }

    private Task<IdentityCloud.Answer> Ask(string method, object data, object? scope = null) => cloud.Auth(
        new Dictionary<string, object> { ["methods"] = new[] { method }, [method] = data }, scope,
        ("Authorization", "Bearer " + issuer.Token()));

    private async Task<Provider> Provider(string protocol, object[] rules)
    {
        var file = Guid.NewGuid().ToString("N") + ".jwks";
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), file), issuer.Jwks());
        return await kit.Trusted(
            protocol, new { openid = new { issuer = Issuer, audiences = new[] { Audience }, jwks_file = file } }, rules);
    }

    private static string[] Texts(JsonElement body, string name) =>
        [.. body.GetProperty("token").GetProperty(name).EnumerateArray().Select(static one => one.GetString()!)];

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();
}
