using System.Text.Json;

namespace Fabric.Tests.Identity.Federation;

public sealed class FederationApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Idps = "/OS-FEDERATION/identity_providers/";
    private const string Mappings = "/OS-FEDERATION/mappings/";
    private const string Sps = "/OS-FEDERATION/service_providers/";

    private static readonly object Rules = new
    {
        mapping = new
        {
            rules = new[] { new { local = new[] { new { user = new { name = "{0}" } } }, remote = new[] { new { type = "login" } } } },
        },
    };

    [Fact]
    public async Task An_identity_provider_gets_a_domain_of_its_own_and_keeps_what_it_is_told()
    {
        var body = new { identity_provider = new { description = "x", remote_ids = new[] { "b", "a" }, authorization_ttl = 5 } };
        var made = await cloud.Send("PUT", Idps + "acme", body, cloud.Admin);
        Assert.Equal(201, made.Status);
        var idp = made.Body.GetProperty("identity_provider");
        var domain = idp.GetProperty("domain_id").GetString()!;
        Assert.Equal(cloud.Http.BaseAddress + "identity/v3/OS-FEDERATION/identity_providers/acme/protocols",
            idp.GetProperty("links").GetProperty("protocols").GetString());
        Assert.Equal(["b", "a"], Texts(idp.GetProperty("remote_ids")));
        Assert.Equal(["a", "b"], Texts((await cloud.Do("GET", Idps + "acme")).GetProperty("identity_provider").GetProperty("remote_ids")));
        Assert.Equal(("acme", false, 5), (Text(idp, "id"), idp.GetProperty("enabled").GetBoolean(),
            idp.GetProperty("authorization_ttl").GetInt32()));
        var shown = (await cloud.Do("GET", "/domains/" + domain)).GetProperty("domain");
        Assert.Equal((domain, "Auto generated federated domain for Identity Provider: acme"),
            (Text(shown, "name"), Text(shown, "description")));

        var changed = (await cloud.Do("PATCH", Idps + "acme", new { identity_provider = new { enabled = true,
            authorization_ttl = (int?)null, remote_ids = (string[]?)null } })).GetProperty("identity_provider");

        Assert.True(changed.GetProperty("enabled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("authorization_ttl").ValueKind);
        Assert.Equal(0, changed.GetProperty("remote_ids").GetArrayLength());
        Assert.Equal(["acme"], await Ids("/OS-FEDERATION/identity_providers?enabled=true&id=acme", "identity_providers"));
        Assert.Empty(await Ids("/OS-FEDERATION/identity_providers?enabled=false&id=acme", "identity_providers"));
        await cloud.Do("PATCH", "/domains/" + domain, new { domain = new { enabled = false } });
        await cloud.Do("DELETE", "/domains/" + domain);
        var gone = await cloud.Send("GET", Idps + "acme", null, cloud.Admin);
        Assert.Equal((404, "Could not find Identity Provider: acme."), (gone.Status, gone.Message));
    }

    [Fact]
    public async Task A_remote_id_is_one_providers_alone_and_a_refused_provider_leaves_no_domain()
    {
        await cloud.Do("PUT", Idps + "one", new { identity_provider = new { domain_id = "default", remote_ids = new[] { "shared" } } });
        var before = (await cloud.Do("GET", "/domains")).GetProperty("domains").GetArrayLength();

        var twin = new { identity_provider = new { remote_ids = new[] { "shared" } } };
        var second = await cloud.Send("PUT", Idps + "two", twin, cloud.Admin);
        var again = await cloud.Send("PUT", Idps + "one", new { identity_provider = new { } }, cloud.Admin);

        Assert.Equal((409, "Conflict occurred attempting to store identity_provider - Duplicate remote ID: shared."),
            (second.Status, second.Message));
        Assert.Equal((409, "Conflict occurred attempting to store identity_provider - Duplicate entry: one."),
            (again.Status, again.Message));
        Assert.Equal(before, (await cloud.Do("GET", "/domains")).GetProperty("domains").GetArrayLength());
        await cloud.Do("DELETE", Idps + "one");
        await cloud.Do("PUT", Idps + "two", new { identity_provider = new { domain_id = "default", remote_ids = new[] { "shared" } } });
        await cloud.Do("DELETE", Idps + "two");
    }

    [Fact]
    public async Task A_protocol_hangs_on_its_provider_and_names_a_mapping()
    {
        await cloud.Do("PUT", Mappings + "m1", Rules);
        await cloud.Do("PUT", Mappings + "m2", Rules);
        await cloud.Do("PUT", Idps + "hang", new { identity_provider = new { domain_id = "default" } });
        var none = await cloud.Send("PUT", Idps + "hang/protocols/saml2", new { protocol = new { mapping_id = "no" } }, cloud.Admin);
        Assert.Equal((400, "Invalid mapping id: no"), (none.Status, none.Message));
        var made = await cloud.Send("PUT", Idps + "hang/protocols/saml2",
            new { protocol = new { mapping_id = "m1", remote_id_attribute = "Shib-Identity-Provider" } }, cloud.Admin);
        Assert.Equal(201, made.Status);
        Assert.Equal(["id", "mapping_id", "links"], made.Body.GetProperty("protocol").EnumerateObject().Select(static p => p.Name));
        var twin = await cloud.Send("PUT", Idps + "hang/protocols/saml2", new { protocol = new { mapping_id = "m1" } }, cloud.Admin);
        Assert.Equal((409, "Conflict occurred attempting to store federation_protocol - Duplicate entry found with ID saml2."),
            (twin.Status, twin.Message));

        await cloud.Do("PATCH", Idps + "hang/protocols/saml2", new { protocol = new { mapping_id = "m2" } });

        var listed = (await cloud.Do("GET", Idps + "hang/protocols")).GetProperty("protocols")[0];
        Assert.Equal(("m2", "hang", "Shib-Identity-Provider"),
            (Text(listed, "mapping_id"), Text(listed, "idp_id"), Text(listed, "remote_id_attribute")));
        var missing = await cloud.Send("GET", Idps + "hang/protocols/openid", null, cloud.Admin);
        Assert.Equal((404, "Could not find federated protocol openid for Identity Provider: hang."), (missing.Status, missing.Message));
        await cloud.Do("DELETE", Idps + "hang/protocols/saml2");
        Assert.Equal(404, (await cloud.Send("DELETE", Idps + "hang/protocols/saml2", null, cloud.Admin)).Status);
        await cloud.Do("DELETE", Idps + "hang");
        Assert.Equal(0, (await cloud.Do("GET", Idps + "hang/protocols")).GetProperty("protocols").GetArrayLength());
    }

    [Fact]
    public async Task A_mapping_is_kept_as_it_was_written()
    {
        var made = await cloud.Send("PUT", Mappings + "kept", Rules, cloud.Admin);
        Assert.Equal(201, made.Status);
        Assert.Equal("{0}", made.Body.GetProperty("mapping").GetProperty("rules")[0].GetProperty("local")[0].GetProperty(
            "user").GetProperty("name").GetString());
        var twin = await cloud.Send("PUT", Mappings + "kept", Rules, cloud.Admin);
        Assert.Equal((409, "Conflict occurred attempting to store mapping - Duplicate entry."), (twin.Status, twin.Message));
        var bad = await cloud.Send("PATCH", Mappings + "kept", new { mapping = new { rules = Array.Empty<object>() } }, cloud.Admin);
        Assert.Equal((400, "[] is too short\n"), (bad.Status, bad.Message));
        Assert.Contains("kept", await Ids("/OS-FEDERATION/mappings", "mappings"));
        await cloud.Do("DELETE", Mappings + "kept");
        var gone = await cloud.Send("GET", Mappings + "kept", null, cloud.Admin);
        Assert.Equal((404, "Could not find mapping: kept."), (gone.Status, gone.Message));
    }

    [Fact]
    public async Task Enabled_service_providers_stand_in_every_token()
    {
        var body = new { service_provider = new { auth_url = "https://far/v3", sp_url = "https://far/sp", enabled = true } };
        var made = await cloud.Send("PUT", Sps + "far", body, cloud.Admin);
        Assert.Equal(201, made.Status);
        Assert.Equal("ss:mem:", Text(made.Body.GetProperty("service_provider"), "relay_state_prefix"));
        Assert.Equal(409, (await cloud.Send("PUT", Sps + "far", body, cloud.Admin)).Status);
        var listed = (await Token()).GetProperty("service_providers")[0];
        Assert.Equal(("far", "https://far/v3", "https://far/sp"), (Text(listed, "id"), Text(listed, "auth_url"), Text(listed, "sp_url")));

        await cloud.Do("PATCH", Sps + "far", new { service_provider = new { enabled = false } });

        Assert.False((await Token()).TryGetProperty("service_providers", out _));
        Assert.Equal(["far"], await Ids("/OS-FEDERATION/service_providers?enabled=false", "service_providers"));
        await cloud.Do("DELETE", Sps + "far");
        Assert.Equal(404, (await cloud.Send("GET", Sps + "far", null, cloud.Admin)).Status);
    }

    [Theory]
    [InlineData("PUT", Idps + "bad", """{"identity_provider": {"enabled": "yes"}}""", 400)]
    [InlineData("PUT", Idps + "bad", """{"identity_provider": {"name": "x"}}""", 400)]
    [InlineData("PUT", Idps + "bad", """{"identity_provider": {"remote_ids": ["a", "a"]}}""", 400)]
    [InlineData("PUT", Idps + "bad", """{"identity_provider": {"authorization_ttl": -1}}""", 400)]
    [InlineData("PUT", Idps + "bad", """{"identity_provider": {"domain_id": "nowhere"}}""", 404)]
    [InlineData("PUT", Idps + "a234567890123456789012345678901234567890123456789012345678901234567", "{}", 400)]
    [InlineData("PATCH", Idps + "bad", """{"identity_provider": {}}""", 400)]
    [InlineData("PATCH", Idps + "bad", """{"identity_provider": {"domain_id": "default"}}""", 400)]
    [InlineData("PATCH", Idps + "bad", """{"identity_provider": {"enabled": true}}""", 404)]
    [InlineData("PUT", Idps + "bad/protocols/saml2", """{"protocol": {}}""", 400)]
    [InlineData("PUT", Idps + "bad/protocols/saml2", """{"protocol": {"mapping_id": "a b"}}""", 400)]
    [InlineData("PATCH", Idps + "bad/protocols/saml2", """{"protocol": {"remote_id_attribute": "x"}}""", 404)]
    [InlineData("PUT", Mappings + "bad", """{"mapping": 5}""", 400)]
    [InlineData("PUT", Mappings + "bad", "{}", 400)]
    [InlineData("PUT", Sps + "bad", """{"service_provider": {"auth_url": "http://x"}}""", 400)]
    [InlineData("PUT", Sps + "bad", """{"service_provider": {"auth_url": "nothing", "sp_url": "http://x"}}""", 400)]
    [InlineData("DELETE", Sps + "bad", null, 404)]
    public async Task What_makes_no_sense_is_refused(string method, string path, string? body, int status) =>
        Assert.Equal(status, (await cloud.Send(method, path, body, cloud.Admin)).Status);

    private async Task<JsonElement> Token() =>
        (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", cloud.Admin))).Body.GetProperty("token");

    private async Task<IEnumerable<string?>> Ids(string path, string collection) =>
        (await cloud.Do("GET", path)).GetProperty(collection).EnumerateArray().Select(static one => Text(one, "id"));

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();

    private static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(static one => one.GetString());
}
