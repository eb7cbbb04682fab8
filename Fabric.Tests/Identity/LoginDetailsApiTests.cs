using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>Logins that are not quite right, and what is said of each: all drawn from a running Keystone.</summary>
public sealed class LoginDetailsApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private const string Refused = "The request you have made requires authentication.";

    [Theory]
    [InlineData("""{"id": ""}""", 400, "Expecting to find id or name in user.")]
    [InlineData("""{"name": "", "domain": {"id": "default"}}""", 400, "Expecting to find id or name in user.")]
    [InlineData("""{"name": "demo"}""", 400, "Expecting to find domain in user.")]
    [InlineData("""{"name": "demo", "domain": {"id": ""}}""", 400, "Expecting to find id or name in domain.")]
    [InlineData("""{"name": "demo", "domain": {"name": ""}}""", 400, "Expecting to find id or name in domain.")]
    [InlineData("""{"name": "demo", "domain": {"id": "nowhere"}}""", 401, Refused)]
    [InlineData("""{"id": "@", "name": "another", "domain": {"id": "default"}}""", 401, Refused)]
    [InlineData("""{"id": "nobody", "name": "demo", "domain": {"id": "nowhere", "name": "default"}}""", 201, null)]
    [InlineData("""{"name": "DEMO", "domain": {"name": "DEFAULT"}}""", 201, null)]
    public async Task A_name_counts_before_an_id_and_an_empty_one_is_none(string user, int status, string? message)
    {
        var named = JsonDocument.Parse(user.Replace("@", await Demo(), StringComparison.Ordinal)).RootElement.EnumerateObject()
            .ToDictionary(static one => one.Name, static one => (object)one.Value);
        named["password"] = cloud.DemoPassword;
        var answer = await cloud.Auth(new { methods = new[] { "password" }, password = new { user = named } });
        Assert.Equal(status, answer.Status);
        if (message is not null)
            Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"OS-TRUST:trust": {"id": ""}}""", 400, "Expecting to find trust_id in trust.")]
    [InlineData("""{"OS-TRUST:trust": {"id": "none"}}""", 401, Refused)]
    [InlineData("""{"project": {"id": "", "name": ""}}""", 401, Refused)]
    [InlineData("""{"project": {"id": "nowhere", "name": "demo", "domain": {"id": "default"}}}""", 201, null)]
    [InlineData("""{"domain": {"id": "default"}}""", 401, Refused)]
    [InlineData("\"is unscoped\"", 201, null)]
    [InlineData("\"system\"", 400, "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope.")]
    public async Task A_scope_too(string scope, int status, string? message)
    {
        var answer = await cloud.Auth(new { methods = new[] { "password" }, password = new { user = new { id = await Demo(),
            password = cloud.DemoPassword } } }, JsonDocument.Parse(scope).RootElement);
        Assert.Equal(status, answer.Status);
        if (message is not null)
            Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"methods": ["password"], "password": {}}""", 400, "Expecting to find user in None.")]
    [InlineData("""{"methods": ["nothing", "password"], "nothing": {}}""", 400, "Expecting to find password in identity.")]
    [InlineData("""{"methods": ["token"], "token": {"id": ""}}""", 404, "No token in the request")]
    [InlineData("""{"methods": ["token"], "token": {"id": "nothing"}}""", 404, "Could not recognize Fernet token")]
    [InlineData("""{"methods": ["application_credential"], "application_credential": {"id": "x"}}""", 404,
        "Could not find Application Credential: x.")]
    [InlineData("""{"methods": ["application_credential"], "application_credential": {"name": "x", "user": {}}}""", 400,
        "Expecting to find user in application credential.")]
    [InlineData("""{"methods": ["application_credential"], "application_credential": {"name": "x", "user": {"name": "y"}}}""", 400,
        "Expecting to find domain in user.")]
    [InlineData("""
        {"methods": ["application_credential"], "application_credential": {"name": "x", "user": {"name": "y", "domain": {"id": "default"}}}}
        """, 401, "The request you have made requires authentication.")]
    [InlineData("""{"methods": ["external"], "external": {}}""", 401, Refused)]
    public async Task A_method_says_what_it_lacks(string identity, int status, string message)
    {
        var answer = await cloud.Auth(JsonDocument.Parse(identity).RootElement);
        Assert.Equal(status, answer.Status);
        Assert.StartsWith(message, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_for_a_method_that_is_not_offered_is_told_which_are()
    {
        var answer = await cloud.Auth(JsonDocument.Parse("""{"methods": ["kerberos"], "kerberos": {}}""").RootElement);
        Assert.Equal(401, answer.Status);
        var error = answer.Body.GetProperty("error");
        var offered = error.GetProperty("identity").GetProperty("methods").EnumerateArray().Select(static one => one.GetString()!);
        Assert.Equal(["external", "password", "token", "oauth1"], offered.Take(4));
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        var scoped = await cloud.Auth(
            JsonDocument.Parse("""{"methods": ["application_credential"], "application_credential": {"id": "x"}}""").RootElement,
            new { system = new { all = true } });
        Assert.Equal(401, scoped.Status);
        Assert.Equal("{}", scoped.Body.GetProperty("error").GetProperty("identity").GetRawText());
    }

    [Fact]
    public async Task A_token_got_by_a_token_says_so_first_and_tells_times_in_whole_seconds()
    {
        var first = await cloud.Login("demo", cloud.DemoPassword);
        var second = await cloud.Auth(new { methods = new[] { "token" }, token = new { id = first } });
        var token = second.Body.GetProperty("token");
        Assert.Equal(["token", "password"], token.GetProperty("methods").EnumerateArray().Select(static one => one.GetString()!));
        Assert.Equal((await cloud.Show(first)).GetProperty("audit_ids")[0].GetString(), token.GetProperty("audit_ids")[1].GetString());
        foreach (var name in (string[])["expires_at", "issued_at"])
            Assert.EndsWith(".000000Z", token.GetProperty(name).GetString(), StringComparison.Ordinal);
    }

    private async Task<string> Demo() =>
        (await cloud.Do("GET", "/users?name=demo")).GetProperty("users")[0].GetProperty("id").GetString()!;
}
