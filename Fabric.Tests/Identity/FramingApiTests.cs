using System.Text;

namespace Fabric.Tests.Identity;

/// <summary>What identity answers around its bodies, whatever is asked: all drawn from a running Keystone.</summary>
public sealed class FramingApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    [Fact]
    public async Task Every_answer_says_that_it_depends_on_the_token_and_a_401_where_to_get_one()
    {
        var good = await Raw("GET", "/auth/projects", null, cloud.Admin);
        Assert.Equal((200, "X-Auth-Token"), (good.Status, good.Header("Vary")));
        var none = await Raw("GET", "/auth/projects", null, null);
        Assert.Equal((401, "X-Auth-Token"), (none.Status, none.Header("Vary")));
        Assert.Equal($"Keystone uri=\"{cloud.Http.BaseAddress!.ToString().TrimEnd('/')}/identity/v3\"", none.Header("WWW-Authenticate"));
        var nobody = new { user = new { id = "nobody", password = "x" } };
        var wrong = await cloud.Auth(new { methods = new[] { "password" }, password = nobody });
        Assert.Equal(401, wrong.Status);
        Assert.Equal(none.Header("WWW-Authenticate"), wrong.Headers.WwwAuthenticate.Single().ToString());
    }

    [Theory]
    [InlineData("OPTIONS", "/auth/tokens", 200, "DELETE, GET, HEAD, OPTIONS, POST", "")]
    [InlineData("PUT", "/auth/tokens", 405, "DELETE, GET, HEAD, OPTIONS, POST",
        """{"message":"The method is not allowed for the requested URL."}""")]
    [InlineData("POST", "/auth/catalog", 405, "GET, HEAD, OPTIONS", """{"message":"The method is not allowed for the requested URL."}""")]
    public async Task Which_methods_a_path_has_needs_no_token(string method, string path, int status, string allowed, string body)
    {
        foreach (var token in (string?[])[null, cloud.Admin])
        {
            var answer = await Raw(method, path, null, token);
            Assert.Equal((status, body), (answer.Status, answer.Body));
            Assert.Equal(allowed, string.Join(", ", answer.Header("Allow")!.Split(", ").Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task A_path_that_is_not_there_is_a_page_and_needs_no_token()
    {
        var answer = await Raw("GET", "/nothing", null, null);
        Assert.Equal((404, "text/html; charset=utf-8"), (answer.Status, answer.Header("Content-Type")));
        Assert.StartsWith("<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/auth/tokens", "{", "application/json", "valid JSON in request body")]
    [InlineData("/auth/tokens", "[]", "application/json", "valid JSON in request body")]
    [InlineData("/auth/tokens", "null", "application/json", "valid JSON in request body")]
    [InlineData("/auth/tokens", "{}", "text/plain", "application/json in Content-Type header")]
    [InlineData("/auth/tokens", "<a/>", "application/xml", "application/json in Content-Type header")]
    [InlineData("/auth/tokens", "", "application/json", "auth in request body")]
    [InlineData("/auth/tokens", "", "text/plain", "auth in request body")]
    [InlineData("/auth/tokens", "{}", "application/json", "auth in request body")]
    [InlineData("/auth/tokens", """{"auth": null}""", "application/json", "auth in request body")]
    [InlineData("/users", "{", "application/json", "valid JSON in request body")]
    [InlineData("/nothing", "{", "application/json", "valid JSON in request body")]
    public async Task A_body_is_a_JSON_object_or_none_whatever_the_path_and_the_token(
        string path, string body, string type, string expected)
    {
        var answer = await Raw("POST", path, body, null, type);
        Assert.Equal(400, answer.Status);
        Assert.Contains($"Expecting to find {expected}.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slash_at_the_end_means_nothing_and_no_link_shows_it()
    {
        var answer = await cloud.Send("GET", "/auth/projects/", null, cloud.Admin);
        Assert.Equal(200, answer.Status);
        Assert.EndsWith("/auth/projects", answer.Body.GetProperty("links").GetProperty("self").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json-home", true)]
    [InlineData("application/json-home, */*;q=0.1", true)]
    [InlineData("application/json-home;q=0.5, application/json", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html", false)]
    public async Task Whoever_asks_for_it_gets_the_names_of_all_paths(string accept, bool isHome)
    {
        var answer = await cloud.Send("GET", "", null, null, ("Accept", accept));
        Assert.Equal(200, answer.Status);
        Assert.Equal(!isHome, answer.Body.TryGetProperty("version", out _));
        if (!isHome)
            return;
        var resources = answer.Body.GetProperty("resources");
        const string Names = "https://docs.openstack.org/api/openstack-identity/3";
        Assert.Equal("/auth/tokens", resources.GetProperty(Names + "/rel/auth_tokens").GetProperty("href").GetString());
        var role = resources.GetProperty(Names + "/ext/OS-TRUST/1.0/rel/trust_role");
        Assert.Equal("/OS-TRUST/trusts/{trust_id}/roles/{role_id}", role.GetProperty("href-template").GetString());
        Assert.Equal(Names + "/ext/OS-TRUST/1.0/param/trust_id", role.GetProperty("href-vars").GetProperty("trust_id").GetString());
        Assert.Equal("experimental", resources.GetProperty(Names + "/rel/limits").GetProperty("hints").GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_Keystone_no_longer_has_is_gone_or_forbidden_to_everybody()
    {
        foreach (var token in (string?[])[null, cloud.Admin])
        {
            Assert.Equal(403, (await cloud.Send("GET", "/auth/tokens/OS-PKI/revoked", null, token)).Status);
            var gone = await cloud.Send("GET", "/OS-SIMPLE-CERT/ca", null, token);
            Assert.Equal(410, gone.Status);
            Assert.Equal("This API is no longer available due to the removal of support for PKI tokens.", gone.Message);
        }
    }

    private async Task<Framed> Raw(string method, string path, string? body, string? token, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new(method), "/identity/v3" + path);
        if (token is not null)
            request.Headers.Add("X-Auth-Token", token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await cloud.Http.SendAsync(request);
        var headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(
            static one => one.Key, static one => string.Join(", ", one.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), headers);
    }

    private sealed record Framed(int Status, string Body, Dictionary<string, string> Headers)
    {
        internal string? Header(string name) => Headers.GetValueOrDefault(name);
    }
}
