using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;

namespace Fabric.Tests.Identity;

public sealed class OAuthApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Root = "/identity/v3";

    [Fact]
    public async Task A_consumer_is_made_with_a_secret_that_only_its_maker_sees()
    {
        var made = (await cloud.Do("POST", "/OS-OAUTH1/consumers", new { consumer = new { description = "a program", color = "red" } }))
            .GetProperty("consumer");
        Assert.Equal(32, made.GetProperty("secret").GetString()!.Length);
        var path = "/OS-OAUTH1/consumers/" + made.GetProperty("id").GetString();
        var shown = (await cloud.Do("GET", path)).GetProperty("consumer");
        Assert.False(shown.TryGetProperty("secret", out _));
        Assert.Equal("red", shown.GetProperty("color").GetString());
        var changed = (await cloud.Do("PATCH", path, new { consumer = new { description = "another" } })).GetProperty("consumer");
        Assert.Equal("another", changed.GetProperty("description").GetString());
        Assert.Equal(400, (await cloud.Send("PATCH", path, new { consumer = new { secret = "x" } }, cloud.Admin)).Status);
        Assert.NotEmpty((await cloud.Do("GET", "/OS-OAUTH1/consumers")).GetProperty("consumers").EnumerateArray());
        await cloud.Do("DELETE", path);
        Assert.Equal(404, (await cloud.Send("GET", path, null, cloud.Admin)).Status);
        var (_, _, member) = await cloud.Someone("member");
        Assert.Equal(403, (await cloud.Send("GET", "/OS-OAUTH1/consumers", null, member)).Status);
    }

    [Fact]
    public async Task A_consumer_asks_a_user_grants_and_the_consumer_acts_until_that_is_taken_back()
    {
        var granted = await Grant();
        var answer = await Login(granted);
        Assert.True(answer.Status == 201, $"{answer.Status} {answer.Body}");
        var token = answer.Body.GetProperty("token");
        Assert.Equal(["oauth1"], token.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(granted.Access, token.GetProperty("OS-OAUTH1").GetProperty("access_token_id").GetString());
        Assert.Equal(granted.Consumer, token.GetProperty("OS-OAUTH1").GetProperty("consumer_id").GetString());
        Assert.Equal(["reader"], token.GetProperty("roles").EnumerateArray().Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, answer.Token)).Status);
        Assert.Equal(403, (await cloud.Auth(new { methods = new[] { "token" }, token = new { id = answer.Token } })).Status);

        var path = $"/users/{granted.User}/OS-OAUTH1/access_tokens";
        Assert.Contains(granted.Access, (await cloud.Do("GET", path)).GetProperty("access_tokens").EnumerateArray()
            .Select(one => one.GetProperty("id").GetString()));
        var shown = (await cloud.Do("GET", $"{path}/{granted.Access}")).GetProperty("access_token");
        Assert.EndsWith("/roles", shown.GetProperty("links").GetProperty("roles").GetString());
        var role = (await cloud.Do("GET", $"{path}/{granted.Access}/roles")).GetProperty("roles")[0];
        Assert.Equal("reader", role.GetProperty("name").GetString());
        await cloud.Do("GET", $"{path}/{granted.Access}/roles/{role.GetProperty("id").GetString()}");
        Assert.Equal(404, (await cloud.Send("GET", $"{path}/{granted.Access}/roles/nothing", null, cloud.Admin)).Status);

        await cloud.Do("DELETE", $"{path}/{granted.Access}");
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, answer.Token)).Status);
        Assert.Equal(404, (await Login(granted)).Status);
    }

    [Fact]
    public async Task A_consumer_that_goes_takes_its_tokens_along()
    {
        var granted = await Grant();
        var token = (await Login(granted)).Token;
        await cloud.Do("DELETE", "/OS-OAUTH1/consumers/" + granted.Consumer);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        Assert.Equal(404, (await cloud.Send("GET", $"/users/{granted.User}/OS-OAUTH1/access_tokens/{granted.Access}", null,
            cloud.Admin)).Status);
        var events = (await cloud.Do("GET", "/OS-REVOKE/events")).GetProperty("events").EnumerateArray();
        Assert.Contains(events, one => one.TryGetProperty("OS-OAUTH1:consumer_id", out var id) && id.GetString() == granted.Consumer);
    }

    [Fact]
    public async Task A_request_token_is_used_once_and_by_who_can_prove_the_grant()
    {
        var consumer = await Consumer();
        var project = (await cloud.Show(cloud.Admin)).GetProperty("project").GetProperty("id").GetString()!;
        var request = await RequestToken(consumer, project);
        // Nobody granted it.
        Assert.Equal(401, (await AccessToken(consumer, request, "abcdefgh")).Status);
        var verifier = (await Authorize(request.Id, "reader")).GetProperty("token").GetProperty("oauth_verifier").GetString()!;
        Assert.Equal(401, (await AccessToken(consumer, request, "abcdefgh")).Status);
        Assert.Equal(401, (await AccessToken(consumer, (request.Id, "wrong"), verifier)).Status);
        Assert.Equal(401, (await AccessToken(await Consumer(), request, verifier)).Status);
        Assert.Equal(201, (await AccessToken(consumer, request, verifier)).Status);
        Assert.Equal(404, (await AccessToken(consumer, request, verifier)).Status);
    }

    [Fact]
    public async Task A_request_that_is_not_signed_or_signed_wrong_is_refused()
    {
        var consumer = await Consumer();
        var project = (await cloud.Show(cloud.Admin)).GetProperty("project").GetProperty("id").GetString()!;
        Assert.Equal(400, (await cloud.Send("POST", "/OS-OAUTH1/request_token")).Status);
        Assert.Equal(400, (await cloud.Send("POST", "/OS-OAUTH1/access_token", null, null, ("Authorization", "OAuth x=\"y\""))).Status);
        Assert.Equal(400, (await Signed("/OS-OAUTH1/request_token", consumer, null, [])).Status);
        Assert.Equal(401, (await Signed("/OS-OAUTH1/request_token", (consumer.Id, "wrong"), null, new() { ["oauth_callback"] = "oob" },
            ("Requested-Project-Id", project))).Status);
        Assert.Equal(404, (await Signed("/OS-OAUTH1/request_token", consumer, null, [], ("Requested-Project-Id", "nothing"))).Status);
        Assert.Equal(404, (await Signed("/OS-OAUTH1/request_token", ("nobody", "x"), null, [], ("Requested-Project-Id", project))).Status);
        foreach (var (name, value, why) in ((string, string, string)[])
        [
            ("oauth_timestamp", "1000000000", "Timestamp given is invalid, differ from allowed by over 600 seconds."),
            ("oauth_timestamp", "1000", "Invalid timestamp size"), ("oauth_nonce", "", "Missing mandatory OAuth parameters."),
            ("oauth_version", "2.0", "Invalid OAuth version."), ("oauth_callback", "", "Missing callback URI."),
        ])
        {
            var extra = new Dictionary<string, string> { ["oauth_callback"] = "oob", [name] = value };
            var answer = await Signed("/OS-OAUTH1/request_token", consumer, null, extra, ("Requested-Project-Id", project));
            Assert.Equal(400, answer.Status);
            Assert.Contains($"Validation failed with errors: invalid_request, detail message is: {why}.", answer.Form[(string?)null],
                StringComparison.Ordinal);
        }
        Assert.Equal(400, (await cloud.Auth(new { methods = new[] { "oauth1" }, oauth1 = new { } })).Status);
    }

    private async Task<(string Id, string Secret)> Consumer()
    {
        var made = (await cloud.Do("POST", "/OS-OAUTH1/consumers", new { consumer = new { } })).GetProperty("consumer");
        return (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    private async Task<(string Consumer, string Secret, string Access, string AccessSecret, string User)> Grant()
    {
        var consumer = await Consumer();
        var admin = await cloud.Show(cloud.Admin);
        var request = await RequestToken(consumer, admin.GetProperty("project").GetProperty("id").GetString()!);
        var verifier = (await Authorize(request.Id, "reader")).GetProperty("token").GetProperty("oauth_verifier").GetString()!;
        var (status, form) = await AccessToken(consumer, request, verifier);
        Assert.Equal(201, status);
        return (consumer.Id, consumer.Secret, form["oauth_token"]!, form["oauth_token_secret"]!,
            admin.GetProperty("user").GetProperty("id").GetString()!);
    }

    private async Task<(string Id, string Secret)> RequestToken((string Id, string Secret) consumer, string project)
    {
        var (status, form) = await Signed("/OS-OAUTH1/request_token", consumer, null,
            new() { ["oauth_callback"] = "oob" }, ("Requested-Project-Id", project));
        Assert.Equal(201, status);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", form["oauth_expires_at"]);
        return (form["oauth_token"]!, form["oauth_token_secret"]!);
    }

    private Task<JsonElement> Authorize(string request, string role) =>
        cloud.Do("PUT", "/OS-OAUTH1/authorize/" + request, new { roles = new[] { new { name = role } } });

    private Task<(int Status, System.Collections.Specialized.NameValueCollection Form)> AccessToken(
        (string Id, string Secret) consumer, (string Id, string Secret) request, string verifier) =>
        Signed("/OS-OAUTH1/access_token", consumer, request, new() { ["oauth_verifier"] = verifier });

    private async Task<IdentityCloud.Answer> Login((string Consumer, string Secret, string Access, string AccessSecret,
        string User) granted)
    {
        var header = Header("/auth/tokens", (granted.Consumer, granted.Secret), (granted.Access, granted.AccessSecret), []);
        return await cloud.Auth(new { methods = new[] { "oauth1" }, oauth1 = new { } }, null, ("Authorization", header));
    }

    private async Task<(int Status, System.Collections.Specialized.NameValueCollection Form)> Signed(string path,
        (string Id, string Secret) consumer,
        (string Id, string Secret)? token, Dictionary<string, string> more, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Root + path);
        request.Headers.TryAddWithoutValidation("Authorization", Header(path, consumer, token, more));
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var answer = await cloud.Http.SendAsync(request);
        return ((int)answer.StatusCode, HttpUtility.ParseQueryString(await answer.Content.ReadAsStringAsync()));
    }

    private string Header(string path, (string Id, string Secret) consumer, (string Id, string Secret)? token, Dictionary<string,
        string> more) => Sign(cloud.Http.BaseAddress!, path, consumer, token, more);

    /// <summary>The header <c>Authorization</c> of a POST below <c>/identity/v3</c>, signed.</summary>
    internal static string Sign(Uri address, string path, (string Id, string Secret) consumer, (string Id, string Secret)? token,
        Dictionary<string, string> more)
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["oauth_consumer_key"] = consumer.Id,
            ["oauth_nonce"] = Guid.NewGuid().ToString("N"),
            ["oauth_signature_method"] = "HMAC-SHA1",
            ["oauth_timestamp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(),
            ["oauth_version"] = "1.0",
        };
        if (token is { } one)
            values["oauth_token"] = one.Id;
        foreach (var (name, value) in more)
            values[name] = value;
        var signed = string.Join('&', values.Select(v => $"{Uri.EscapeDataString(v.Key)}={Uri.EscapeDataString(v.Value)}"));
        var url = address.ToString().TrimEnd('/') + Root + path;
        var text = $"POST&{Uri.EscapeDataString(url)}&{Uri.EscapeDataString(signed)}";
        var key = Encoding.UTF8.GetBytes($"{consumer.Secret}&{token?.Secret}");
        values["oauth_signature"] = Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(text)));
        return "OAuth realm=\"\", " + string.Join(", ", values.Select(v => $"{v.Key}=\"{Uri.EscapeDataString(v.Value)}\""));
    }
}
