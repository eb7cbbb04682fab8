using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.OAuth;

/// <summary>A request signed by OAuth1 (RFC 5849) with HMAC-SHA1.</summary>
internal sealed class OAuthSignature
{
    /// <summary>How far the signer's clock may be from ours.</summary>
    private const int MostSeconds = 600;

    private const int TimestampLetters = 10, IdLetters = 32, VerifierLetters = 8;

    private readonly Dictionary<string, string> values;
    private readonly string[] baseStrings;

    private OAuthSignature(Dictionary<string, string> values, string[] baseStrings) =>
        (this.values, this.baseStrings) = (values, baseStrings);

    /// <summary>Reads the header <c>Authorization</c> and what else is signed. A bad request without such a header.</summary>
    /// <param name="http">The request.</param>
    /// <param name="publicUrl">Where the cloud is for its clients, when that is not where the request came; null otherwise.</param>
    internal static OAuthSignature Of(HttpContext http, string? publicUrl)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("OAuth ", StringComparison.OrdinalIgnoreCase))
        {
            throw Fault.BadRequest("OAuthHeadersMissingError",
                "No Authorization headers found, cannot proceed with OAuth related calls.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in header["OAuth ".Length..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
                values[Uri.UnescapeDataString(part[..at])] = Uri.UnescapeDataString(part[(at + 1)..].Trim('"'));
        }

        var signed = values.Where(static one => one.Key is not ("realm" or "oauth_signature"))
            .Concat(http.Request.Query.SelectMany(static one => one.Value.Select(value => KeyValuePair.Create(one.Key, value ?? ""))))
            .Select(static one => (Name: Encode(one.Key), Value: Encode(one.Value)))
            .OrderBy(static one => one.Name, StringComparer.Ordinal).ThenBy(static one => one.Value, StringComparer.Ordinal)
            .Select(static one => $"{one.Name}={one.Value}");
        var parameters = Encode(string.Join('&', signed));
        var path = http.Request.Path.Value;
        string?[] origins = [$"{http.Request.Scheme}://{http.Request.Host}", publicUrl?.TrimEnd('/')];
        return new(values, [.. origins.OfType<string>().Select(origin =>
            $"{http.Request.Method.ToUpperInvariant()}&{Encode(Plain(origin) + path)}&{parameters}")]);
    }

    /// <summary>The same for a call.</summary>
    internal static OAuthSignature Of(Call call) => Of(call.Http, TokenEndpoints.Address(call));

    /// <summary>A parameter of the header; a bad request when it is missing.</summary>
    internal string Value(string name) =>
        values.TryGetValue(name, out var value) && value.Length > 0 ? value : throw IdentityFaults.Missing(name, "request");

    /// <summary>Throws 400 unless all is there that every signed request must say, and in the form that Keystone's ids have (source:
    /// <c>_check_mandatory_parameters</c> in <c>oauthlib</c>).</summary>
    internal void RequireForm(DateTimeOffset now, bool asksForCallback = false)
    {
        foreach (var name in (ReadOnlySpan<string>)["oauth_signature", "oauth_consumer_key", "oauth_nonce", "oauth_timestamp",
            "oauth_signature_method"])
        {
            if (values.GetValueOrDefault(name, "").Length == 0)
                throw Bad("Missing mandatory OAuth parameters.");
        }

        if (values.GetValueOrDefault("oauth_version", "1.0") != "1.0")
            throw Bad("Invalid OAuth version.");
        var time = values["oauth_timestamp"];
        if (time.Length != TimestampLetters)
            throw Bad("Invalid timestamp size");
        if (!long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            throw Bad("Timestamp must be an integer.");
        if (Math.Abs(now.ToUnixTimeSeconds() - at) > MostSeconds)
            throw Bad($"Timestamp given is invalid, differ from allowed by over {MostSeconds} seconds.");
        if (!IsId(values["oauth_consumer_key"]))
            throw Bad("Invalid client key format.");
        if (!values["oauth_nonce"].All(IsIdLetter))
            throw Bad("Invalid nonce format.");
        if (asksForCallback && values.GetValueOrDefault("oauth_callback", "").Length == 0)
            throw Bad("Missing callback URI.");
    }

    /// <summary>Throws 400 unless it names a token, and says that the token's user agreed, in the form that these have.</summary>
    internal void RequireAgreed()
    {
        if (!IsId(values.GetValueOrDefault("oauth_token", "")))
            throw Bad("Invalid resource owner key format.");
        var verifier = values.GetValueOrDefault("oauth_verifier", "");
        if (verifier.Length != VerifierLetters || !verifier.All(char.IsAsciiLetterOrDigit))
            throw Bad("Invalid verifier format.");
    }

    /// <summary>Throws 401 unless it is signed with these secrets, and lately.</summary>
    internal void Require(string consumerSecret, string tokenSecret, DateTimeOffset now)
    {
        var key = Encoding.UTF8.GetBytes($"{Encode(consumerSecret)}&{Encode(tokenSecret)}");
        var given = Encoding.UTF8.GetBytes(values.GetValueOrDefault("oauth_signature", ""));
        var right = false;
        foreach (var text in baseStrings)
        {
            var expected = Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(text)));
            right |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), given);
        }

        var lately = long.TryParse(values.GetValueOrDefault("oauth_timestamp"), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && Math.Abs(now.ToUnixTimeSeconds() - at) <= MostSeconds;
        if (!right || !lately || values.GetValueOrDefault("oauth_signature_method") != "HMAC-SHA1"
            || values.GetValueOrDefault("oauth_version", "1.0") != "1.0" || !values.ContainsKey("oauth_nonce"))
            throw IdentityFaults.Unauthorized();
    }

    private static Fault Bad(string detail) => Fault.BadRequest("ValidationError",
        $"Validation failed with errors: invalid_request, detail message is: {detail}.");

    private static bool IsId(string text) => text.Length == IdLetters && text.All(IsIdLetter);

    private static bool IsIdLetter(char letter) => letter is (>= '0' and <= '9') or (>= 'a' and <= 'f');

    internal static string Encode(string text) => Uri.EscapeDataString(text);

    // Without the port that goes without saying, in lower case.
    private static string Plain(string origin)
    {
        var uri = new Uri(origin);
        return uri.IsDefaultPort ? $"{uri.Scheme}://{uri.Host}{uri.AbsolutePath.TrimEnd('/')}"
            : $"{uri.Scheme}://{uri.Host}:{uri.Port}{uri.AbsolutePath.TrimEnd('/')}";
    }
}
