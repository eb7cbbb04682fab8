using System.Text.Json;
using System.Xml;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

public sealed class SamlLoginTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IDisposable
{
    private const string Samlp = "urn:oasis:names:tc:SAML:2.0:protocol";

    private readonly FederationKit kit = new(cloud);
    private readonly SamlIdp saml = new();

    public void Dispose() => saml.Dispose();

    [Fact]
    public async Task A_signed_assertion_logs_in_once()
    {
        var staff = await kit.Group("staff-" + Guid.NewGuid().ToString("N"));
        var idp = await Provider([Rule([new { user = new { name = "{0}", email = "{1}" } }], "MELLON_NAME_ID", "mail"),
            new { local = new[] { new { group = new { id = staff.Text } } },
                remote = new[] { new { type = "teams", any_one_of = new[] { "ops" } } } }]);
        var response = saml.Signed();

        var answer = await kit.BringXml(idp, response);

        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        var token = answer.Body.GetProperty("token");
        Assert.Equal(("ada", "saml2"), (Text(token.GetProperty("user"), "name"), token.GetProperty("methods")[0].GetString()));
        Assert.Equal(staff.Text, Text(token.GetProperty("user").GetProperty("OS-FEDERATION").GetProperty("groups")[0], "id"));
        Assert.Equal(401, (await kit.BringXml(idp, response)).Status);
        Assert.Equal(401, (await kit.BringXml(idp, response, asForm: false)).Status);
        Assert.Equal(201, (await kit.BringXml(idp, saml.Signed())).Status);
    }

    [Fact]
    public async Task A_signed_response_will_do_and_so_will_one_in_an_envelope()
    {
        var idp = await Provider();
        var whole = SamlIdp.Response(new());
        saml.Sign(whole.DocumentElement!);
        Assert.Equal(201, (await kit.BringXml(idp, whole.OuterXml, asForm: false)).Status);
        var both = SamlIdp.Response(new());
        saml.Sign(SamlIdp.Assertion(both));
        saml.Sign(both.DocumentElement!);
        Assert.Equal(201, (await kit.BringXml(idp, both.OuterXml)).Status);
        var envelope = "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header/><S:Body>" + saml.Signed()
            + "</S:Body></S:Envelope>";
        Assert.Equal(201, (await kit.BringXml(idp, envelope, asForm: false)).Status);
    }

    [Fact]
    public async Task A_comment_does_not_cut_a_name()
    {
        var idp = await Provider();
        var document = SamlIdp.Response(new() { NameId = "admin<!-- -->.evil" });
        saml.Sign(SamlIdp.Assertion(document));
        var answer = await kit.BringXml(idp, document.OuterXml);
        Assert.Equal("admin.evil", Text(answer.Body.GetProperty("token").GetProperty("user"), "name"));
    }

    public static TheoryData<string> Bad() => new()
    {
        "tampered", "unsigned", "another key", "expired", "early", "audience", "no audience", "recipient", "issuer", "status", "not bearer",
        "doctype", "sha1", "wrapped before", "wrapped around", "wrapped in signature", "second assertion", "same id", "foreign signature",
        "no xml", "nothing", "half signed",
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task Whatever_is_wrong_with_a_response_the_answer_is_the_same(string what)
    {
        var idp = await Provider();
        using var other = new SamlIdp();
        var xml = what switch
        {
            "tampered" => saml.Signed().Replace(">ada<", ">eve<", StringComparison.Ordinal),
            "unsigned" => SamlIdp.Response(new()).OuterXml,
            "another key" => other.Signed(),
            "expired" => saml.Signed(new() { EndsIn = -120 }),
            "early" => saml.Signed(new() { BeginsIn = 200 }),
            "audience" => saml.Signed(new() { Audience = "https://other.test" }),
            "no audience" => saml.Signed(new() { Audience = null }),
            "recipient" => saml.Signed(new() { Recipient = "https://other.test/login" }),
            "issuer" => saml.Signed(new() { Issuer = "https://other.test" }),
            "status" => saml.Signed(new() { Status = "urn:oasis:names:tc:SAML:2.0:status:Responder" }),
            "not bearer" => saml.Signed(new() { Method = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key" }),
            "doctype" => "<!DOCTYPE x [<!ENTITY e \"ada\">]>" + saml.Signed(),
            "sha1" => Signed(sha1: true),
            "no xml" => "<a",
            "nothing" => "",
            _ => Forged(what),
        };
        var answer = await kit.BringXml(idp, xml);
        Assert.Equal((401, "The request you have made requires authentication."), (answer.Status, answer.Message));
    }

    [Fact]
    public async Task Sha1_will_do_where_the_operator_says_so()
    {
        var idp = await Provider(allowSha1: true);
        Assert.Equal(201, (await kit.BringXml(idp, Signed(sha1: true))).Status);
    }

    [Fact]
    public async Task A_browser_without_a_proof_is_sent_to_the_provider_and_comes_back_with_one()
    {
        var idp = await Provider();
        cloud.Get<IOptions<FederationOptions>>().Value.TrustedDashboards.Add("https://horizon.test/auth/websso/");
        var path = $"/identity/v3/auth/OS-FEDERATION/identity_providers/{idp.Id}/protocols/saml2/websso";
        using var away = await cloud.Http.GetAsync(path + "?origin=https://horizon.test/auth/websso/");
        Assert.Equal(302, (int)away.StatusCode);
        Assert.StartsWith("https://idp.test/sso?SAMLRequest=", away.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("&RelayState=https%3A%2F%2Fhorizon.test%2Fauth%2Fwebsso%2F", away.Headers.Location.ToString(),
            StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([
            new("SAMLResponse", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(saml.Signed()))),
            new("RelayState", "https://horizon.test/auth/websso/")]);

        using var home = await cloud.Http.PostAsync(path, form);

        Assert.Equal(200, (int)home.StatusCode);
        Assert.Contains("action=\"https://horizon.test/auth/websso/\"", await home.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_enhanced_client_is_told_what_to_bring_to_the_provider()
    {
        var idp = await Provider();
        using var request = new HttpRequestMessage(HttpMethod.Get, PathOf(idp));
        request.Headers.TryAddWithoutValidation("Accept", "text/html,application/vnd.paos+xml");
        using var answer = await cloud.Http.SendAsync(request);
        Assert.Equal((200, "application/vnd.paos+xml"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        var document = new XmlDocument();
        document.LoadXml(await answer.Content.ReadAsStringAsync());
        var asked = (XmlElement)document.GetElementsByTagName("AuthnRequest", Samlp)[0]!;
        Assert.Equal((SamlIdp.Recipient, Audience), (asked.GetAttribute("AssertionConsumerServiceURL"), asked.InnerText));
        Assert.Equal(SamlIdp.Recipient, ((XmlElement)document.GetElementsByTagName("Request", "urn:liberty:paos:2003-08")[0]!)
            .GetAttribute("responseConsumerURL"));
    }

    [Fact]
    public async Task This_cloud_vouches_for_its_users_and_another_takes_its_word()
    {
        var to = new { service_provider = new { auth_url = "https://far.test/v3", sp_url = SamlIdp.Recipient, enabled = true } };
        await cloud.Do("PUT", "/OS-FEDERATION/service_providers/far", to);
        var (user, project, token) = await cloud.Someone("member");
        Assert.Equal(501, (await cloud.Send("GET", "/OS-FEDERATION/saml2/metadata")).Status);
        await UseKey();
        var team = await kit.Group("team-" + Guid.NewGuid().ToString("N"));
        await cloud.Get<IGrainFactory>().GetGrain<IGroupMemberGrain>(
            GroupMemberState.Key(team, new(user))).Join(team, new(user));
        using var metadata = await cloud.Http.GetAsync("/identity/v3/OS-FEDERATION/saml2/metadata");
        Assert.Contains(Convert.ToBase64String(saml.Certificate.RawData), await metadata.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
        var idp = await Provider([Rule([new { user = new { name = "{0} of {1} with {2}" } }, new { groups = "{3}" }],
            "openstack_user", "openstack_project", "openstack_roles", "openstack_groups")], requireAudience: false);

        using var ecp = await cloud.Http.PostAsync("/identity/v3/auth/OS-FEDERATION/saml2/ecp", Carry(token));
        using var plain = await cloud.Http.PostAsync("/identity/v3/auth/OS-FEDERATION/saml2", Carry(token));

        Assert.Equal((200, "text/xml", SamlIdp.Recipient), ((int)ecp.StatusCode, ecp.Content.Headers.ContentType!.MediaType,
            ecp.Headers.GetValues("X-sp-url").Single()));
        Assert.Equal("https://far.test/v3", ecp.Headers.GetValues("X-auth-url").Single());
        var envelope = await ecp.Content.ReadAsStringAsync();
        Assert.Contains(">ss:mem:", envelope, StringComparison.Ordinal);
        var answer = await kit.BringXml(idp, envelope, asForm: false);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        var seen = answer.Body.GetProperty("token").GetProperty("user");
        var name = (await cloud.Do("GET", "/projects/" + project)).GetProperty("project").GetProperty("name").GetString();
        Assert.Equal($"{name} of {name} with ['member', 'reader']", Text(seen, "name"));
        Assert.Equal(team.Text, Text(seen.GetProperty("OS-FEDERATION").GetProperty("groups")[0], "id"));
        Assert.Equal(201, (await kit.BringXml(idp, await plain.Content.ReadAsStringAsync())).Status);
        using var nowhere = await cloud.Http.PostAsync("/identity/v3/auth/OS-FEDERATION/saml2", Carry(token, "nowhere"));
        Assert.Equal(404, (int)nowhere.StatusCode);
        using var unscoped = await cloud.Http.PostAsync(
            "/identity/v3/auth/OS-FEDERATION/saml2", Carry(await cloud.Login("admin", cloud.AdminPassword, "unscoped")));
        Assert.Equal(403, (int)unscoped.StatusCode);
        Assert.Equal(405, (await cloud.Send("GET", "/auth/OS-FEDERATION/saml2/ecp")).Status);
    }

    private static StringContent Carry(string token, string to = "far") => new(JsonSerializer.Serialize(new
    {
        auth = new
        {
            identity = new { methods = new[] { "token" }, token = new { id = token } },
            scope = new { service_provider = new { id = to } },
        },
    }), null, "application/json");

    private async Task UseKey()
    {
        var directory = Directory.CreateDirectory(Path.Combine(cloud.Folder, "saml")).FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "signing_cert.pem"), saml.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "signing_key.pem"), saml.KeyPem);
        cloud.Get<IOptions<FederationOptions>>().Value.Saml = new() { EntityId = Issuer, SsoEndpoint = "https://idp.test/sso" };
    }

    private string Signed(bool sha1)
    {
        var document = SamlIdp.Response(new());
        saml.Sign(SamlIdp.Assertion(document), sha1);
        return document.OuterXml;
    }

    /// <summary>Documents in which a good signature is there and something else is to be read.</summary>
    private string Forged(string how)
    {
        var document = SamlIdp.Response(new());
        var good = SamlIdp.Assertion(document);
        saml.Sign(good);
        var root = document.DocumentElement!;
        var evil = (XmlElement)good.CloneNode(true);
        evil.InnerXml = evil.InnerXml.Replace(">ada<", ">eve<", StringComparison.Ordinal);
        switch (how)
        {
            case "wrapped before":
                // The good one goes where nobody looks for assertions.
                evil.SetAttribute("ID", "evil");
                var aside = root.AppendChild(document.CreateElement("samlp", "Extensions", Samlp))!;
                root.InsertBefore(evil, good);
                aside.AppendChild(good);
                break;
            case "wrapped around":
                evil.SetAttribute("ID", "evil");
                root.ReplaceChild(evil, good);
                evil.AppendChild(good);
                break;
            case "wrapped in signature":
                evil.SetAttribute("ID", "evil");
                root.ReplaceChild(evil, good);
                var signature = (XmlElement)evil.GetElementsByTagName("Signature", "http://www.w3.org/2000/09/xmldsig#")[0]!;
                signature.AppendChild(document.CreateElement("Object", "http://www.w3.org/2000/09/xmldsig#"))!.AppendChild(good);
                break;
            case "second assertion":
                evil.SetAttribute("ID", "evil");
                root.InsertBefore(evil, good);
                break;
            case "same id":
                root.InsertBefore(document.CreateElement("samlp", "Extensions", Samlp), good)!.AppendChild(evil);
                break;
            case "foreign signature":
                // A signature of another assertion, moved into this one.
                evil.SetAttribute("ID", "evil");
                root.ReplaceChild(evil, good);
                break;
            case "half signed":
                // The response is signed for good, and its assertion by nobody.
                using (var other = new SamlIdp())
                {
                    good.RemoveChild(good["Signature", "http://www.w3.org/2000/09/xmldsig#"]!);
                    other.Sign(good);
                    saml.Sign(root);
                }

                break;
        }

        return document.OuterXml;
    }

    private async Task<Provider> Provider(object[]? rules = null, bool allowSha1 = false, bool requireAudience = true)
    {
        var file = Guid.NewGuid().ToString("N") + ".pem";
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), file), saml.Certificate.ExportCertificatePem());
        var trust = new
        {
            entity_id = Issuer, certificates = new[] { file }, audiences = new[] { Audience }, recipients = new[] { SamlIdp.Recipient },
            allow_sha1 = allowSha1, require_audience = requireAudience, sso_url = "https://idp.test/sso",
        };
        return await kit.Trusted("saml2", new { saml2 = trust }, rules ?? [Rule([new { user = new { name = "{0}" } }], "MELLON_NAME_ID")]);
    }

    private static string? Text(JsonElement body, string name) => body.GetProperty(name).GetString();
}
