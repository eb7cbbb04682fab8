using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Tells whether an OpenID Connect issuer signed a token, for this cloud, and not too long ago (RFC 7519, RFC 7515, RFC 8725).
/// </summary>
internal sealed class JwtVerifier(RemoteKeys remote, TimeProvider time)
{
    /// <summary>What can be verified: all with a public key.</summary>
    internal static readonly IReadOnlyList<string> AllAlgorithms =
        ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    private const int LongestToken = 32_768;

    /// <summary>The claims of a token that is good. Throws <see cref="AssertionRefusedException"/> for any other.</summary>
    internal async Task<JsonElement> Verify(string token, OpenIdTrust trust, string directory, CancellationToken ct)
    {
        var parts = token.Length > LongestToken ? [] : token.Split('.');
        if (parts.Length != 3)
            throw new AssertionRefusedException("The token is no signed JSON web token.");
        var header = Json(parts[0]);
        var algorithm = Text(header, "alg");
        if (algorithm is null || !AllAlgorithms.Contains(algorithm) || !trust.Algorithms.Contains(algorithm))
            throw new AssertionRefusedException("The token's algorithm is not allowed.");
        if (header.TryGetProperty("crit", out _))
            throw new AssertionRefusedException("The token has critical extensions, and none is known here.");
        await RequireSignature(parts, algorithm, Text(header, "kid"), trust, directory, ct);
        var claims = Json(parts[1]);
        Require(claims, trust);
        return claims;
    }

    private async Task RequireSignature(
        string[] parts, string algorithm, string? key, OpenIdTrust trust, string directory, CancellationToken ct)
    {
        var signed = Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]);
        var signature = Bytes(parts[2]);
        foreach (var missing in (bool[])[false, true])
        {
            var keys = trust.JwksFile is { } file ? await ReadKeys(Path.Combine(directory, file), ct) : await remote.Of(trust, missing, ct);
            var fitting = keys.Where(candidate => key is null || candidate.Id is null || candidate.Id == key);
            if (fitting.Any(candidate => candidate.Verifies(algorithm, signed, signature)))
                return;
        }

        throw new AssertionRefusedException("No key of the issuer made the token's signature.");
    }

    private static async Task<IReadOnlyList<JsonWebKey>> ReadKeys(string path, CancellationToken ct)
    {
        try
        {
            return JsonWebKey.Parse(await File.ReadAllTextAsync(path, ct));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new AssertionRefusedException($"The keys {path} cannot be read: {error.Message}");
        }
    }

    private void Require(JsonElement claims, OpenIdTrust trust)
    {
        if (claims.ValueKind != JsonValueKind.Object || Text(claims, "iss") != trust.Issuer)
            throw new AssertionRefusedException("The token is of another issuer.");
        if (!Audiences(claims).Any(trust.Audiences.Contains))
            throw new AssertionRefusedException("The token is for another audience.");
        RequireTime(claims, trust, time.GetUtcNow(), mustEnd: true);
    }

    /// <summary>Refused before its time and after it; also one without an end, when it must have one.</summary>
    internal static void RequireTime(JsonElement claims, OpenIdTrust trust, DateTimeOffset at, bool mustEnd)
    {
        var now = at.ToUnixTimeSeconds();
        if (Seconds(claims, "exp") is not { } end ? mustEnd || claims.TryGetProperty("exp", out _) : end + trust.ClockSkewSeconds <= now)
            throw new AssertionRefusedException("The token has expired.");
        if (claims.TryGetProperty("nbf", out _) && (Seconds(claims, "nbf") is not { } begin || begin - trust.ClockSkewSeconds > now))
            throw new AssertionRefusedException("The token is not good yet.");
    }

    /// <summary>For whom a token is.</summary>
    internal static IEnumerable<string> Audiences(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var audience))
            return [];
        return audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => one.GetString()!)
            : audience.ValueKind == JsonValueKind.String ? [audience.GetString()!] : [];
    }

    /// <summary>A value that is a text; null for any other.</summary>
    internal static string? AsText(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Seconds(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static JsonElement Json(string part)
    {
        try
        {
            using var document = JsonDocument.Parse(Bytes(part));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new AssertionRefusedException("A part of the token is no JSON object.");
        }
        catch (JsonException)
        {
            throw new AssertionRefusedException("A part of the token is no JSON.");
        }
    }

    private static byte[] Bytes(string part)
    {
        try
        {
            return Base64Url.DecodeFromChars(part);
        }
        catch (FormatException)
        {
            throw new AssertionRefusedException("A part of the token is no base 64.");
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
