using System.Text.Json;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

/// <summary>Users as identity providers know them: the attribute <c>federated</c>, and the groups that logins put them into.</summary>
public sealed class FederatedUserTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IDisposable
{
    private static readonly object[] ById =
        [Rule([new { user = new { id = "{0}", name = "{1}" } }], "OIDC-sub", "OIDC-preferred_username")];

    private readonly FederationKit kit = new(cloud);
    private readonly OidcIssuer issuer = new();

    public void Dispose() => issuer.Dispose();

    [Fact]
    public async Task A_user_of_the_clouds_own_logs_in_as_whom_a_provider_knows()
    {
        var (idp, other) = (await Provider(ById), await Provider(ById));
        var links = Links(idp.Id, "u-7");
        var made = await Create(links);
        var id = Text(made, "id");

        Assert.Equal(JsonSerializer.Serialize(links), made.GetProperty("federated").GetRawText());
        Assert.Equal("u-7", Unique(await Show(id)));
        var login = await kit.Bring(idp, issuer.Token(("sub", "u-7")));
        var user = login.Body.GetProperty("token").GetProperty("user");
        Assert.Equal((id, Text(made, "name")), (Text(user, "id"), Text(user, "name")));
        Assert.NotEqual(id, UserId(await kit.Bring(other, issuer.Token(("sub", "u-7")))));

        Assert.Equal("u-8", Unique(await Change(id, Links(idp.Id, "u-8"))));
        Assert.NotEqual(id, UserId(await kit.Bring(idp, issuer.Token(("sub", "u-7")))));
        Assert.Equal("u-8", Unique(await Change(id, Array.Empty<object>())));
        Assert.False((await Create(Array.Empty<object>())).TryGetProperty("federated", out _));
    }

    [Fact]
    public async Task Nobody_else_is_known_so_and_what_is_not_there_knows_nobody()
    {
        var idp = await Provider(ById);
        await Create(Links(idp.Id, "taken"));
        var shadow = UserId(await kit.Bring(idp, issuer.Token(("sub", "shadow"))));
        (object Links, int Status, string Message)[] wrong =
        [
            (Links(idp.Id, "taken"), 409, "Conflict occurred attempting to store federated_user - Duplicate entry."),
            (Links(idp.Id, "shadow"), 409, "Conflict occurred attempting to store federated_user - Duplicate entry."),
            (Links("nope", "x"), 400, "Could not find Identity Provider: nope"),
            (Links(idp.Id, "x", "nope"), 400, $"Could not find federated protocol nope for Identity Provider: {idp.Id}."),
            (new[] { new { } }, 400, "Invalid input for field 'federated/0': 'idp_id' is a required property"),
            (new[] { new { idp_id = idp.Id } }, 400, "Invalid input for field 'federated/0': 'protocols' is a required property"),
            (new[] { new { idp_id = idp.Id, protocols = Array.Empty<object>() } }, 400,
                "Invalid input for field 'federated/0/protocols': [] is too short"),
            (new[] { new { idp_id = idp.Id, protocols = new[] { new { protocol_id = 5, unique_id = "x" } } } }, 400,
                "Invalid input for field 'federated/0/protocols/0/protocol_id': 5 is not of type 'string'"),
            ("x", 400, "Invalid input for field 'federated': 'x' is not of type 'array'"),
        ];
        foreach (var (links, status, message) in wrong)
        {
            var name = "user-" + Guid.NewGuid().ToString("N");
            var answer = await cloud.Send("POST", "/users", new { user = new { name, federated = links } }, cloud.Admin);
            Assert.True(answer.Status == status, $"{JsonSerializer.Serialize(links)}: {answer.Status} {answer.Body}");
            Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
            Assert.Empty(await Names("name=" + name));
        }

        Assert.Equal("shadow", Unique(await Show(shadow)));
    }

    [Fact]
    public async Task Lists_find_users_by_the_provider_the_protocol_and_the_id_that_know_them()
    {
        var (idp, other) = (await Provider(ById), await Provider(ById));
        var mine = "u-" + Guid.NewGuid().ToString("N");
        var local = Text(await Create(Links(idp.Id, mine)), "name");
        await kit.Bring(other, issuer.Token(("sub", mine), ("preferred_username", "grace")));

        Assert.Equal([local], await Names("idp_id=" + idp.Id));
        Assert.Equal(["grace"], await Names("idp_id=" + other.Id));
        Assert.Equal(new[] { local, "grace" }.Order(), await Names("unique_id=" + mine));
        Assert.Equal([local], await Names($"unique_id={mine}&idp_id={idp.Id}&protocol_id=openid"));
        Assert.Equal(["grace"], await Names($"unique_id={mine}&name=grace"));
        Assert.Empty(await Names($"idp_id={idp.Id}&protocol_id=saml2"));
        Assert.Empty(await Names("unique_id=nobody"));
        Assert.Empty(await Names($"idp_id={idp.Id}&domain_id={other.Domain}"));
        Assert.Contains(local, await Names("protocol_id=openid&domain_id=default"));
    }

    [Fact]
    public async Task Without_its_provider_or_protocol_a_shadow_has_no_name_and_gets_both_back_with_them()
    {
        var idp = await Provider(ById, new { domain_id = "default" });
        var sub = "u-" + Guid.NewGuid().ToString("N");
        var id = UserId(await kit.Bring(idp, issuer.Token(("sub", sub))));
        var path = $"/OS-FEDERATION/identity_providers/{idp.Id}";

        await cloud.Do("DELETE", path + "/protocols/openid");
        var shown = await Show(id);
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("name").ValueKind);
        Assert.False(shown.TryGetProperty("federated", out _));
        await cloud.Do("PUT", path + "/protocols/openid", new { protocol = new { mapping_id = idp.Id } });
        Assert.Equal(id, UserId(await kit.Bring(idp, issuer.Token(("sub", sub)))));
        Assert.Equal((sub, "ada"), (Unique(await Show(id)), Text(await Show(id), "name")));

        await cloud.Do("DELETE", path);
        Assert.False((await Show(id)).TryGetProperty("federated", out _));
        Assert.Empty(await Names("idp_id=" + idp.Id));
    }

    [Fact]
    public async Task A_membership_says_when_it_ends_and_each_login_puts_that_off()
    {
        var group = await kit.Group("g-" + Guid.NewGuid().ToString("N"));
        object[] rules = [.. ById, Rule([new { group = new { id = group.Text } }], "OIDC-sub")];
        var idp = await Provider(rules, new { authorization_ttl = 5 });
        var id = UserId(await kit.Bring(idp, issuer.Token(("sub", "m-1"))));
        var first = await EndOf(id, group.Text);
        Assert.InRange(first - DateTime.UtcNow, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        await kit.Bring(idp, issuer.Token(("sub", "m-1")));
        Assert.True(await EndOf(id, group.Text) > first);

        Assert.Equal(204, (await cloud.Send("HEAD", $"/groups/{group.Text}/users/{id}", null, cloud.Admin)).Status);
        Assert.Equal(0, (await cloud.Do("GET", $"/groups/{group.Text}/users")).GetProperty("users").GetArrayLength());
        Assert.Equal(404, (await cloud.Send("DELETE", $"/groups/{group.Text}/users/{id}", null, cloud.Admin)).Status);

        // The provider's settings count as they are now, also for what was said before.
        await cloud.Do("PATCH", "/OS-FEDERATION/identity_providers/" + idp.Id, new { identity_provider = new { authorization_ttl = 60 } });
        Assert.InRange(await EndOf(id, group.Text) - DateTime.UtcNow, TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        await cloud.Do("PUT", $"/groups/{group.Text}/users/{id}");
        var both = (await cloud.Do("GET", $"/users/{id}/groups")).GetProperty("groups");
        Assert.Equal([JsonValueKind.Null, JsonValueKind.String],
            both.EnumerateArray().Select(static one => one.GetProperty("membership_expires_at").ValueKind));
        await cloud.Do("DELETE", $"/groups/{group.Text}/users/{id}");
        await cloud.Do("DELETE", "/OS-FEDERATION/identity_providers/" + idp.Id);
        Assert.Equal(404, (await cloud.Send("HEAD", $"/groups/{group.Text}/users/{id}", null, cloud.Admin)).Status);
    }

    private async Task<DateTime> EndOf(string user, string group)
    {
        var groups = (await cloud.Do("GET", $"/users/{user}/groups")).GetProperty("groups");
        var one = groups.EnumerateArray().Single(one => Text(one, "id") == group);
        return DateTime.Parse(
            Text(one, "membership_expires_at") + "Z", System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime();
    }

    private async Task<JsonElement> Create(object federated) => (await cloud.Do(
        "POST", "/users", new { user = new { name = "local-" + Guid.NewGuid().ToString("N")[..8], federated } })).GetProperty("user");

    private async Task<JsonElement> Change(string id, object federated) =>
        (await cloud.Do("PATCH", "/users/" + id, new { user = new { federated } })).GetProperty("user");

    private async Task<JsonElement> Show(string id) => (await cloud.Do("GET", "/users/" + id)).GetProperty("user");

    private async Task<string[]> Names(string query) => [.. (await cloud.Do("GET", "/users?" + query)).GetProperty("users")
        .EnumerateArray().Select(static user => Text(user, "name")).Order()];

    private static object Links(string provider, string unique, string protocol = "openid") =>
        new[] { new { idp_id = provider, protocols = new[] { new { protocol_id = protocol, unique_id = unique } } } };

    private static string? Unique(JsonElement user) => Text(user.GetProperty("federated")[0].GetProperty("protocols")[0], "unique_id");

    private async Task<Provider> Provider(object[] rules, object? more = null)
    {
        var file = Guid.NewGuid().ToString("N") + ".jwks";
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), file), issuer.Jwks());
        return await kit.Trusted(
            "openid", new { openid = new { issuer = Issuer, audiences = new[] { Audience }, jwks_file = file } }, rules, more);
    }

    private static string UserId(IdentityCloud.Answer answer)
    {
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        return Text(answer.Body.GetProperty("token").GetProperty("user"), "id");
    }

    private static string Text(JsonElement body, string name) => body.GetProperty(name).GetString()!;
}
