using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Web;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Tests.Identity.Federation;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

/// <summary>Every secret goes through every route that takes or gives one, right and wrong, and is found nowhere afterwards: in no log,
/// span or metric, and in no file of the cloud as it was given.</summary>
public sealed class SecretLeakTests : IAsyncLifetime
{
    private readonly Observed observed = new();
    private readonly Dictionary<string, string> secrets = [];
    private readonly IdentityCloud cloud;
    private readonly OidcIssuer issuer = new();
    private readonly SamlIdp saml = new();

    public SecretLeakTests() => cloud = new()
    {
        Configure = services => services.AddLogging(observed.Listen),
        Options = static options => options.SecurityCompliance = new() { LockoutFailureAttempts = 50, UniqueLastPasswordCount = 2 },
    };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public async Task DisposeAsync()
    {
        await cloud.DisposeAsync();
        observed.Dispose();
        issuer.Dispose();
        saml.Dispose();
    }

    [Fact]
    public async Task No_secret_is_in_a_log_a_span_a_metric_or_a_file()
    {
        Secret("admin's token", cloud.Admin);
        var user = await Passwords();
        await OneTimePasswords(user);
        await AppCredentials();
        await Ec2();
        await OAuth();
        await Federation();
        await Broken();
        var metrics = await cloud.Http.GetStringOf("/metrics");
        await cloud.Stop();

        // What is looked through is there.
        Assert.Contains("/identity/v3/auth/tokens", observed.Logs);
        Assert.Contains("identity:create_user", observed.Spans);
        Assert.Contains("fabric_identity_password_hash_duration_seconds", metrics);
        Assert.True(secrets.Count >= 25, $"only {secrets.Count} secrets were tried");
        var files = Directory.EnumerateFiles(cloud.Folder, "*", SearchOption.AllDirectories)
            .Select(file => (Name: file, Text: Encoding.Latin1.GetString(File.ReadAllBytes(file)))).ToList();
        Assert.Contains(files, file => file.Text.Contains("leak-user", StringComparison.Ordinal));
        var found = from secret in secrets
                    from place in (IEnumerable<(string Name, string Text)>)
                        [("logs", observed.Logs), ("spans", observed.Spans), ("metrics", metrics), .. files]
                    where place.Text.Contains(secret.Value, StringComparison.Ordinal)
                    select $"{secret.Key} is in {place.Name}: {Around(place.Text, secret.Value)}";
        Assert.Empty(found);
        await cloud.Start();
    }

    private async Task<string> Passwords()
    {
        var (first, second, third) = (Secret("password"), Secret("changed password"), Secret("set password"));
        var user = await User(first);
        await Login(user, first, 201);
        await Login(user, Secret("wrong password"), 401);
        await Login("nobody", Secret("password of nobody"), 401);
        Assert.Equal(204, (await Change(user, first, second)).Status);
        Assert.Equal(401, (await Change(user, Secret("wrong old password"), Secret("password never set"))).Status);
        Assert.Equal(400, (await Change(user, second, first)).Status);
        await cloud.Do("PATCH", "/users/" + user, new { user = new { password = third } });
        await Login(user, third, 201);
        Assert.Equal(409, (await cloud.Send("POST", "/users",
            new { user = new { name = "leak-user", password = Secret("password of a name that is taken") } }, cloud.Admin)).Status);
        Assert.Equal(403, (await cloud.Send("POST", "/users",
            new { user = new { name = "other", password = Secret("password of a user nobody may make") } },
            await cloud.Login("demo", cloud.DemoPassword, DemoScope))).Status);
        return user;
    }

    private async Task OneTimePasswords(string user)
    {
        var seed = Secret("seed", "GEZDGNBVGY3TQOJQMZDGNBVGY3TQOLEAK");
        var made = await cloud.Do("POST", "/credentials", new { credential = new { user_id = user, type = "totp", blob = seed } });
        var id = made.GetProperty("credential").GetProperty("id").GetString();
        await cloud.Do("PATCH", "/credentials/" + id, new { credential = new { blob = seed } });
        await cloud.Do("PATCH", "/users/" + user, new
        {
            user = new { options = new { multi_factor_auth_rules = new[] { new[] { "password", "totp" } } } },
        });
        var half = await cloud.Auth(new
        {
            methods = new[] { "password" }, password = new { user = new { id = user, password = secrets["set password"] } },
        });
        var receipt = Secret("receipt", half.Headers.GetValues(AuthReceipts.Header).Single());
        object Totp(string passcode) => new { methods = new[] { "totp" }, totp = new { user = new { id = user, passcode } } };
        Assert.Equal(401, (await cloud.Auth(Totp("000000"), null, (AuthReceipts.Header, receipt))).Status);
        var forged = Secret("forged receipt", new string('q', 20) + receipt[20..]);
        Assert.Equal(401, (await cloud.Auth(Totp("000000"), null, (AuthReceipts.Header, forged))).Status);
        var now = TotpMethod.At(TotpMethod.Decode(seed)!, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Secret("token by two factors", (await cloud.Auth(Totp(now), null, (AuthReceipts.Header, receipt))).Token);
    }

    private async Task AppCredentials()
    {
        var (user, _, token) = await cloud.Someone("member");
        Secret("member's token", token);
        var path = $"/users/{user}/application_credentials";
        var given = Secret("secret of an application credential");
        var made = await cloud.Send("POST", path, new { application_credential = new { name = "given", secret = given } }, token);
        var id = made.Body.GetProperty("application_credential").GetProperty("id").GetString()!;
        Assert.Equal(409, (await cloud.Send("POST", path,
            new { application_credential = new { name = "given", secret = Secret("secret of one that is taken") } }, token)).Status);
        var drawn = await cloud.Send("POST", path, new { application_credential = new { name = "drawn" } }, token);
        Secret("secret that was drawn", drawn.Body.GetProperty("application_credential").GetProperty("secret").GetString()!);
        object By(string secret) => new { methods = new[] { "application_credential" }, application_credential = new { id, secret } };
        Secret("token by application credential", (await cloud.Auth(By(given))).Token);
        Assert.Equal(401, (await cloud.Auth(By(Secret("wrong secret")))).Status);
        foreach (var secret in (string[])[given, Secret("wrong client secret")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/identity/v3/OS-OAUTH2/token")
            {
                Content = new FormUrlEncodedContent([new("grant_type", "client_credentials")]),
            };
            var basic = Secret("basic of " + secret, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", basic);
            using var answer = await cloud.Http.SendAsync(request);
            if (secret == given)
                Secret("OAuth 2.0 token", (await answer.Json(200)).GetProperty("access_token").GetString()!);
            else
                Assert.Equal(401, (int)answer.StatusCode);
        }
    }

    private async Task Ec2()
    {
        var (user, project, _) = await cloud.Someone("member");
        var pair = (await cloud.Do("POST", $"/users/{user}/credentials/OS-EC2", new { tenant_id = project })).GetProperty("credential");
        var (access, secret) = (pair.GetProperty("access").GetString()!, Secret("EC2 secret", pair.GetProperty("secret").GetString()!));
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes("GET\n\n\nnow\n/bucket")).Replace('+', '-').Replace('/', '_');
        var right = Convert.ToBase64String(System.Security.Cryptography.HMACSHA1.HashData(
            Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("GET\n\n\nnow\n/bucket")));
        foreach (var (signature, status) in (IEnumerable<(string, int)>)[(Secret("signature", right), 200), ("wrong", 401)])
        {
            Assert.Equal(status, (await cloud.Send(
                "POST", "/s3tokens", new { credentials = new { access, token = text, signature } }, cloud.Admin)).Status);
        }

        var blob = JsonSerializer.Serialize(new { access = "leak-access", secret = Secret("blob of a credential") });
        await cloud.Do("POST", "/credentials", new { credential = new { user_id = user, project_id = project, type = "ec2", blob } });
        await cloud.Do("GET", "/credentials");
    }

    private async Task OAuth()
    {
        var made = (await cloud.Do("POST", "/OS-OAUTH1/consumers", new { consumer = new { } })).GetProperty("consumer");
        var consumer = (made.GetProperty("id").GetString()!, Secret("consumer's secret", made.GetProperty("secret").GetString()!));
        var project = (await cloud.Show(cloud.Admin)).GetProperty("project").GetProperty("id").GetString()!;
        var asked = await Signed(
            "/OS-OAUTH1/request_token", consumer, null, new() { ["oauth_callback"] = "oob" }, ("Requested-Project-Id", project));
        var request = (asked["oauth_token"]!, Secret("request token's secret", asked["oauth_token_secret"]!));
        var verifier = Secret("verifier", (await cloud.Do("PUT", "/OS-OAUTH1/authorize/" + request.Item1,
            new { roles = new[] { new { name = "reader" } } })).GetProperty("token").GetProperty("oauth_verifier").GetString()!);
        await Signed("/OS-OAUTH1/access_token", consumer, request, new() { ["oauth_verifier"] = Secret("wrong verifier") });
        var got = await Signed("/OS-OAUTH1/access_token", consumer, request, new() { ["oauth_verifier"] = verifier });
        var access = (got["oauth_token"]!, Secret("access token's secret", got["oauth_token_secret"]!));
        var header = OAuthApiTests.Sign(cloud.Http.BaseAddress!, "/auth/tokens", consumer, access, []);
        Secret("token by OAuth", (await cloud.Auth(new { methods = new[] { "oauth1" }, oauth1 = new { } }, null,
            ("Authorization", header))).Token);
    }

    private async Task Federation()
    {
        var kit = new FederationKit(cloud);
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), "leak.jwks"), issuer.Jwks());
        object[] rules = [FederationKit.Rule([new { user = new { name = "{0}" } }], "OIDC-preferred_username")];
        var oidc = await kit.Trusted("openid", new
        {
            openid = new { issuer = FederationKit.Issuer, audiences = new[] { FederationKit.Audience }, jwks_file = "leak.jwks" },
        }, rules);
        var bearer = Secret("bearer token", issuer.Token());
        var unscoped = Secret("federated token", FederationKit.Token(await kit.Bring(oidc, bearer)));
        Assert.Equal(401, (await kit.Bring(oidc, Secret("expired bearer token", issuer.Token(("exp", 1000000000L))))).Status);
        await kit.Rescope(unscoped, new { project = new { id = "nothing" } });
        await File.WriteAllTextAsync(Path.Combine(kit.Folder(), "leak.pem"), saml.Certificate.ExportCertificatePem());
        var provider = await kit.Trusted("saml2", new
        {
            saml2 = new
            {
                entity_id = FederationKit.Issuer, certificates = new[] { "leak.pem" }, audiences = new[] { FederationKit.Audience },
                recipients = new[] { SamlIdp.Recipient }, sso_url = "https://idp.test/sso",
            },
        }, [FederationKit.Rule([new { user = new { name = "{0}" } }], "MELLON_NAME_ID")]);
        var response = saml.Signed();
        Secret("assertion's signature", response.Split("<SignatureValue>")[1].Split("</SignatureValue>")[0]);
        Assert.Equal(201, (await kit.BringXml(provider, response)).Status);
        Assert.Equal(401, (await kit.BringXml(provider, response)).Status);
    }

    /// <summary>Bodies that no route can read, with secrets in them; tokens that are none, and such as are revoked.</summary>
    private async Task Broken()
    {
        foreach (var body in (string[])
            [
                "{\"auth\": {\"identity\": {\"password\": \"" + Secret("password in a broken body"),
                "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": {\"user\": {\"id\": 5, \"password\": \""
                    + Secret("password beside a wrong id") + "\"}}}}}",
                "{\"auth\": {\"identity\": {\"methods\": [\"password\"], \"password\": \"" + Secret("password in a wrong place") + "\"}}}",
            ])
            Assert.Equal(400, (await cloud.Send("POST", "/auth/tokens", body)).Status);
        var revoked = Secret("revoked token", await cloud.Login("demo", cloud.DemoPassword, DemoScope));
        Assert.Equal(204, (await cloud.Send("DELETE", "/auth/tokens", null, revoked, ("X-Subject-Token", revoked))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, revoked)).Status);
        var unknown = Secret("token of another cloud", "gAAAAA" + new string('z', 180));
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, unknown)).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", unknown))).Status);
        Assert.Equal(404, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = unknown } })).Status);
    }

    private static object DemoScope => new { project = new { name = "demo", domain = new { id = "default" } } };

    private string Secret(string name, string? value = null) => secrets[name] = value ?? "Leak" + Guid.NewGuid().ToString("N");

    private async Task<string> User(string password) => (await cloud.Do("POST", "/users",
        new { user = new { name = "leak-user", password } })).GetProperty("user").GetProperty("id").GetString()!;

    private Task<IdentityCloud.Answer> Change(string user, string from, string to) =>
        cloud.Send("POST", $"/users/{user}/password", new { user = new { original_password = from, password = to } });

    private async Task Login(string user, string password, int status)
    {
        var answer = await cloud.Auth(new { methods = new[] { "password" }, password = new { user = new { id = user, password } } });
        Assert.Equal(status, answer.Status);
        if (status == 201)
            Secret("token by " + password, answer.Token);
    }

    private async Task<System.Collections.Specialized.NameValueCollection> Signed(string path, (string Id, string Secret) consumer,
        (string Id, string Secret)? token, Dictionary<string, string> more, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/identity/v3" + path);
        request.Headers.TryAddWithoutValidation(
            "Authorization", OAuthApiTests.Sign(cloud.Http.BaseAddress!, path, consumer, token, more));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var answer = await cloud.Http.SendAsync(request);
        return HttpUtility.ParseQueryString(await answer.Content.ReadAsStringAsync());
    }

    private static string Around(string text, string secret)
    {
        var at = Math.Max(0, text.IndexOf(secret, StringComparison.Ordinal) - 120);
        return text.Substring(at, Math.Min(160, text.Length - at)).ReplaceLineEndings(" ");
    }
}
