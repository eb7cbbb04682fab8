using System.Text.Json;

namespace Fabric.Tests.Identity;

public sealed class CatalogApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task A_service_with_its_endpoints_stands_in_the_catalog_until_it_is_deleted()
    {
        var service = Id(await cloud.Do("POST", "/services", new { service = new { type = "dns", name = "designate" } }), "service");
        var body = new { endpoint = new { service_id = service, @interface = "public", region = "RegionTwo",
            url = "http://dns/v2/$(project_id)s" } };
        var endpoint = Id(await cloud.Do("POST", "/endpoints", body), "endpoint");
        Assert.Equal("RegionTwo", (await cloud.Do("GET", "/regions/RegionTwo")).GetProperty("region").GetProperty("id").GetString());
        var catalog = (await cloud.Do("GET", "/auth/catalog")).GetProperty("catalog");
        var url = catalog.EnumerateArray().Single(s => s.GetProperty("type").GetString() == "dns").GetProperty(
            "endpoints")[0].GetProperty("url");
        Assert.Matches("^http://dns/v2/[0-9a-f]{32}$", url.GetString());
        Assert.Equal(403, (await cloud.Send("DELETE", "/regions/RegionTwo", null, cloud.Admin)).Status);
        await cloud.Do("PATCH", "/endpoints/" + endpoint, new { endpoint = new { enabled = false } });
        catalog = (await cloud.Do("GET", "/auth/catalog")).GetProperty("catalog");
        Assert.Empty(catalog.EnumerateArray().Single(s => s.GetProperty("type").GetString() == "dns").GetProperty("endpoints")
            .EnumerateArray());

        await cloud.Do("DELETE", "/services/" + service);

        Assert.Equal(404, (await cloud.Send("GET", "/endpoints/" + endpoint, null, cloud.Admin)).Status);
        await cloud.Do("DELETE", "/regions/RegionTwo");
    }

    [Theory]
    [InlineData("POST", "/services", """{"service": {"name": "x"}}""", 400)]
    [InlineData("POST", "/endpoints", """{"endpoint": {"interface": "inner", "service_id": "x", "url": "http://x"}}""", 400)]
    [InlineData("POST", "/endpoints", """{"endpoint": {"interface": "public", "service_id": "x", "url": "http://x"}}""", 400)]
    [InlineData("POST", "/endpoints", """{"endpoint": {"interface": "public", "service_id": "x", "url": "nothing"}}""", 400)]
    [InlineData("POST", "/regions", """{"region": {"id": "a", "parent_region_id": "nowhere"}}""", 404)]
    [InlineData("PUT", "/regions/a", """{"region": {"id": "b"}}""", 400)]
    [InlineData("POST", "/regions", """{"region": {"id": "RegionOne"}}""", 409)]
    [InlineData("PATCH", "/regions/RegionOne", """{"region": {"parent_region_id": "RegionOne"}}""", 400)]
    [InlineData("GET", "/services/x", null, 404)]
    [InlineData("GET", "/endpoints/x", null, 404)]
    public async Task What_makes_no_sense_is_refused(string method, string path, string? body, int status) =>
        Assert.Equal(status, (await cloud.Send(method, path, body, cloud.Admin)).Status);

    [Fact]
    public async Task The_documents_of_discovery_need_no_token()
    {
        using var root = await cloud.Http.GetAsync("/");
        Assert.Equal(300, (int)root.StatusCode);
        using var services = JsonDocument.Parse(await root.Content.ReadAsStringAsync());
        Assert.Contains("identity",
            services.RootElement.GetProperty("services").EnumerateArray().Select(s => s.GetProperty("type").GetString()));
        using var versions = await cloud.Http.GetAsync("/identity");
        Assert.Equal(300, (int)versions.StatusCode);
        using var versionsSlash = await cloud.Http.GetAsync("/identity/");
        Assert.Equal(300, (int)versionsSlash.StatusCode);
        var version = await cloud.Send("GET", "");
        Assert.Equal("v3.14", version.Body.GetProperty("version").GetProperty("id").GetString());
        Assert.Equal(cloud.Http.BaseAddress + "identity/v3/",
            version.Body.GetProperty("version").GetProperty("links")[0].GetProperty("href").GetString());
        Assert.Equal(404, (await cloud.Send("GET", "/no-such-path")).Status);
        Assert.Equal(404, (await cloud.Send("GET", "/no-such-path", null, cloud.Admin)).Status);
        Assert.Equal(405, (await cloud.Send("PUT", "/users", null, cloud.Admin)).Status);
    }

    private static IEnumerable<string?> Types(JsonElement catalog) =>
        catalog.EnumerateArray().Select(s => s.GetProperty("type").GetString());

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
