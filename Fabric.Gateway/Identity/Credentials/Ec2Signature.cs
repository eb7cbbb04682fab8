using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary>Amazon's signatures, versions 0, 1, 2 and 4, over a request as a service describes it in <c>/ec2tokens</c> (source: class
/// <c>Ec2Signer</c> in <c>keystoneclient/contrib/ec2/utils.py</c>; the documents are Amazon's).</summary>
internal static partial class Ec2Signature
{
    private const string V4Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Whether the request is signed with the secret. Some clients leave the port of the host away when they sign.</summary>
    internal static bool IsRight(Ec2Request request, string secret)
    {
        if (request.Signature.Length == 0)
            return false;
        if (Equal(request.Signature, Of(request, secret)))
            return true;
        var colon = request.Host.LastIndexOf(':');
        return colon > 0 && Equal(request.Signature, Of(request with { Host = request.Host[..colon] }, secret));
    }

    /// <summary>The signature; null for a request that has none of the known forms.</summary>
    internal static string? Of(Ec2Request request, string secret)
    {
        var key = Encoding.UTF8.GetBytes(secret);
        return request.Params.GetValueOrDefault("SignatureVersion") switch
        {
            "0" => request.Params.TryGetValue("Action", out var action) && request.Params.TryGetValue("Timestamp", out var at)
                ? Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(action + at)))
                : null,
            "1" => Convert.ToBase64String(HMACSHA1.HashData(key, Encoding.UTF8.GetBytes(string.Concat(request.Params
                .OrderBy(static one => one.Key.ToLowerInvariant(), StringComparer.Ordinal).Select(static one => one.Key + one.Value))))),
            "2" => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(
                $"{request.Verb}\n{request.Host}\n{request.Path}\n{Query(request.WithParam("SignatureMethod", "HmacSHA256"))}"))),
            null when IsV4(request) => V4(request, secret),
            _ => null,
        };
    }

    /// <summary>The key of version 4 for a day, a region and a service.</summary>
    internal static byte[] V4Key(string secret, string date, string region, string service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secret);
        foreach (var part in (string[])[date, region, service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return key;
    }

    internal static bool Equal(string given, string? right) => right is not null
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(right));

    private static bool IsV4(Ec2Request request) =>
        request.Headers.GetValueOrDefault("Authorization")?.StartsWith(V4Algorithm, StringComparison.Ordinal) == true
        || request.Params.GetValueOrDefault("X-Amz-Algorithm") == V4Algorithm;

    private static string? V4(Ec2Request request, string secret)
    {
        var scope = Auth(request, "Credential")?.Split('/');
        var signed = Auth(request, "SignedHeaders");
        var date = request.Headers.GetValueOrDefault("X-Amz-Date") ?? request.Params.GetValueOrDefault("X-Amz-Date");
        if (scope is not { Length: >= 5 } || signed is null || date is null || !date.StartsWith(scope[1], StringComparison.Ordinal))
            return null;
        var query = request.Verb.Equals("POST", StringComparison.OrdinalIgnoreCase) ? "" : Query(request);
        var canonical = string.Join('\n', request.Verb.ToUpperInvariant(), request.Path, query, Headers(request, signed), signed,
            request.BodyHash);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var text = string.Join('\n', V4Algorithm, date, string.Join('/', scope[1..]), hash);
        return Convert.ToHexStringLower(HMACSHA256.HashData(V4Key(secret, scope[1], scope[2], scope[3]), Encoding.UTF8.GetBytes(text)));
    }

    // From the header Authorization, or from the query.
    private static string? Auth(Ec2Request request, string name)
    {
        if (request.Headers.GetValueOrDefault("Authorization") is not { } header)
            return request.Params.GetValueOrDefault("X-Amz-" + name);
        var at = header.IndexOf(name + "=", StringComparison.Ordinal);
        return at < 0 ? "" : header[(at + name.Length + 1)..].Split(',')[0];
    }

    private static string Headers(Ec2Request request, string signed)
    {
        var lower = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers)
            lower[name.ToLowerInvariant().Trim()] = value.Trim();
        var oldBoto = OldBoto().IsMatch(lower.GetValueOrDefault("user-agent", ""));
        var lines = signed.Split(';').Where(lower.ContainsKey).Select(name =>
            $"{name}:{(name == "host" && oldBoto ? lower[name].Split(':')[0] : lower[name])}");
        return string.Join('\n', lines) + "\n";
    }

    private static string Query(Ec2Request request) => string.Join('&', request.Params
        .OrderBy(static one => one.Key, StringComparer.Ordinal)
        .Select(static one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value)}"));

    // Boto before 2.9.3 signs the host without its port.
    [GeneratedRegex(@"^Boto/2\.[0-9]\.[0-2]")]
    private static partial Regex OldBoto();
}

/// <summary>A signed request as a service describes it.</summary>
internal sealed record Ec2Request
{
    public required string Access { get; init; }
    public string Signature { get; init; } = "";
    public string Host { get; init; } = "";
    public string Verb { get; init; } = "";
    public string Path { get; init; } = "";
    public string BodyHash { get; init; } = "";
    public IReadOnlyDictionary<string, string> Params { get; init; } = new Dictionary<string, string>();
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was signed, as the signer says; null when it does not.</summary>
    internal string? Timestamp => Params.GetValueOrDefault("Timestamp") ?? Headers.GetValueOrDefault("X-Amz-Date")
        ?? Params.GetValueOrDefault("X-Amz-Date");

    /// <summary>Reads one; what is missing or no text is empty, and signs nothing.</summary>
    internal static Ec2Request Of(JsonElement credentials, string access) => new()
    {
        Access = access,
        Signature = Text(credentials, "signature"),
        Host = Text(credentials, "host"),
        Verb = Text(credentials, "verb"),
        Path = Text(credentials, "path"),
        BodyHash = Text(credentials, "body_hash"),
        Params = Texts(credentials, "params"),
        Headers = Texts(credentials, "headers"),
    };

    internal Ec2Request WithParam(string name, string value) =>
        this with { Params = new Dictionary<string, string>(Params, StringComparer.Ordinal) { [name] = value } };

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static Dictionary<string, string> Texts(JsonElement element, string name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (element.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Object)
        {
            foreach (var value in values.EnumerateObject())
                texts[value.Name] = value.Value.ToString();
        }

        return texts;
    }
}
