using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What a bearer token says: one that is signed says it itself, of any other the issuer is asked (RFC 7662).</summary>
internal sealed class OpenIdProof(JwtVerifier tokens, OpenIdProvider provider, TimeProvider time)
{
    private const int LongestToken = 32_768;

    /// <summary>The claims. Throws <see cref="AssertionRefusedException"/> when nothing is proven.</summary>
    internal async Task<JsonElement> Verify(string token, OpenIdTrust trust, string directory, CancellationToken ct)
    {
        if (!trust.Introspect && (trust.IntrospectionEndpoint is null || token.Split('.').Length == 3))
            return await tokens.Verify(token, trust, directory, ct);
        if (token.Length is 0 or > LongestToken)
            throw new AssertionRefusedException("The token is too long for one.");
        var address = await provider.Endpoint(trust, trust.IntrospectionEndpoint, "introspection_endpoint", ct);
        var said = await provider.Post(address, trust, directory,
            new() { ["token"] = token, ["token_type_hint"] = "access_token" }, ct);
        Require(said, trust);
        return said;
    }

    private void Require(JsonElement said, OpenIdTrust trust)
    {
        if (!said.TryGetProperty("active", out var active) || active.ValueKind != JsonValueKind.True)
            throw new AssertionRefusedException("The issuer says that the token is good for nothing.");
        if (said.TryGetProperty("iss", out var issuer) && JwtVerifier.AsText(issuer) != trust.Issuer)
            throw new AssertionRefusedException("The token is of another issuer.");
        // An issuer that does not say for whom a token is says at least who got it.
        string?[] whom = said.TryGetProperty("aud", out _)
            ? [.. JwtVerifier.Audiences(said)]
            : [said.TryGetProperty("client_id", out var client) ? JwtVerifier.AsText(client) : null];
        if (!whom.Any(one => one is not null && trust.Audiences.Contains(one)))
            throw new AssertionRefusedException("The token is for another audience.");
        JwtVerifier.RequireTime(said, trust, time.GetUtcNow(), mustEnd: false);
    }
}
