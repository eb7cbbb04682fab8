using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>What a catalog fills in and leaves out.</summary>
public sealed class CatalogFillApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task Addresses_are_filled_in_with_whose_the_token_is_and_what_cannot_be_filled_in_is_left_out()
    {
        var service = Id(await cloud.Do("POST", "/services", new { service = new { type = "fill", name = "filled" } }), "service");
        foreach (var url in (string[])["http://a/$(user_id)s/%(user_id)s", "http://b/%(tenant_id)s/100%%", "http://c/$(project_id)s",
            "http://d/$(public_bind_host)s:%(admin_port)s", "http://e/$(compute_host)s", "http://f/plain"])
        {
            await cloud.Do("POST", "/endpoints",
                new { endpoint = new { service_id = service, @interface = "public", url, colour = "red" } });
        }

        var (user, project, token) = await cloud.Someone("member");
        var filled = await Endpoints(token);
        string[] expected =
            [$"http://a/{user}/{user}", $"http://b/{project}/100%", $"http://c/{project}", "http://d/0.0.0.0:35357", "http://f/plain"];
        Assert.Equal(expected, Urls(filled));
        // What clients invented stands there as well.
        Assert.All(filled, static endpoint => Assert.Equal("red", endpoint.GetProperty("colour").GetString()));
        Assert.Equal(Urls(filled), Urls(Of(await cloud.Show(token))));

        var system = await cloud.Login("admin", cloud.AdminPassword, new { system = new { all = true } });
        Assert.Equal(3, Of(await cloud.Show(system)).Length);
    }

    [Fact]
    public async Task A_service_without_an_endpoint_stands_there_unless_endpoints_were_chosen()
    {
        await cloud.Do("POST", "/services", new { service = new { type = "bare", name = "nothing yet" } });
        var (_, project, token) = await cloud.Someone("member");
        var catalog = (await cloud.Send("GET", "/auth/catalog", null, token)).Body.GetProperty("catalog");
        var bare = catalog.EnumerateArray().Single(static one => one.GetProperty("type").GetString() == "bare");
        Assert.Empty(bare.GetProperty("endpoints").EnumerateArray());

        var some = (await cloud.Do("GET", "/endpoints")).GetProperty("endpoints")[0].GetProperty("id").GetString();
        await cloud.Do("PUT", $"/OS-EP-FILTER/projects/{project}/endpoints/{some}");
        var chosen = (await cloud.Send("GET", "/auth/catalog", null, token)).Body.GetProperty("catalog");
        Assert.Equal(some, Assert.Single(Assert.Single(chosen.EnumerateArray()).GetProperty("endpoints").EnumerateArray()).GetProperty("id")
            .GetString());
    }

    private async Task<JsonElement[]> Endpoints(string token) => Of((await cloud.Send("GET", "/auth/catalog", null, token)).Body);

    private static JsonElement[] Of(JsonElement body) => [.. body.GetProperty("catalog").EnumerateArray()
        .Single(static one => one.GetProperty("type").GetString() == "fill").GetProperty("endpoints").EnumerateArray()];

    private static IEnumerable<string> Urls(JsonElement[] endpoints) =>
        endpoints.Select(static endpoint => endpoint.GetProperty("url").GetString()!).Order(StringComparer.Ordinal);

    private static string Id(JsonElement body, string member) => body.GetProperty(member).GetProperty("id").GetString()!;
}
