using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>Keystone keeps the links of a body as it keeps any attribute that a client invents, and tells them beside its own.</summary>
public sealed class InventedLinksTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static string Fresh => "l" + Guid.NewGuid().ToString("N")[..10];

    [Theory]
    [InlineData("users", "user", "name", true)]
    [InlineData("projects", "project", "name", true)]
    [InlineData("domains", "domain", "name", false)]
    [InlineData("groups", "group", "name", false)]
    [InlineData("roles", "role", "name", false)]
    [InlineData("services", "service", "type", false)]
    [InlineData("regions", "region", "description", false)]
    [InlineData("OS-OAUTH1/consumers", "consumer", "description", false)]
    public async Task Links_that_a_client_invents_are_told_beside_the_own_one(string path, string kind, string called, bool twice)
    {
        var made = await Do("POST", path, kind, new() { [called] = Fresh, ["links"] = new { self = "x", b = 1 } });
        var one = $"{path}/{made.GetProperty("id").GetString()}";
        var self = cloud.Http.BaseAddress + "identity/v3/" + one;
        Assert.Equal((self, 1), (Self(made), made.GetProperty("links").GetProperty("b").GetInt32()));
        var changed = await Do("PATCH", one, kind, new() { ["links"] = new { c = 2 } });
        var shown = (await cloud.Do("GET", "/" + one)).GetProperty(kind);
        foreach (var thing in (JsonElement[])[changed, shown])
        {
            Assert.Equal((self, 2), (Self(thing), thing.GetProperty("links").GetProperty("c").GetInt32()));
            Assert.False(thing.GetProperty("links").TryGetProperty("b", out _));
        }

        Assert.Equal(twice, changed.TryGetProperty("extra", out var extra));
        if (twice)
            Assert.Equal((self, 2), (Self(extra), extra.GetProperty("links").GetProperty("c").GetInt32()));
    }

    [Fact]
    public async Task A_domain_tells_them_as_the_project_that_acts_as_it_too()
    {
        var made = await Do("POST", "domains", "domain", new() { ["name"] = Fresh, ["links"] = new { b = 1 } });
        var path = "projects/" + made.GetProperty("id").GetString();
        var acting = (await cloud.Do("GET", "/" + path)).GetProperty("project");
        Assert.Equal((cloud.Http.BaseAddress + "identity/v3/" + path, 1),
            (Self(acting), acting.GetProperty("links").GetProperty("b").GetInt32()));
    }

    [Theory]
    [InlineData("\"s\"", "'str' object does not support item assignment")]
    [InlineData("null", "'NoneType' object does not support item assignment")]
    [InlineData("1.5", "'float' object does not support item assignment")]
    [InlineData("[1]", "list indices must be integers or slices, not str")]
    public async Task What_has_no_room_for_a_link_is_refused_and_not_kept(string links, string message)
    {
        var made = await Do("POST", "services", "service", new() { ["type"] = Fresh });
        var path = "/services/" + made.GetProperty("id").GetString();
        var answer = await cloud.Send("PATCH", path, $$$"""{"service":{"links":{{{links}}}}}""", cloud.Admin);
        Assert.Equal((400, message), (answer.Status, answer.Message));
        await cloud.Do("GET", path);
        var name = Fresh;
        var refused = await cloud.Send("POST", "/services", $$$"""{"service":{"type":"{{{name}}}","links":{{{links}}}}}""", cloud.Admin);
        Assert.Equal(400, refused.Status);
        Assert.Equal(0, (await cloud.Do("GET", "/services?type=" + name)).GetProperty("services").GetArrayLength());
    }

    private static string? Self(JsonElement thing) => thing.GetProperty("links").GetProperty("self").GetString();

    private async Task<JsonElement> Do(string method, string path, string kind, Dictionary<string, object> body) =>
        (await cloud.Do(method, "/" + path, new Dictionary<string, object> { [kind] = body })).GetProperty(kind);
}
