using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Fabric.Tests.Identity;

/// <summary>OAuth 2.0's grant for clients, with an application credential as the client.</summary>
public sealed class OAuth2ApiTests(IdentityCloud cloud) : IClassFixture<IdentityCloud>
{
    private static readonly Dictionary<string, string> Grant = new() { ["grant_type"] = "client_credentials" };

    [Fact]
    public async Task An_application_credential_gets_a_bearer_token_that_is_good_as_any_other()
    {
        var (user, project, token) = await cloud.Someone("member");
        var (id, secret) = await Credential(user, token);
        using var answer = await Ask(Basic(id, secret), Grant);
        var body = await Body(answer, 200);
        Assert.Equal(("Bearer", 3600), (body.GetProperty("token_type").GetString(), body.GetProperty("expires_in").GetInt32()));
        var shown = await cloud.Show(body.GetProperty("access_token").GetString()!);
        Assert.Equal(project, shown.GetProperty("project").GetProperty("id").GetString());
        Assert.Equal("application_credential", shown.GetProperty("methods")[0].GetString());
    }

    [Fact]
    public async Task What_is_wrong_is_said_as_OAuth_2_says_it()
    {
        var (user, _, token) = await cloud.Someone("member");
        var (id, secret) = await Credential(user, token);
        foreach (var (authorization, form, status, error) in ((AuthenticationHeaderValue?, Dictionary<string, string>, int, string)[])
            [
                (null, Grant, 401, "invalid_client"), (new("Bearer", "x"), Grant, 401, "invalid_client"),
                (new("Basic", "%"), Grant, 401, "invalid_client"), (Basic(id, ""), Grant, 401, "invalid_client"),
                (Basic(id, "wrong"), Grant, 401, "invalid_client"), (Basic("nothing", secret), Grant, 404, "other_error"),
                (Basic(id, secret), [], 400, "invalid_request"),
                (Basic(id, secret), new() { ["grant_type"] = "password" }, 400, "unsupported_grant_type"),
                (Basic(id, secret), new() { ["grant_type"] = new('x', 100_000) }, 400, "invalid_request"),
            ])
        {
            using var answer = await Ask(authorization, form);
            var body = await Body(answer, status);
            Assert.Equal(error, body.GetProperty("error").GetString());
            Assert.NotEmpty(body.GetProperty("error_description").GetString()!);
            Assert.Equal(status == 401, answer.Headers.WwwAuthenticate.Count > 0);
        }

        Assert.Equal(405, (await cloud.Send("GET", "/OS-OAUTH2/token")).Status);
    }

    private static AuthenticationHeaderValue Basic(string id, string secret) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    private static async Task<JsonElement> Body(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private async Task<HttpResponseMessage> Ask(AuthenticationHeaderValue? authorization, Dictionary<string, string> form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/identity/v3/OS-OAUTH2/token");
        request.Headers.Authorization = authorization;
        request.Content = new FormUrlEncodedContent(form);
        return await cloud.Http.SendAsync(request);
    }

    private async Task<(string Id, string Secret)> Credential(string user, string token)
    {
        var credential = new { name = "app" };
        var answer = await cloud.Send(
            "POST", $"/users/{user}/application_credentials", new { application_credential = credential }, token);
        var made = answer.Body.GetProperty("application_credential");
        return (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }
}
