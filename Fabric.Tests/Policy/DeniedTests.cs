using System.Text.Json;

namespace Fabric.Tests.Policy;

/// <summary>How each service tells a caller that it may not.</summary>
public sealed class DeniedTests(AccessCloud cloud) : IClassFixture<AccessCloud>
{
    [Fact]
    public async Task Keystone_names_the_action()
    {
        var error = (await Ask("reader", "POST", "/identity/v3/users", 403, """{"user": {"name": "x"}}""")).GetProperty("error");
        Assert.Equal(
            "You are not authorized to perform the requested action: identity:create_user.", error.GetProperty("message").GetString());
        Assert.Equal("Forbidden", error.GetProperty("title").GetString());
    }

    [Fact]
    public async Task Nova_names_the_policy_and_hides_what_is_another_projects()
    {
        var server = "/compute/v2.1/servers/" + cloud.Thing("compute", "servers");
        Assert.Equal("Policy doesn't allow os_compute_api:servers:delete to be performed.",
            (await Ask("reader", "DELETE", server, 403)).GetProperty("forbidden").GetProperty("message").GetString());
        var message = (await Ask("stranger", "DELETE", server, 404)).GetProperty("itemNotFound").GetProperty("message").GetString();
        Assert.Contains("could not be found", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Neutron_names_every_rule_that_was_asked_and_hides_what_may_not_be_read()
    {
        var error = (await Ask("reader", "POST", "/networking/v2.0/networks", 403, """{"network": {}}""")).GetProperty("NeutronError");
        Assert.Equal("rule:create_network is disallowed by policy", error.GetProperty("message").GetString());
        Assert.Equal("PolicyNotAuthorized", error.GetProperty("type").GetString());
        error = (await Ask("member", "POST", "/networking/v2.0/networks", 403, """{"network": {"shared": true}}""")).GetProperty(
            "NeutronError");
        Assert.Equal(
            "(rule:create_network and rule:create_network:shared) is disallowed by policy", error.GetProperty("message").GetString());
        Assert.Empty((await Ask("service", "GET", "/networking/v2.0/routers", 200)).GetProperty("routers").EnumerateArray());
        await Ask("service", "GET", "/networking/v2.0/routers/" + cloud.Thing("network", "routers"), 404);
        Assert.Empty((await Ask("member", "GET", "/networking/v2.0/network-ip-availabilities", 200)).GetProperty(
            "network_ip_availabilities").EnumerateArray());
    }

    [Fact]
    public async Task Glance_and_placement_have_words_of_their_own()
    {
        Assert.Contains("You are not authorized to complete add_image action.",
            await Text("reader", "POST", "/image/v2/images", 403, "{}"), StringComparison.Ordinal);
        var image = "/image/v2/images/" + cloud.Thing("image", "images");
        Assert.Contains("You are not authorized to complete delete_image action.",
            await Text("reader", "DELETE", image, 403), StringComparison.Ordinal);
        await Text("stranger", "DELETE", image, 404);
        Assert.Contains("placement:resource_providers:list not allowed",
            await Text("member", "GET", "/placement/resource_providers", 403), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_every_service_says_the_same()
    {
        string[] paths =
            ["/identity/v3/users", "/compute/v2.1/servers", "/networking/v2.0/networks", "/image/v2/images", "/placement/traits"];
        foreach (var path in paths)
        {
            var error = (await Ask("none", "GET", path, 401)).GetProperty("error");
            Assert.Equal(401, error.GetProperty("code").GetInt32());
        }
    }

    private async Task<JsonElement> Ask(string who, string method, string path, int status, string? body = null) =>
        JsonDocument.Parse(await Text(who, method, path, status, body)).RootElement;

    private async Task<string> Text(string who, string method, string path, int status, string? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path)
        {
            Content = body is null ? null : new StringContent(body, null, "application/json"),
        };
        if (cloud.Personas.Single(persona => persona.Name == who).Token is { } token)
            request.Headers.Add("X-Auth-Token", token);
        using var answer = await cloud.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{method} {path} by {who}: {answer.StatusCode} {text}");
        return text;
    }
}
