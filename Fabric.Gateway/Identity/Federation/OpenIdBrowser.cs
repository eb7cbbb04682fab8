using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Logs a browser in by OpenID Connect's authorization code, with PKCE (RFC 7636). What must be remembered meanwhile the browser
/// keeps in a cookie that only gateways of this cloud can read: so any of them can go on, and no other browser can.</summary>
internal sealed class OpenIdBrowser(
    OpenIdProvider provider, JwtVerifier tokens, FernetKeys keys, IGrainFactory grains, TimeProvider time,
    IOptions<IdentityOptions> identity, IOptions<FederationOptions> options)
{
    private const string CookiePrefix = "fabric-login-";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Whether a browser comes back from a provider.</summary>
    internal static bool ComesBack(HttpRequest request) => HttpMethods.IsGet(request.Method) && request.Query.ContainsKey("state")
        && (request.Query.ContainsKey("code") || request.Query.ContainsKey("error"));

    /// <summary>Where to send a browser; null for a provider that does not log browsers in so.</summary>
    /// <param name="id">The provider.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="path">Where the browser comes back to.</param>
    /// <param name="origin">The dashboard that it came from.</param>
    /// <param name="http">The request; its answer gets the cookie.</param>
    internal async Task<string?> Begin(string id, string protocol, PathString path, string origin, HttpContext http)
    {
        var ct = http.RequestAborted;
        if (await Find(id, protocol, ct) is not { ClientId: { } client } trust || Back(trust, path) is not { } back)
            return null;
        var address = await provider.Endpoint(trust, trust.AuthorizationEndpoint, "authorization_endpoint", ct);
        var login = new Login(id, protocol, origin, NewSecret(), NewSecret(), NewSecret(), time.GetUtcNow() + Patience);
        var sealedLogin = keys.Primary.Seal(JsonSerializer.SerializeToUtf8Bytes(login), time.GetUtcNow());
        http.Response.Cookies.Append(Cookie(login.State), sealedLogin, Kept(back, path, Patience));
        http.Response.Headers.CacheControl = "no-store";
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(login.Verifier)));
        return RemoteKeys.Address(address).AbsoluteUri + (address.Contains('?', StringComparison.Ordinal) ? "&" : "?") + string.Join('&',
            new[]
            {
                ("response_type", "code"), ("client_id", client), ("redirect_uri", back), ("scope", string.Join(' ', trust.Scopes)),
                ("state", login.State), ("nonce", login.Nonce), ("code_challenge", challenge), ("code_challenge_method", "S256"),
            }.Select(static one => one.Item1 + "=" + Uri.EscapeDataString(one.Item2)));
    }

    /// <summary>What the provider says of a browser that comes back, and the dashboard that it came from. Throws
    /// <see cref="AssertionRefusedException"/> when it is not the browser that went, or comes twice.</summary>
    internal async Task<(JsonElement Claims, string Origin)> Finish(string id, string protocol, HttpContext http)
    {
        var (ct, query, path) = (http.RequestAborted, http.Request.Query, http.Request.Path);
        var state = query["state"].ToString();
        var login = Read(http.Request.Cookies[Cookie(state)]);
        if (login is null || login.State != state || login.Provider != id || login.Protocol != protocol || login.EndsAt <= time.GetUtcNow())
            throw new AssertionRefusedException("The browser was not sent to the provider from here, or too long ago.");
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("openid\n" + state)));
        if (!await grains.GetGrain<IUsedAssertionGrain>(key).Use(login.EndsAt))
            throw new AssertionRefusedException("The browser came back before.");
        if (await Find(id, protocol, ct) is not { ClientId: not null } trust || Back(trust, path) is not { } back)
            throw new AssertionRefusedException("The provider's settings do not say how browsers log in.");
        http.Response.Cookies.Delete(Cookie(state), Kept(back, path, TimeSpan.Zero));
        if (query["code"].ToString() is not { Length: > 0 } code)
            throw new AssertionRefusedException("The provider did not log the browser in: " + query["error"]);
        return (await Exchange(trust, code, back, login, ct), login.Origin);
    }

    private async Task<JsonElement> Exchange(OpenIdTrust trust, string code, string back, Login login, CancellationToken ct)
    {
        var directory = Directory();
        var address = await provider.Endpoint(trust, trust.TokenEndpoint, "token_endpoint", ct);
        var answer = await provider.Post(address, trust, directory, new()
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = back, ["code_verifier"] = login.Verifier,
        }, ct);
        if (Text(answer, "id_token") is not { } token)
            throw new AssertionRefusedException("The provider gave no ID token for the code.");
        // An ID token is for the client itself, whoever else may show an access token.
        var claims = await tokens.Verify(token, trust with { Audiences = [trust.ClientId!] }, directory, ct);
        if (Text(claims, "nonce") != login.Nonce)
            throw new AssertionRefusedException("The ID token is of another login.");
        if (claims.TryGetProperty("azp", out var party) && JwtVerifier.AsText(party) != trust.ClientId)
            throw new AssertionRefusedException("The ID token was given to another client.");
        if (trust.UserinfoEndpoint is null || Text(answer, "access_token") is not { } access)
            return claims;
        return Joined(claims, await provider.Get(trust.UserinfoEndpoint, access, ct));
    }

    // What is signed counts more than what was asked for.
    private static JsonElement Joined(JsonElement claims, JsonElement more)
    {
        if (Text(more, "sub") is not { } subject || subject != Text(claims, "sub"))
            throw new AssertionRefusedException("What the provider says more is about somebody else.");
        var all = more.EnumerateObject().Concat(claims.EnumerateObject()).GroupBy(static claim => claim.Name, StringComparer.Ordinal)
            .ToDictionary(static claim => claim.Key, static claim => claim.Last().Value, StringComparer.Ordinal);
        return JsonSerializer.SerializeToElement(all);
    }

    private async Task<OpenIdTrust?> Find(string id, string protocol, CancellationToken ct) =>
        (await TrustSettings.Find(Directory(), id, protocol, ct))?.Openid;

    private string Directory() => identity.Value.PathOf(options.Value.TrustDirectory);

    private string? Back(OpenIdTrust trust, PathString path) => trust.RedirectUri
        ?? (identity.Value.PublicUrl is { } address ? address.TrimEnd('/') + path.ToUriComponent() : null);

    private Login? Read(string? cookie)
    {
        try
        {
            return cookie is { Length: > 0 } && keys.Open(cookie) is { } content ? JsonSerializer.Deserialize<Login>(content) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // A browser sends it along when the provider sends it back; scripts cannot read it.
    private static CookieOptions Kept(string back, PathString path, TimeSpan age) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Path = path.ToUriComponent(), MaxAge = age,
        Secure = back.StartsWith("https:", StringComparison.OrdinalIgnoreCase),
    };

    private static string Cookie(string state) =>
        CookiePrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state)).AsSpan(0, 8));

    private static string NewSecret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private sealed record Login(
        string Provider, string Protocol, string Origin, string State, string Nonce, string Verifier, DateTimeOffset EndsAt);
}
