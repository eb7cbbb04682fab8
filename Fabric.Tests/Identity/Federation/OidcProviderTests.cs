using System.Text.Json;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity.Federation;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Options;
using static Fabric.Tests.Identity.Federation.FederationKit;

namespace Fabric.Tests.Identity.Federation;

/// <summary>What Fabric asks an OpenID Connect provider itself: browsers' logins by a code, opaque tokens, keys.</summary>
public sealed class OidcProviderTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>, IAsyncLifetime
{
    private const string Dashboard = "https://dash.example/auth/websso/";

    private readonly FederationKit kit = new(cloud);
    private readonly HttpClient browser = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        BaseAddress = cloud.Http.BaseAddress,
    };

    private OidcProvider issuer = null!;

    public async Task InitializeAsync() => issuer = await OidcProvider.Start();

    public async Task DisposeAsync()
    {
        browser.Dispose();
        await issuer.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_browser_is_sent_to_the_provider_and_comes_back_to_its_dashboard_with_a_token(bool byProtocolAlone)
    {
        var protocol = "code-" + Guid.NewGuid().ToString("N")[..6];
        var idp = await Provider(protocol: protocol, userinfo: true);
        var start = byProtocolAlone ? "/identity/v3/auth/OS-FEDERATION/websso/" + protocol : Websso(idp);
        var (address, cookie) = await Leave(start);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        var back = issuer.Authorize(address);

        var (status, page) = await Return(back, cookie);

        Assert.True(status == 200, $"{status} {page}");
        Assert.Contains($"action=\"{Dashboard}\" method=\"post\"", page, StringComparison.Ordinal);
        var token = page.Split("value=\"")[1].Split('"')[0];
        var user = (await cloud.Show(token)).GetProperty("user");
        Assert.Equal(("ada of blue", idp.Domain), (user.GetProperty("name").GetString(),
            user.GetProperty("domain").GetProperty("id").GetString()));
        Assert.Equal(401, (await Return(back, cookie)).Status);
    }

    [Theory]
    [InlineData("no cookie")]
    [InlineData("another's cookie")]
    [InlineData("another state")]
    [InlineData("another provider")]
    [InlineData("an error")]
    [InlineData("no such code")]
    [InlineData("nonce")]
    [InlineData("audience")]
    [InlineData("party")]
    [InlineData("somebody else")]
    public async Task Whatever_is_wrong_with_a_browser_that_comes_back_it_gets_no_token(string what)
    {
        var (idp, other) = (await Provider(userinfo: true), await Provider());
        var (address, cookie) = await Leave(Websso(idp));
        var (_, stranger) = await Leave(Websso(idp));
        var back = issuer.Authorize(address);
        (string Name, object Value)? claim = what switch
        {
            "nonce" => ("nonce", "x"),
            "audience" => ("aud", "somebody"),
            "party" => ("azp", "somebody"),
            _ => null,
        };
        if (claim is { } wrong)
            issuer.Claims[wrong.Name] = wrong.Value;
        if (what == "somebody else")
            issuer.More = new { sub = "u-2", team = "blue" };
        back = what switch
        {
            "another state" => back + "x",
            "another provider" => back.Replace(idp.Id, other.Id, StringComparison.Ordinal),
            "an error" => back.Replace("?code=", "?error=access_denied&x=", StringComparison.Ordinal),
            "no such code" => back.Replace("?code=", "?code=x", StringComparison.Ordinal),
            _ => back,
        };

        var answer = await Return(back, what switch { "no cookie" => "", "another's cookie" => stranger, _ => cookie });

        Assert.Equal(401, answer.Status);
        Assert.DoesNotContain("<form", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_is_not_sent_anywhere_for_a_dashboard_that_is_not_trusted()
    {
        var idp = await Provider();
        using var evil = await cloud.Http.GetAsync(Websso(idp) + "?origin=https://evil.test/");
        using var none = await cloud.Http.GetAsync(Websso(idp));
        Assert.Equal((401, 400), ((int)evil.StatusCode, (int)none.StatusCode));
    }

    [Fact]
    public async Task The_issuer_is_asked_what_an_opaque_token_stands_for()
    {
        var idp = await Provider(introspect: issuer.Issuer + "/introspect");
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        void Says(params (string Name, object Value)[] claims)
        {
            issuer.Introspection.Clear();
            foreach (var (name, value) in claims)
                issuer.Introspection[name] = value;
        }

        Says(("active", true), ("sub", "u-1"), ("preferred_username", "ada"), ("client_id", Audience), ("exp", now + 60));
        Assert.Equal(201, (await kit.Bring(idp, "opaque")).Status);
        Says(("active", true), ("sub", "u-1"), ("preferred_username", "ada"), ("aud", new[] { "x", Audience }), ("iss", issuer.Issuer));
        Assert.Equal(201, (await kit.Bring(idp, "opaque")).Status);
        Assert.Equal(401, (await kit.Bring(idp, "unknown")).Status);
        (string, object)[][] wrong =
        [
            [("active", false), ("preferred_username", "ada"), ("aud", Audience)],
            [("active", true), ("preferred_username", "ada")],
            [("active", true), ("preferred_username", "ada"), ("aud", "somebody")],
            [("active", true), ("preferred_username", "ada"), ("aud", Audience), ("iss", "https://other.test")],
            [("active", true), ("preferred_username", "ada"), ("aud", Audience), ("exp", now - 3600)],
            [("active", true), ("preferred_username", "ada"), ("aud", Audience), ("nbf", now + 3600)],
            [("preferred_username", "ada"), ("aud", Audience)],
        ];
        foreach (var said in wrong)
        {
            Says(said);
            Assert.True((await kit.Bring(idp, "opaque")).Status == 401, JsonSerializer.Serialize(issuer.Introspection));
        }

        // One that is signed says what it stands for itself.
        Says(("active", false));
        Assert.Equal(201, (await kit.Bring(idp, issuer.Keys.Token(("iss", issuer.Issuer)))).Status);
        var asking = await Provider(introspect: "");
        Assert.Equal(401, (await kit.Bring(asking, issuer.Keys.Token(("iss", issuer.Issuer)))).Status);
    }

    [Fact]
    public async Task Keys_are_found_by_discovery_kept_and_looked_for_again_when_one_is_missing()
    {
        var idp = await Provider();
        for (var i = 0; i < 3; i++)
            Assert.Equal(201, (await kit.Bring(idp, issuer.Keys.Token(("iss", issuer.Issuer)))).Status);
        Assert.Equal(1, issuer.KeysFetched);
        using var old = issuer.Keys;
        issuer.Keys = new();
        for (var i = 0; i < 3; i++)
            Assert.Equal(401, (await kit.Bring(idp, issuer.Keys.Token(("iss", issuer.Issuer)))).Status);
        Assert.Equal(1, issuer.KeysFetched);
    }

    [Fact]
    public async Task A_key_that_nobody_knows_is_looked_for_at_most_each_half_minute_and_old_keys_outlast_the_issuer()
    {
        var time = new FakeTime();
        using var keys = new RemoteKeys(time);
        var trust = new OpenIdTrust
        {
            Issuer = issuer.Issuer, Audiences = [Audience], Discovery = issuer.Issuer + "/.well-known/openid-configuration",
        };
        var first = await keys.Of(trust, missing: false, default);
        using var old = issuer.Keys;
        issuer.Keys = new();
        Assert.Same(first, await keys.Of(trust, missing: true, default));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Same(first, await keys.Of(trust, missing: false, default));
        var second = await keys.Of(trust, missing: true, default);
        Assert.NotEqual(first[0].Rsa!.Value.Modulus, second[0].Rsa!.Value.Modulus);
        var elsewhere = trust with { Issuer = "https://other.test" };
        time.Advance(TimeSpan.FromMinutes(11));
        await Assert.ThrowsAsync<AssertionRefusedException>(() => keys.Of(elsewhere, missing: false, default));
        await issuer.DisposeAsync();
        Assert.Same(second, await keys.Of(trust, missing: false, default));
        await Assert.ThrowsAsync<AssertionRefusedException>(
            () => keys.Of(trust with { JwksUri = "http://idp.test/keys" }, missing: false, default));
        issuer = await OidcProvider.Start();
    }

    private static string Websso(Provider idp) =>
        $"/identity/v3/auth/OS-FEDERATION/identity_providers/{idp.Id}/protocols/{idp.Protocol}/websso";

    private async Task<(Uri Address, string Cookie)> Leave(string path)
    {
        using var away = await browser.GetAsync($"{path}?origin={Uri.EscapeDataString(Dashboard)}");
        Assert.True((int)away.StatusCode == 302, $"{(int)away.StatusCode} {await away.Content.ReadAsStringAsync()}");
        Assert.StartsWith(issuer.Issuer + "/authorize?", away.Headers.Location!.ToString(), StringComparison.Ordinal);
        return (away.Headers.Location, away.Headers.GetValues("Set-Cookie").Single());
    }

    private async Task<(int Status, string Text)> Return(string address, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address).PathAndQuery);
        if (cookie.Length > 0)
            request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var answer = await browser.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<Provider> Provider(string protocol = "openid", string? introspect = null, bool userinfo = false)
    {
        var dashboards = cloud.Get<IOptions<FederationOptions>>().Value.TrustedDashboards;
        if (!dashboards.Contains(Dashboard))
            dashboards.Add(Dashboard);
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), "client-secret"), OidcProvider.Secret + "\n");
        var trust = new Dictionary<string, object>
        {
            ["issuer"] = issuer.Issuer, ["audiences"] = new[] { Audience }, ["client_id"] = OidcProvider.Client,
            ["discovery"] = issuer.Issuer + "/.well-known/openid-configuration", ["client_secret_file"] = "client-secret",
        };
        if (introspect is { Length: > 0 })
            trust["introspection_endpoint"] = introspect;
        if (introspect == "")
            trust["introspect"] = true;
        if (userinfo)
            trust["userinfo_endpoint"] = issuer.Issuer + "/userinfo";
        object[] rules = userinfo
            ? [Rule([new { user = new { name = "{0} of {1}" } }], "OIDC-preferred_username", "OIDC-team")]
            : [Rule([new { user = new { name = "{0}" } }], "OIDC-preferred_username")];
        var idp = await kit.Trusted(protocol, new { openid = trust }, rules);
        // The address below which browsers come back is known only now.
        trust["redirect_uri"] = new Uri(cloud.Http.BaseAddress!, Websso(idp)).ToString();
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), idp.Id + ".json"), JsonSerializer.Serialize(
            new { protocols = new Dictionary<string, object> { [protocol] = new { openid = trust } } }));
        return idp;
    }
}
