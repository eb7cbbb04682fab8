using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>What a token is good for.</summary>
internal enum TokenScope : byte
{
    Unscoped = 0,
    Project = 1,
    Domain = 2,
    System = 3,
}

/// <summary>How its holder proved who it is.</summary>
[Flags]
internal enum TokenMethods : byte
{
    None = 0,
    Password = 1,
    Token = 2,
}

/// <summary>What a token says. Everything else (names, roles, the catalog) is looked up when it is shown, so a token never lies about
/// them.</summary>
internal sealed record TokenPayload
{
    private const byte Format = 1;
    private const int HexIdBytes = 16;

    public required string UserId { get; init; }
    public required TokenMethods Methods { get; init; }
    public TokenScope Scope { get; init; }

    /// <summary>The project or user domain of the scope; empty for the others.</summary>
    public string ScopeId { get; init; } = "";
    public required DateTimeOffset IssuedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The token's own id in audit trails, then that of the first token of its chain.</summary>
    public required IReadOnlyList<string> AuditIds { get; init; }

    /// <summary>A new audit id: 16 random bytes in URL-safe base 64, as in Keystone.</summary>
    internal static string NewAuditId() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(HexIdBytes));

    /// <summary>The same instant without what the token cannot hold.</summary>
    internal static DateTimeOffset ToMicroseconds(DateTimeOffset time) => new(time.UtcTicks / 10 * 10, TimeSpan.Zero);

    /// <summary>The compact form.</summary>
    internal byte[] ToBytes()
    {
        using var stream = new MemoryStream(128);
        stream.WriteByte(Format);
        stream.WriteByte((byte)Methods);
        stream.WriteByte((byte)Scope);
        WriteId(stream, UserId);
        WriteId(stream, ScopeId);
        Span<byte> number = stackalloc byte[8];
        foreach (var time in (ReadOnlySpan<DateTimeOffset>)[IssuedAt, ExpiresAt])
        {
            BinaryPrimitives.WriteInt64BigEndian(number, (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10);
            stream.Write(number);
        }

        stream.WriteByte((byte)AuditIds.Count);
        foreach (var id in AuditIds)
            stream.Write(Base64Url.DecodeFromChars(id));
        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote; null for another format. The bytes are signed, so they are ours.</summary>
    internal static TokenPayload? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 3 || bytes[0] != Format)
            return null;
        var (methods, scope) = ((TokenMethods)bytes[1], (TokenScope)bytes[2]);
        bytes = bytes[3..];
        var user = ReadId(ref bytes);
        var scopeId = ReadId(ref bytes);
        var issued = ReadTime(ref bytes);
        var expires = ReadTime(ref bytes);
        var audits = new string[bytes[0]];
        bytes = bytes[1..];
        for (var i = 0; i < audits.Length; i++, bytes = bytes[HexIdBytes..])
            audits[i] = Base64Url.EncodeToString(bytes[..HexIdBytes]);
        return new()
        {
            UserId = user, Methods = methods, Scope = scope, ScopeId = scopeId, IssuedAt = issued, ExpiresAt = expires, AuditIds = audits,
        };
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

    private static DateTimeOffset ReadTime(ref ReadOnlySpan<byte> bytes)
    {
        var micros = BinaryPrimitives.ReadInt64BigEndian(bytes);
        bytes = bytes[8..];
        return DateTimeOffset.UnixEpoch.AddTicks(micros * 10);
    }
}
