using System.Buffers.Text;
using System.Security.Cryptography;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>What a token is good for.</summary>
internal enum TokenScope : byte
{
    Unscoped = 0,
    Project = 1,
    Domain = 2,
    System = 3,
}

/// <summary>What a token says. Everything else (names, roles, the catalog) is looked up when it is shown, so a token never lies about
/// them. <see cref="TokenPayloadBytes"/> and <see cref="JwsTokens"/> write it down.</summary>
internal sealed record TokenPayload
{
    private const int AuditIdBytes = 16;

    /// <summary>Who logged in; with a trust that is the trustee, whomever it stands for.</summary>
    public required string UserId { get; init; }
    public required TokenMethods Methods { get; init; }
    public TokenScope Scope { get; init; }

    /// <summary>The project or user domain of the scope; empty for the others.</summary>
    public string ScopeId { get; init; } = "";
    public required DateTimeOffset IssuedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The token's own id in audit trails, then that of the first token of its chain.</summary>
    public required IReadOnlyList<string> AuditIds { get; init; }

    /// <summary>The trust that lends the roles; null when they are the user's own.</summary>
    public string? TrustId { get; init; }

    /// <summary>The application credential that logged in.</summary>
    public string? AppCredentialId { get; init; }

    /// <summary>The OAuth1 access token that logged in.</summary>
    public string? AccessTokenId { get; init; }

    /// <summary>Who vouched for a federated user, by which protocol, and for membership of which groups.</summary>
    public string? IdentityProviderId { get; init; }
    public string? ProtocolId { get; init; }
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>Whether it says nothing but what the first format of tokens could.</summary>
    internal bool IsPlain => Methods <= (TokenMethods.Password | TokenMethods.Token) && TrustId is null && AppCredentialId is null
        && AccessTokenId is null && IdentityProviderId is null && ProtocolId is null && GroupIds.Count == 0;

    /// <summary>Whether somebody else's right was lent, by a trust or another delegation.</summary>
    internal bool IsDelegated => TrustId is not null || Methods.AreDelegated();

    /// <summary>A new audit id: 16 random bytes in URL-safe base 64, as in Keystone.</summary>
    internal static string NewAuditId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(AuditIdBytes));

    /// <summary>The same instant without what the token cannot hold.</summary>
    internal static DateTimeOffset ToMicroseconds(DateTimeOffset time) => new(time.UtcTicks / 10 * 10, TimeSpan.Zero);

    /// <summary>The same instant in whole seconds, as Keystone's tokens tell times. What is compared is the exact one.</summary>
    internal static DateTimeOffset ToSeconds(DateTimeOffset time) =>
        new(time.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);

    /// <summary>The compact form.</summary>
    internal byte[] ToBytes() => TokenPayloadBytes.Write(this);

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for another format. The bytes are signed, so they are ours.</summary>
    internal static TokenPayload? FromBytes(ReadOnlySpan<byte> bytes) => TokenPayloadBytes.Read(bytes);
}
