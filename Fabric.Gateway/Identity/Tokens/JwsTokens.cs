using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Tokens as JSON web tokens signed with ES256, with Keystone's claims (source: <c>keystone/token/providers/jws</c>). Its times
/// are whole seconds; two claims of our own keep the rest.</summary>
internal sealed class JwsTokens(JwsKeys keys)
{
    private const int LongestToken = 8192;
    private static readonly string Header = Encode("""{"alg":"ES256","typ":"JWT"}"""u8);

    internal string Write(TokenPayload payload)
    {
        var claims = new Dictionary<string, object?>
        {
            ["sub"] = payload.UserId,
            ["iat"] = payload.IssuedAt.ToUnixTimeSeconds(),
            ["exp"] = payload.ExpiresAt.ToUnixTimeSeconds(),
            ["openstack_methods"] = TokenMethodNames.Of(payload.Methods),
            ["openstack_audit_ids"] = payload.AuditIds,
            ["openstack_system"] = payload.Scope == TokenScope.System ? "all" : null,
            ["openstack_domain_id"] = payload.Scope == TokenScope.Domain ? payload.ScopeId : null,
            ["openstack_project_id"] = payload.Scope == TokenScope.Project ? payload.ScopeId : null,
            ["openstack_trust_id"] = payload.TrustId,
            ["openstack_group_ids"] = payload.GroupIds.Count == 0 ? null : payload.GroupIds,
            ["openstack_idp_id"] = payload.IdentityProviderId,
            ["openstack_protocol_id"] = payload.ProtocolId,
            ["openstack_access_token_id"] = payload.AccessTokenId,
            ["openstack_app_cred_id"] = payload.AppCredentialId,
            ["fabric_issued_us"] = Micros(payload.IssuedAt),
            ["fabric_expires_us"] = Micros(payload.ExpiresAt),
        };
        foreach (var missing in claims.Where(static claim => claim.Value is null).Select(static claim => claim.Key).ToArray())
            claims.Remove(missing);
        var signed = $"{Header}.{Encode(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{signed}.{Encode(keys.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>What the token says; null when none of our keys signed it.</summary>
    internal TokenPayload? Open(string token)
    {
        var parts = token.Length <= LongestToken ? token.Split('.') : [];
        if (parts.Length != 3 || parts[0] != Header || Decode(parts[1]) is not { } claims || Decode(parts[2]) is not { } signature)
            return null;
        if (!keys.Verify(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature))
            return null;
        using var document = JsonDocument.Parse(claims);
        return Read(document.RootElement);
    }

    // It is signed, so it is ours.
    private static TokenPayload Read(JsonElement claims)
    {
        var project = Text(claims, "openstack_project_id");
        var domain = Text(claims, "openstack_domain_id");
        return new()
        {
            UserId = Text(claims, "sub")!,
            Methods = Texts(claims, "openstack_methods").Aggregate(TokenMethods.None, static (all, name) =>
                all | TokenMethodNames.Parse(name)),
            Scope = project is not null ? TokenScope.Project : domain is not null ? TokenScope.Domain
                : Text(claims, "openstack_system") is null ? TokenScope.Unscoped : TokenScope.System,
            ScopeId = project ?? domain ?? "",
            IssuedAt = Time(claims, "fabric_issued_us", "iat"),
            ExpiresAt = Time(claims, "fabric_expires_us", "exp"),
            AuditIds = Texts(claims, "openstack_audit_ids"),
            TrustId = Text(claims, "openstack_trust_id"),
            GroupIds = Texts(claims, "openstack_group_ids"),
            IdentityProviderId = Text(claims, "openstack_idp_id"),
            ProtocolId = Text(claims, "openstack_protocol_id"),
            AccessTokenId = Text(claims, "openstack_access_token_id"),
            AppCredentialId = Text(claims, "openstack_app_cred_id"),
        };
    }

    private static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    // A token that Keystone signed with the same key has whole seconds alone.
    private static DateTimeOffset Time(JsonElement claims, string micros, string seconds) => claims.TryGetProperty(micros, out var exact)
        ? DateTimeOffset.UnixEpoch.AddTicks(exact.GetInt64() * 10)
        : DateTimeOffset.FromUnixTimeSeconds(claims.GetProperty(seconds).GetInt64());

    private static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string[] Texts(JsonElement claims, string name) => claims.TryGetProperty(name, out var value)
        ? [.. value.EnumerateArray().Select(static one => one.GetString()!)]
        : [];

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    private static byte[]? Decode(string text)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        return Base64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done ? bytes[..written] : null;
    }
}
