using System.Net.Http.Json;
using Fabric.Grains.Identity;
using Fabric.Grains.Kernel;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Identity;

/// <summary>Limits that come together against everything that can come between the steps of making them, and limits against the end of
/// what they stand on.</summary>
public sealed class MakeLimitsSagaTests : IAsyncLifetime
{
    private Cloud cloud = null!;
    private HttpClient http = null!;
    private Task<HttpResponseMessage> request = null!;
    private string service = "";
    private string systemToken = "";

    public async Task InitializeAsync()
    {
        cloud = await Cloud.Start(nodes: 1);
        var admin = await cloud.Http("admin");
        http = cloud.Http();
        http.DefaultRequestHeaders.Add("X-Auth-Token", admin.DefaultRequestHeaders.GetValues("X-Auth-Token"));
        var answer = await http.PostAsJsonAsync("/identity/v3/services", new { service = new { type = "t", name = "n" } });
        service = (await answer.Json(201)).GetProperty("service").GetProperty("id").GetString()!;
        systemToken = await SystemToken();
    }

    public async Task DisposeAsync() => await cloud.DisposeAsync();

    [Fact]
    public Task Registered_limits_are_made_all_or_none() => cloud.Sagas.Exhaust<MakeLimitsSaga, LimitsToMake>(
        arrange: () =>
        {
            request = Register("a", "b");
            return Task.CompletedTask;
        },
        cleanSlate: async () => Assert.Equal(0, await cloud.Index.Count(new(IdentityKinds.RegisteredLimit), default)),
        remove: async () =>
        {
            // The answer says which of the two it was.
            using var answer = await request;
            var shown = await Shown("/registered_limits");
            Assert.Equal((int)answer.StatusCode == 201 ? 2 : 0, shown.Count);
            foreach (var id in shown)
                Assert.Equal(204, (int)(await http.DeleteAsync("/identity/v3/registered_limits/" + id)).StatusCode);
        });

    [Fact]
    public async Task Limits_are_made_all_or_none()
    {
        using var registered = await Register("a", "b");
        await cloud.Sagas.Exhaust<MakeLimitsSaga, LimitsToMake>(
            arrange: () =>
            {
                request = Limit("a", "b");
                return Task.CompletedTask;
            },
            cleanSlate: async () => Assert.Equal(0, await cloud.Index.Count(new(IdentityKinds.Limit), default)),
            remove: async () =>
            {
                using var answer = await request;
                var shown = await Shown("/limits?domain_id=default");
                Assert.Equal((int)answer.StatusCode == 201 ? 2 : 0, shown.Count);
                foreach (var id in shown)
                    Assert.Equal(204, (int)(await http.DeleteAsync("/identity/v3/limits/" + id)).StatusCode);
            });
    }

    [Fact]
    public async Task A_limit_never_stands_on_what_ends_at_the_same_moment()
    {
        for (var round = 0; round < 15; round++)
        {
            using var registered = await Register("a");
            var id = (await registered.Json(201)).GetProperty("registered_limits")[0].GetProperty("id").GetString()!;
            var limiting = Limit("a");
            var ending = http.DeleteAsync("/identity/v3/registered_limits/" + id);
            using var limited = await limiting;
            using var ended = await ending;
            var left = await Shown("/limits?domain_id=default");
            Assert.Contains(((int)limited.StatusCode, (int)ended.StatusCode, left.Count),
                new[] { (201, 403, 1), (403, 204, 0), (403, 403, 0) });
            foreach (var limit in left)
                Assert.Equal(204, (int)(await http.DeleteAsync("/identity/v3/limits/" + limit)).StatusCode);
            if ((int)ended.StatusCode != 204)
                Assert.Equal(204, (int)(await http.DeleteAsync("/identity/v3/registered_limits/" + id)).StatusCode);
            Assert.Equal(0, await cloud.Index.Count(new(IdentityKinds.Limit), default));
        }
    }

    [Fact]
    public async Task What_is_written_and_not_shown_yet_nobody_sees()
    {
        var limit = new RegisteredLimitState
        {
            Id = Guid.NewGuid().ToString("N"), ServiceId = service, ResourceName = "x", DefaultLimit = 1,
        };
        var grain = cloud.Grains.GetGrain<IRegisteredLimitGrain>(limit.Id);
        await grain.Prepare(limit);
        Assert.Empty(await Shown("/registered_limits"));
        Assert.Equal(404, (int)(await http.GetAsync("/identity/v3/registered_limits/" + limit.Id)).StatusCode);
        Assert.Equal(FaultKind.Forbidden, (await Assert.ThrowsAsync<Fault>(() => grain.Support(service, null, "x"))).Kind);
        using (var answer = await Limit("x"))
            Assert.Equal(403, (int)answer.StatusCode);
        await grain.Show();
        Assert.Equal([limit.Id], await Shown("/registered_limits"));
        await grain.Discard();
        Assert.Equal([limit.Id], await Shown("/registered_limits"));
    }

    private Task<HttpResponseMessage> Register(params string[] names) => http.PostAsJsonAsync("/identity/v3/registered_limits", new
    {
        registered_limits = names.Select(name => new { service_id = service, resource_name = name, default_limit = 1 }),
    });

    private Task<HttpResponseMessage> Limit(params string[] names) => http.PostAsJsonAsync("/identity/v3/limits", new
    {
        limits = names.Select(name => new { domain_id = "default", service_id = service, resource_name = name, resource_limit = 1 }),
    });

    private async Task<List<string>> Shown(string path)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Get, "/identity/v3" + path);
        asked.Headers.Add("X-Auth-Token", systemToken);
        using var answer = await cloud.Http().SendAsync(asked);
        var body = await answer.Json(200);
        var list = body.TryGetProperty("limits", out var limits) ? limits : body.GetProperty("registered_limits");
        return [.. list.EnumerateArray().Select(static limit => limit.GetProperty("id").GetString()!)];
    }

    // Limits of a domain are seen by who looks at the whole system.
    private async Task<string> SystemToken()
    {
        var password = (await File.ReadAllTextAsync(Path.Combine(cloud.DataDir, "admin-password"))).Trim();
        var who = new { user = new { name = "admin", domain = new { id = "default" }, password } };
        var identity = new { methods = new[] { "password" }, password = who };
        using var answer = await cloud.Http().PostAsJsonAsync(
            "/identity/v3/auth/tokens", new { auth = new { identity, scope = new { system = new { all = true } } } });
        return answer.Headers.GetValues("X-Subject-Token").Single();
    }
}
