using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>One key of the Fernet format (source: the specification at github.com/fernet/spec): half signs by HMAC-SHA256, half seals by
/// AES-128-CBC. A token is version, time, initialisation vector, sealed bytes and signature, in URL-safe base 64; like Keystone we leave
/// the padding away.</summary>
internal sealed class FernetKey(byte[] key)
{
    private const byte Version = 0x80;
    private const int BlockBytes = 16;
    private const int HeaderBytes = 1 + 8 + BlockBytes;
    private const int SignatureBytes = 32;

    /// <summary>The longest token we look at: ours are under 400 characters, but for federated ones with many groups.</summary>
    internal const int LongestToken = 4096;

    private ReadOnlySpan<byte> Signing => key.AsSpan(0, BlockBytes);

    /// <summary>Reads the bytes of a token's text; null when it is no token at all.</summary>
    internal static byte[]? Decode(string token, int longest = LongestToken)
    {
        if (token.Length == 0 || token.Length > longest)
            return null;
        var text = token.AsSpan().TrimEnd('=');
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != OperationStatus.Done)
            return null;
        return written >= HeaderBytes + BlockBytes + SignatureBytes && bytes[0] == Version ? bytes[..written] : null;
    }

    /// <summary>Seals and signs.</summary>
    internal string Seal(ReadOnlySpan<byte> content, DateTimeOffset now)
    {
        using var aes = Cipher();
        var token = new byte[HeaderBytes + aes.GetCiphertextLengthCbc(content.Length) + SignatureBytes];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), now.ToUnixTimeSeconds());
        var iv = token.AsSpan(HeaderBytes - BlockBytes, BlockBytes);
        RandomNumberGenerator.Fill(iv);
        aes.EncryptCbc(content, iv, token.AsSpan(HeaderBytes, token.Length - HeaderBytes - SignatureBytes));
        HMACSHA256.HashData(Signing, token.AsSpan(0, token.Length - SignatureBytes), token.AsSpan(token.Length - SignatureBytes));
        return Base64Url.EncodeToString(token);
    }

    /// <summary>The content when this key signed it, else null.</summary>
    internal byte[]? Open(byte[] token)
    {
        Span<byte> signature = stackalloc byte[SignatureBytes];
        HMACSHA256.HashData(Signing, token.AsSpan(0, token.Length - SignatureBytes), signature);
        if (!CryptographicOperations.FixedTimeEquals(signature, token.AsSpan(token.Length - SignatureBytes)))
            return null;
        using var aes = Cipher();
        return aes.DecryptCbc(token.AsSpan(HeaderBytes, token.Length - HeaderBytes - SignatureBytes),
            token.AsSpan(HeaderBytes - BlockBytes, BlockBytes));
    }

    /// <summary>Names the key without giving it away.</summary>
    internal string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(key));

    private Aes Cipher()
    {
        var aes = Aes.Create();
        aes.Key = key[BlockBytes..];
        return aes;
    }
}
