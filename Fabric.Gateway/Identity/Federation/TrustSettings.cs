using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>How to tell that something was said by an identity provider: what the operator wrote into its file. The file is read at each
/// login, so a change counts at once.</summary>
internal sealed partial record TrustSettings
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <summary>The protocols by their ids.</summary>
    public Dictionary<string, ProtocolTrust> Protocols { get; init; } = [];

    /// <summary>The trust in one protocol of a provider; null when there is none. Throws <see cref="AssertionRefusedException"/> for a file
    /// that cannot be read.</summary>
    internal static async Task<ProtocolTrust?> Find(string directory, string provider, string protocol, CancellationToken ct)
    {
        // Ids are their makers' choice; a file's name is not.
        if (!FileName().IsMatch(provider))
            return null;
        var path = Path.Combine(directory, provider + ".json");
        if (!File.Exists(path))
            return null;
        try
        {
            await using var file = File.OpenRead(path);
            var settings = await JsonSerializer.DeserializeAsync<TrustSettings>(file, Format, ct);
            return settings?.Protocols.GetValueOrDefault(protocol) is { } trust ? trust with { Directory = directory } : null;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new AssertionRefusedException($"The settings {path} cannot be read: {error.Message}");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]*$")]
    private static partial Regex FileName();
}

/// <summary>The trust in what comes by one protocol.</summary>
internal sealed record ProtocolTrust
{
    /// <summary>OpenID Connect: what the issuer says in a signed token.</summary>
    public OpenIdTrust? Openid { get; init; }

    /// <summary>SAML 2: what the issuer says in a signed document.</summary>
    public SamlTrust? Saml2 { get; init; }

    /// <summary>Where the file stands, and those that it names.</summary>
    [JsonIgnore]
    public string Directory { get; init; } = "";
}

/// <summary>An OpenID Connect issuer.</summary>
internal sealed record OpenIdTrust
{
    /// <summary>Its name, which each token must carry.</summary>
    public required string Issuer { get; init; }

    /// <summary>For whom a token may be: one of these.</summary>
    public required IReadOnlyList<string> Audiences { get; init; }

    /// <summary>Its keys: a file with a JSON web key set, the address of one, or the address of the document that says where it is.
    /// </summary>
    public string? JwksFile { get; init; }
    public string? JwksUri { get; init; }
    public string? Discovery { get; init; }

    /// <summary>The algorithms it may sign with; never one without a public key.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = JwtVerifier.AllAlgorithms;

    /// <summary>By how much its clock may differ.</summary>
    public int ClockSkewSeconds { get; init; } = 60;

    /// <summary>As whom this cloud is known there, for what it asks itself: browsers' logins and opaque tokens. The secret stands in a
    /// file; without one this cloud is a public client.</summary>
    public string? ClientId { get; init; }
    public string? ClientSecretFile { get; init; }

    /// <summary>True for a provider that takes the secret in the form alone, not in the header.</summary>
    public bool ClientSecretInForm { get; init; }

    /// <summary>Where it logs browsers in, gives tokens for codes, tells what opaque tokens are and what more it knows of a user; the first
    /// three default to what was discovered.</summary>
    public string? AuthorizationEndpoint { get; init; }
    public string? TokenEndpoint { get; init; }
    public string? IntrospectionEndpoint { get; init; }
    public string? UserinfoEndpoint { get; init; }

    /// <summary>True to ask it of every token, also of signed ones: then one that was revoked logs nobody in.</summary>
    public bool Introspect { get; init; }

    /// <summary>What a browser's login asks for.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = ["openid", "profile", "email"];

    /// <summary>Where it sends browsers back; default: where the login began, below the cloud's public address.</summary>
    public string? RedirectUri { get; init; }

    /// <summary>The claim that names the user where the mapping does not.</summary>
    public string RemoteUserClaim { get; init; } = "sub";
}

/// <summary>A SAML 2 identity provider.</summary>
internal sealed record SamlTrust
{
    /// <summary>Its name, which each assertion must carry.</summary>
    public required string EntityId { get; init; }

    /// <summary>Files with the certificates that it may sign with, and its metadata, which may name more of them.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];
    public string? MetadataFile { get; init; }

    /// <summary>Files with this cloud's private keys, PEM, for which the provider seals its assertions.</summary>
    public IReadOnlyList<string> DecryptionKeys { get; init; } = [];

    /// <summary>True when nobody may log in who was not sent to the provider from here.</summary>
    public bool RequireInResponseTo { get; init; }

    /// <summary>For whom an assertion may be: this cloud's names at the provider.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>False for a provider that does not say for whom an assertion is, as another cloud's identity service does not: then the
    /// recipient alone says so.</summary>
    public bool RequireAudience { get; init; } = true;

    /// <summary>Addresses to which an assertion may be sent. None: where the login is, below the cloud's public address.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>True for a provider that still signs with SHA-1.</summary>
    public bool AllowSha1 { get; init; }

    /// <summary>What stands before the names of attributes, e.g. <c>MELLON_</c>.</summary>
    public string AttributePrefix { get; init; } = "";

    /// <summary>By how much its clock may differ.</summary>
    public int ClockSkewSeconds { get; init; } = 60;

    /// <summary>Where a browser logs in; null for what its metadata says, or when the provider must begin.</summary>
    public string? SsoUrl { get; init; }
}

/// <summary>Nothing proves that the provider said it. The client is not told why; the log is.</summary>
internal sealed class AssertionRefusedException(string message) : Exception(message);
