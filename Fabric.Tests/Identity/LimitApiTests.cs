using System.Text.Json;
using Fabric.Grains.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Identity;

public sealed class LimitApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task Limits_stand_on_registered_limits()
    {
        var service = await cloud.Service();
        var registered = (await cloud.Register(service, "cores", 10)).GetProperty("id").GetString()!;
        var (_, project, token) = await cloud.Someone("member");
        var limit = (await cloud.Do("POST", "/limits", Limits(new { project_id = project, service_id = service, resource_name = "cores",
            resource_limit = 5, description = "few" }))).GetProperty("limits")[0];
        Assert.Equal((project, JsonValueKind.Null, 5), (limit.GetProperty("project_id").GetString(),
            limit.GetProperty("domain_id").ValueKind, limit.GetProperty("resource_limit").GetInt32()));
        var id = limit.GetProperty("id").GetString();

        var twin = await cloud.Send("POST", "/limits", Limits(new { project_id = project, service_id = service, resource_name = "cores",
            resource_limit = 6 }), cloud.Admin);
        Assert.Equal((409, "Conflict occurred attempting to store limit - Duplicate entry."), (twin.Status, twin.Message));
        var groundless = await cloud.Send("POST", "/limits", Limits(new { project_id = project, service_id = service,
            resource_name = "ram", resource_limit = 6 }), cloud.Admin);
        Assert.Equal((403, "Unable to create a limit that has no corresponding registered limit."),
            (groundless.Status, groundless.Message));
        foreach (var method in new[] { "PATCH", "DELETE" })
        {
            var used = await cloud.Send(method, "/registered_limits/" + registered,
                new { registered_limit = new { default_limit = 1 } }, cloud.Admin);
            Assert.Equal((403, $"Unable to update or delete registered limit {registered} because there are project limits associated "
                + "with it."), (used.Status, used.Message));
        }

        // Everybody sees what counts for its own project, and no other.
        Assert.Equal([id], Ids((await cloud.Send("GET", "/limits", null, token)).Body, "limits"));
        Assert.Empty(Ids((await cloud.Send("GET", "/limits?resource_name=ram", null, token)).Body, "limits"));
        Assert.Equal(200, (await cloud.Send("GET", "/limits/" + id, null, token)).Status);
        var (_, _, stranger) = await cloud.Someone("member");
        Assert.Empty(Ids((await cloud.Send("GET", "/limits", null, stranger)).Body, "limits"));
        Assert.Equal(403, (await cloud.Send("GET", "/limits/" + id, null, stranger)).Status);
        Assert.Equal(403, (await cloud.Send("POST", "/limits", Limits(new { }), token)).Status);

        var changed = await cloud.Do("PATCH", "/limits/" + id, new { limit = new { resource_limit = -1 } });
        Assert.Equal(-1, changed.GetProperty("limit").GetProperty("resource_limit").GetInt32());
        await cloud.Do("DELETE", "/projects/" + project);
        var gone = await cloud.Send("GET", "/limits/" + id, null, cloud.Admin);
        Assert.Equal((404, $"Could not find limit for {id}."), (gone.Status, gone.Message));
        await cloud.Do("DELETE", "/registered_limits/" + registered);
        Assert.Equal(404, (await cloud.Send("GET", "/registered_limits/" + registered, null, cloud.Admin)).Status);
    }

    [Fact]
    public async Task Many_are_made_at_once_or_none()
    {
        var service = await cloud.Service();
        await cloud.Register(service, "taken", 1);
        var answer = await cloud.Send("POST", "/registered_limits", new { registered_limits = new object[]
        {
            new { service_id = service, resource_name = "first", default_limit = 1 },
            new { service_id = service, resource_name = "taken", default_limit = 1 },
        } }, cloud.Admin);
        Assert.Equal(409, answer.Status);
        Assert.Equal(["taken"], (await cloud.Do("GET", "/registered_limits?service_id=" + service)).GetProperty("registered_limits")
            .EnumerateArray().Select(limit => limit.GetProperty("resource_name").GetString()));
        var made = await cloud.Send("POST", "/registered_limits", new { registered_limits = new object[]
        {
            new { service_id = service, resource_name = "first", default_limit = -1, region_id = "RegionOne" },
            new { service_id = service, resource_name = "first", default_limit = 2 },
        } }, cloud.Admin);
        Assert.Equal((201, 2), (made.Status, made.Body.GetProperty("registered_limits").GetArrayLength()));
        Assert.False(made.Body.TryGetProperty("links", out _));
    }

    [Theory]
    [InlineData("/registered_limits", """{"registered_limits": []}""")]
    [InlineData("/registered_limits", """{"registered_limits": [{"service_id": "x", "resource_name": "a", "default_limit": -2}]}""")]
    [InlineData("/registered_limits", """{"registered_limits": [{"service_id": "x", "resource_name": "a", "default_limit": 1}]}""")]
    [InlineData("/limits", """{"limits": [{"service_id": "x", "resource_name": "a", "resource_limit": 1}]}""")]
    [InlineData("/limits", "{}")]
    public async Task Limits_that_make_no_sense_are_refused(string path, string body) =>
        Assert.Equal(400, (await cloud.Send("POST", path, body, cloud.Admin)).Status);

    [Fact]
    public async Task The_flat_model_asks_for_nothing()
    {
        var model = (await cloud.Do("GET", "/limits/model")).GetProperty("model");
        Assert.Equal("flat", model.GetProperty("name").GetString());
    }

    private static object Limits(object limit) => new { limits = new[] { limit } };

    private static IEnumerable<string?> Ids(JsonElement body, string list) =>
        body.GetProperty(list).EnumerateArray().Select(static item => item.GetProperty("id").GetString());
}

/// <summary>The model in which no project has more than its user domain.</summary>
public sealed class StrictLimitApiTests : IAsyncLifetime
{
    private readonly IdentityCloud cloud = new()
    {
        Configure = static services =>
            services.Configure<IdentityOptions>(static options => options.LimitModel = LimitModel.StrictTwoLevel),
    };

    public Task InitializeAsync() => cloud.InitializeAsync();

    public Task DisposeAsync() => cloud.DisposeAsync();

    [Fact]
    public async Task No_project_has_more_than_its_domain()
    {
        Assert.Equal("strict_two_level",
            (await cloud.Do("GET", "/limits/model")).GetProperty("model").GetProperty("name").GetString());
        var service = await cloud.Service();
        await cloud.Register(service, "cores", 10);
        var (_, project, _) = await cloud.Someone("member");
        var above = await cloud.Send("POST", "/limits", Cores(service, ("project_id", project, 11)), cloud.Admin);
        Assert.Equal((403, $"Invalid resource limit: The resource limit (project_id: {project}, resource_name: cores, resource_limit: 11, "
            + $"service_id: {service}, region_id: None) doesn't satisfy current hierarchy model.."), (above.Status, above.Message));
        // Together with its domain's it counts against that one.
        await cloud.Do("POST", "/limits", Cores(service, ("project_id", project, 12), ("domain_id", "default", 20)));
        var domain = (await cloud.Do("GET", "/limits")).GetProperty("limits");
        Assert.Equal(0, domain.GetArrayLength());
        var token = await cloud.Login("admin", cloud.AdminPassword, new { system = new { all = true } });
        var all = (await cloud.Send("GET", "/limits?domain_id=default", null, token)).Body.GetProperty("limits");
        var id = Assert.Single(all.EnumerateArray()).GetProperty("id").GetString();

        var below = await cloud.Send("PATCH", "/limits/" + id, new { limit = new { resource_limit = 11 } }, cloud.Admin);
        Assert.Equal(403, below.Status);
        await cloud.Do("PATCH", "/limits/" + id, new { limit = new { resource_limit = 12 } });

        var child = (await cloud.Do("POST", "/projects", new { project = new { name = "second", parent_id = project } })).GetProperty(
            "project").GetProperty("id").GetString();
        Assert.Equal(403, (await cloud.Send(
            "POST", "/projects", new { project = new { name = "third", parent_id = child } }, cloud.Admin)).Status);
    }

    private static object Cores(string service, params (string Name, string Id, int Limit)[] limits) => new
    {
        limits = limits.Select(limit => new Dictionary<string, object>
        {
            [limit.Name] = limit.Id, ["service_id"] = service, ["resource_name"] = "cores", ["resource_limit"] = limit.Limit,
        }),
    };
}

internal static class LimitWords
{
    /// <summary>Makes a service, and gives its id.</summary>
    internal static async Task<string> Service(this IdentityCloud cloud) => (await cloud.Do("POST", "/services",
        new { service = new { type = "t" + Guid.NewGuid().ToString("N")[..8], name = "n" } })).GetProperty("service").GetProperty("id")
        .GetString()!;

    /// <summary>Registers one limit.</summary>
    internal static async Task<JsonElement> Register(this IdentityCloud cloud, string service, string resource, int most) =>
        (await cloud.Do("POST", "/registered_limits", new { registered_limits = new[] {
            new { service_id = service, resource_name = resource, default_limit = most } } })).GetProperty("registered_limits")[0];
}
