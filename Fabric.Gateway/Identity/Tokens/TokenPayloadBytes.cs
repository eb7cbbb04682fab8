using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>The compact form of what a token says. A token that says nothing new keeps the first format, so that a gateway of an older
/// version reads it.</summary>
internal static class TokenPayloadBytes
{
    private const byte First = 1;
    private const byte Second = 2;
    private const int HexIdBytes = 16;

    internal static byte[] Write(TokenPayload payload)
    {
        using var stream = new MemoryStream(128);
        stream.WriteByte(payload.IsPlain ? First : Second);
        if (!payload.IsPlain)
            WriteNumber(stream, (uint)payload.Methods);
        else
            stream.WriteByte((byte)payload.Methods);
        stream.WriteByte((byte)payload.Scope);
        WriteId(stream, payload.UserId);
        WriteId(stream, payload.ScopeId);
        Span<byte> number = stackalloc byte[8];
        foreach (var time in (ReadOnlySpan<DateTimeOffset>)[payload.IssuedAt, payload.ExpiresAt])
        {
            BinaryPrimitives.WriteInt64BigEndian(number, (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);
            stream.Write(number);
        }

        stream.WriteByte((byte)payload.AuditIds.Count);
        foreach (var id in payload.AuditIds)
            stream.Write(Base64Url.DecodeFromChars(id));
        if (!payload.IsPlain)
            WriteRest(stream, payload);
        return stream.ToArray();
    }

    internal static TokenPayload? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 3 || bytes[0] is not (First or Second))
            return null;
        var plain = bytes[0] == First;
        var methods = plain ? (TokenMethods)bytes[1] : (TokenMethods)BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        bytes = bytes[(plain ? 2 : 5)..];
        var scope = (TokenScope)bytes[0];
        bytes = bytes[1..];
        var user = ReadId(ref bytes);
        var scopeId = ReadId(ref bytes);
        var issued = ReadTime(ref bytes);
        var expires = ReadTime(ref bytes);
        var audits = new string[bytes[0]];
        bytes = bytes[1..];
        for (var i = 0; i < audits.Length; i++, bytes = bytes[HexIdBytes..])
            audits[i] = Base64Url.EncodeToString(bytes[..HexIdBytes]);
        var payload = new TokenPayload
        {
            UserId = user, Methods = methods, Scope = scope, ScopeId = scopeId, IssuedAt = issued, ExpiresAt = expires, AuditIds = audits,
        };
        return plain ? payload : ReadRest(payload, bytes);
    }

    private static void WriteRest(MemoryStream stream, TokenPayload payload)
    {
        string?[] rest =
            [payload.TrustId, payload.AppCredentialId, payload.AccessTokenId, payload.IdentityProviderId, payload.ProtocolId];
        foreach (var id in rest)
            WriteId(stream, id ?? "");
        WriteNumber(stream, (uint)payload.GroupIds.Count);
        foreach (var group in payload.GroupIds)
            WriteId(stream, group);
    }

    private static TokenPayload ReadRest(TokenPayload payload, ReadOnlySpan<byte> bytes)
    {
        payload = payload with
        {
            TrustId = ReadOptional(ref bytes),
            AppCredentialId = ReadOptional(ref bytes),
            AccessTokenId = ReadOptional(ref bytes),
            IdentityProviderId = ReadOptional(ref bytes),
            ProtocolId = ReadOptional(ref bytes),
        };
        var groups = new string[BinaryPrimitives.ReadUInt32BigEndian(bytes)];
        bytes = bytes[4..];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = ReadId(ref bytes);
        return payload with { GroupIds = groups };
    }

    private static void WriteNumber(MemoryStream stream, uint value)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, value);
        stream.Write(number);
    }

    // An id of 32 hexadecimal digits takes 16 bytes behind a zero; any other its length and its letters.
    private static void WriteId(MemoryStream stream, string id)
    {
        if (id.Length == 2 * HexIdBytes && id.All(static c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
        {
            stream.WriteByte(0);
            stream.Write(Convert.FromHexString(id));
            return;
        }

        var text = Encoding.UTF8.GetBytes(id);
        stream.WriteByte((byte)(text.Length + 1));
        stream.Write(text);
    }

    private static string ReadId(ref ReadOnlySpan<byte> bytes)
    {
        var hex = bytes[0] == 0;
        var length = hex ? HexIdBytes : bytes[0] - 1;
        var id = bytes.Slice(1, length);
        bytes = bytes[(1 + length)..];
        return hex ? Convert.ToHexStringLower(id) : Encoding.UTF8.GetString(id);
    }

    private static string? ReadOptional(ref ReadOnlySpan<byte> bytes) => ReadId(ref bytes) is { Length: > 0 } id ? id : null;

    private static DateTimeOffset ReadTime(ref ReadOnlySpan<byte> bytes)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        bytes = bytes[8..];
        return DateTimeOffset.UnixEpoch.AddTicks(micros * 10);
    }
}
