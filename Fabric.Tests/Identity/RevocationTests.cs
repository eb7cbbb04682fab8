using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Tests.Kit;
using Fabric.Tests.Silo;

namespace Fabric.Tests.Identity;

/// <summary>What voids tokens, and that every gateway knows it soon.</summary>
public sealed class RevocationTests
{
    /// <summary>Within this time every gateway refuses what was revoked: the promise, not a measure of this machine.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_revoked_token_is_refused_after_a_restart_too_and_the_log_says_what_was_voided()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var demo = await cloud.Login("demo", cloud.DemoPassword);
        var audit = (await cloud.Show(demo)).GetProperty("audit_ids")[0].GetString();
        var deleted = await cloud.Someone("member");
        var changed = await cloud.Someone("member");
        Assert.Equal(204, (await cloud.Send("DELETE", "/auth/tokens", null, demo, ("X-Subject-Token", demo))).Status);
        await cloud.Do("DELETE", "/users/" + deleted.User);
        await cloud.Do("PATCH", "/users/" + changed.User, new { user = new { password = "another" } });

        await cloud.Stop();
        await cloud.Start();

        foreach (var (token, status) in new[] { (demo, 401), (deleted.Token, 404), (changed.Token, 401), (cloud.Admin, 200) })
            Assert.Equal(status, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
        var answer = await cloud.Do("GET", "/OS-REVOKE/events");
        var events = answer.GetProperty("events").EnumerateArray().ToArray();
        Assert.Contains(events, one => Has(one, "audit_id", audit));
        Assert.Contains(events, one => Has(one, "user_id", deleted.User));
        Assert.Contains(events, one => Has(one, "user_id", changed.User));
        Assert.All(events, static one => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", one
            .GetProperty("issued_before").GetString()));
        Assert.Empty((await cloud.Do("GET", "/OS-REVOKE/events?since=2100-01-01T00:00:00Z")).GetProperty("events").EnumerateArray());
        Assert.Equal(400, (await cloud.Send("GET", "/OS-REVOKE/events?since=yesterday", null, cloud.Admin)).Status);
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task A_service_may_ask_for_a_while_what_a_token_was_that_has_ended()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var texts = cloud.Get<TokenTexts>();
        var payload = texts.Open(await cloud.Login("demo", cloud.DemoPassword))!;
        var now = DateTimeOffset.UtcNow;
        var ended = texts.Write(payload with { IssuedAt = now.AddHours(-2), ExpiresAt = now.AddHours(-1) });
        var longAgo = texts.Write(payload with { IssuedAt = now.AddDays(-3), ExpiresAt = now.AddHours(-49) });
        foreach (var token in (string[])[ended, longAgo])
        {
            Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, token)).Status);
            Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens", null, cloud.Admin, ("X-Subject-Token", token))).Status);
        }

        Assert.Equal(200, (await cloud.Send("GET", "/auth/tokens?allow_expired=1", null, cloud.Admin, ("X-Subject-Token", ended))).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens?allow_expired=1", null, cloud.Admin,
            ("X-Subject-Token", longAgo))).Status);
        // A service that began something for the user finishes it.
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, ended, ("X-Service-Token", cloud.Admin))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, longAgo, ("X-Service-Token", cloud.Admin))).Status);
        await cloud.Do("PATCH", "/users/" + payload.UserId, new { user = new { enabled = false } });
        Assert.Equal(404, (await cloud.Send("GET", "/auth/tokens?allow_expired=1", null, cloud.Admin, ("X-Subject-Token", ended))).Status);
        await cloud.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_can_be_signed_for_all_to_read_and_those_sealed_before_stay_good()
    {
        var cloud = new IdentityCloud();
        await cloud.InitializeAsync();
        var sealedBefore = cloud.Admin;
        await cloud.Stop();
        cloud.Options = static options => options.TokenProvider = "jws";
        await cloud.Start();
        var signed = await cloud.Login("demo", cloud.DemoPassword);
        Assert.Equal(3, signed.Split('.').Length);
        Assert.Equal("demo", (await cloud.Show(signed)).GetProperty("user").GetProperty("name").GetString());
        Assert.Equal(200, (await cloud.Send("GET", "/auth/projects", null, sealedBefore)).Status);
        Assert.Equal(204, (await cloud.Send("DELETE", "/auth/tokens", null, signed, ("X-Subject-Token", signed))).Status);
        Assert.Equal(401, (await cloud.Send("GET", "/auth/projects", null, signed)).Status);
        await cloud.DisposeAsync();
    }

    [SkippableFact]
    public async Task Whatever_ends_a_token_at_one_gateway_ends_it_at_all_of_them_within_a_second()
    {
        await using var cluster = await GatewayCluster.Start();
        HttpClient[] gateways =
        [
            await cluster.Admin(await cluster.Gateway("one", 0)),
            await cluster.Admin(await cluster.Gateway("two", 0)),
            await cluster.Admin(await cluster.Gateway("three", 0)),
        ];
        var ends = new Dictionary<string, Func<Somebody, HttpClient, Task>>
        {
            ["revoked"] = static (who, at) => Do(at, "DELETE", "/auth/tokens", null, ("X-Subject-Token", who.Token)),
            ["password"] = static (who, at) => Do(at, "PATCH", "/users/" + who.User, new { user = new { password = "another" } }),
            ["disabled"] = static (who, at) => Do(at, "PATCH", "/users/" + who.User, new { user = new { enabled = false } }),
            ["deleted"] = static (who, at) => Do(at, "DELETE", "/users/" + who.User),
            ["role"] = static (who, at) => Do(at, "DELETE", $"/projects/{who.Project}/users/{who.User}/roles/{who.Role}"),
            ["project"] = static (who, at) => Do(at, "PATCH", "/projects/" + who.Project, new { project = new { enabled = false } }),
        };
        var turn = 0;
        foreach (var (name, end) in ends)
        {
            var at = gateways[turn++ % gateways.Length];
            var who = await Someone(at);
            foreach (var gateway in gateways)
                Assert.Equal(HttpStatusCode.OK, await Status(gateway, who.Token));
            await end(who, at);
            var refused = name is "deleted" or "project" ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized;
            // The gateway that did it knows at once.
            Assert.True(await Status(at, who.Token) == refused, $"{name}: where it was ended");
            // Not a measure: however slow the machine is, after this time no gateway may let it through.
            await Task.Delay(Promised);
            foreach (var gateway in gateways)
                Assert.True(await Status(gateway, who.Token) == refused, $"{name}: elsewhere");
        }
    }

    private static bool Has(JsonElement one, string name, string? value) =>
        one.TryGetProperty(name, out var there) && there.GetString() == value;

    private static async Task<Somebody> Someone(HttpClient gateway)
    {
        var name = "who-" + Guid.NewGuid().ToString("N")[..8];
        var project = Id(await Do(gateway, "POST", "/projects", new { project = new { name } }), "project");
        var user = Id(await Do(gateway, "POST", "/users", new { user = new { name, password = name } }), "user");
        var role = (await Do(gateway, "GET", "/roles?name=member")).GetProperty("roles")[0].GetProperty("id").GetString()!;
        await Do(gateway, "PUT", $"/projects/{project}/users/{user}/roles/{role}");
        using var answer = await gateway.PostAsJsonAsync("/identity/v3/auth/tokens", new
        {
            auth = new
            {
                identity = new { methods = new[] { "password" }, password = new { user = new { id = user, password = name } } },
                scope = new { project = new { id = project } },
            },
        });
        return new(user, project, role, answer.Headers.GetValues("X-Subject-Token").Single());
    }

    private static async Task<JsonElement> Do(
        HttpClient gateway, string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new(method), "/identity/v3" + path);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        using var answer = await gateway.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    private static async Task<HttpStatusCode> Status(HttpClient gateway, string token)
    {
        using var client = new HttpClient { BaseAddress = gateway.BaseAddress };
        client.DefaultRequestHeaders.Add("X-Auth-Token", token);
        using var answer = await client.GetAsync("/identity/v3/auth/projects");
        return answer.StatusCode;
    }

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;

    private sealed record Somebody(string User, string Project, string Role, string Token);
}
