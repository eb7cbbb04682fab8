using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Identity.Federation;

/// <summary>A whole OpenID Connect provider on loopback: what it knows of itself, its keys, tokens for codes, introspection, and more about
/// users. Ends with the test.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    internal const string Client = "fabric client";
    internal const string Secret = "s3cret/+&";

    private readonly WebApplication web;
    private readonly Dictionary<string, (string Challenge, string Nonce, string Back)> codes = [];

    private OidcProvider(WebApplication web) => this.web = web;

    internal OidcIssuer Keys { get; set; } = new();
    internal string Issuer => web.Urls.First();

    /// <summary>How often its keys were fetched.</summary>
    internal int KeysFetched { get; private set; }

    /// <summary>What it says of an opaque token.</summary>
    internal Dictionary<string, object> Introspection { get; } = [];

    /// <summary>What an ID token claims besides; may replace what it would.</summary>
    internal Dictionary<string, object> Claims { get; } = [];

    /// <summary>What it says more of the user.</summary>
    internal object More { get; set; } = new { sub = "u-1", team = "blue" };

    internal static async Task<OidcProvider> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var web = builder.Build();
        var provider = new OidcProvider(web);
        web.MapGet("/.well-known/openid-configuration", provider.Discovery);
        web.MapGet("/keys", provider.Jwks);
        web.MapPost("/token", provider.Exchange);
        web.MapPost("/introspect", provider.Introspect);
        web.MapGet("/userinfo", (HttpRequest request) => request.Headers.Authorization == "Bearer access"
            ? Results.Json(provider.More) : Results.StatusCode(401));
        await web.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
        Keys.Dispose();
    }

    /// <summary>What a browser does there: logs in, and is sent back with a code.</summary>
    internal string Authorize(Uri asked)
    {
        var query = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(asked.Query);
        Assert.Equal(("code", Client, "S256"), (query["response_type"].ToString(), query["client_id"].ToString(),
            query["code_challenge_method"].ToString()));
        Assert.Contains("openid", query["scope"].ToString().Split(' '));
        var code = Guid.NewGuid().ToString("N");
        codes[code] = (query["code_challenge"]!, query["nonce"]!, query["redirect_uri"]!);
        return $"{query["redirect_uri"]}?code={code}&state={Uri.EscapeDataString(query["state"]!)}";
    }

    private IResult Discovery() => Results.Json(new
    {
        issuer = Issuer, jwks_uri = Issuer + "/keys", authorization_endpoint = Issuer + "/authorize", token_endpoint = Issuer + "/token",
        introspection_endpoint = Issuer + "/introspect", userinfo_endpoint = Issuer + "/userinfo",
    });

    private IResult Jwks()
    {
        KeysFetched++;
        return Results.Content(Keys.Jwks(), "application/json");
    }

    private async Task<IResult> Exchange(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!IsClient(request) || !codes.Remove(form["code"].ToString(), out var asked) || form["redirect_uri"] != asked.Back
            || form["grant_type"] != "authorization_code" || Challenge(form["code_verifier"]!) != asked.Challenge)
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        var claims = OidcIssuer.Claims(("iss", Issuer), ("aud", Client), ("nonce", asked.Nonce));
        foreach (var (name, value) in Claims)
            claims[name] = value;
        return Results.Json(new { access_token = "access", token_type = "Bearer", id_token = Keys.Sign(claims) });
    }

    private async Task<IResult> Introspect(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        if (!IsClient(request))
            return Results.StatusCode(401);
        return form["token"] == "opaque" || form["token"].ToString().Contains('.', StringComparison.Ordinal)
            ? Results.Json(Introspection) : Results.Json(new { active = false });
    }

    private static bool IsClient(HttpRequest request) => request.Headers.Authorization == "Basic " + Convert.ToBase64String(
        Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(Client)}:{Uri.EscapeDataString(Secret)}"));

    private static string Challenge(string verifier) => System.Buffers.Text.Base64Url.EncodeToString(
        System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
}
