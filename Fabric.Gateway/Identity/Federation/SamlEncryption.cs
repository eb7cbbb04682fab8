using System.Security.Cryptography;
using System.Text;
using System.Xml;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Opens assertions that a provider sealed for this cloud (XML Encryption 1.1): AES with 128, 192 or 256 bits, its key sealed by
/// RSA-OAEP. RSA with PKCS #1 v1.5 is not taken: whoever may try often enough opens it without the key.</summary>
internal static class SamlEncryption
{
    private const string Space = "http://www.w3.org/2001/04/xmlenc#";
    private const string Space11 = "http://www.w3.org/2009/xmlenc11#";
    private const string Sha1 = "http://www.w3.org/2000/09/xmldsig#sha1";
    private const int BlockBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MostKeys = 16;

    /// <summary>The assertion, a document of its own. Refused when none of the keys opens it.</summary>
    /// <param name="sealedAssertion">An <c>EncryptedAssertion</c>.</param>
    /// <param name="keys">This cloud's private keys, PEM.</param>
    internal static XmlElement Open(XmlElement sealedAssertion, IReadOnlyList<string> keys)
    {
        var data = sealedAssertion.Child(Space, "EncryptedData") ?? throw Refused();
        var seals = data.Child(SamlXml.Signature, "KeyInfo")?.Children(Space, "EncryptedKey") ?? [];
        foreach (var seal in seals.Concat(sealedAssertion.Children(Space, "EncryptedKey")).Take(MostKeys))
        {
            if (keys.Select(key => OpenKey(seal, key)).OfType<byte[]>().FirstOrDefault() is { } key
                && OpenData(data, key) is { } text)
                return SamlXml.Parse(text).DocumentElement is { LocalName: "Assertion", NamespaceURI: SamlXml.Assertion } assertion
                    ? assertion
                    : throw Refused();
        }

        throw Refused();
    }

    private static byte[]? OpenKey(XmlElement seal, string pem)
    {
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return rsa.Decrypt(Cipher(seal), Padding(seal.Child(Space, "EncryptionMethod")));
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    // The hash and the mask's hash are one in .NET, and so they must be in the document.
    private static RSAEncryptionPadding Padding(XmlElement? method)
    {
        var digest = method?.Child(SamlXml.Signature, "DigestMethod")?.GetAttribute("Algorithm") is { Length: > 0 } said ? said : Sha1;
        var mask = method?.Child(Space11, "MGF")?.GetAttribute("Algorithm") is { Length: > 0 } named ? named : Space11 + "mgf1sha1";
        return (method?.GetAttribute("Algorithm"), digest, mask) switch
        {
            (Space + "rsa-oaep-mgf1p", Sha1, Space11 + "mgf1sha1") => RSAEncryptionPadding.OaepSHA1,
            (Space11 + "rsa-oaep", Sha1, Space11 + "mgf1sha1") => RSAEncryptionPadding.OaepSHA1,
            (Space11 + "rsa-oaep", Space + "sha256", Space11 + "mgf1sha256") => RSAEncryptionPadding.OaepSHA256,
            (Space11 + "rsa-oaep", Space + "sha512", Space11 + "mgf1sha512") => RSAEncryptionPadding.OaepSHA512,
            _ => throw new CryptographicException("The seal of a key is of a kind that is not taken."),
        };
    }

    private static string? OpenData(XmlElement data, byte[] key)
    {
        var (algorithm, bytes) = (data.Child(Space, "EncryptionMethod")?.GetAttribute("Algorithm") ?? "", Cipher(data));
        var (bits, counts) = algorithm switch
        {
            Space + "aes128-cbc" => (128, false),
            Space + "aes192-cbc" => (192, false),
            Space + "aes256-cbc" => (256, false),
            Space11 + "aes128-gcm" => (128, true),
            Space11 + "aes192-gcm" => (192, true),
            Space11 + "aes256-gcm" => (256, true),
            _ => (0, false),
        };
        try
        {
            return key.Length * 8 != bits ? null : Encoding.UTF8.GetString(counts ? OpenCounted(bytes, key) : OpenChained(bytes, key));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[] OpenCounted(byte[] bytes, byte[] key)
    {
        if (bytes.Length < NonceBytes + TagBytes)
            throw Refused();
        using var aes = new AesGcm(key, TagBytes);
        var plain = new byte[bytes.Length - NonceBytes - TagBytes];
        aes.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, plain.Length), bytes.AsSpan(bytes.Length - TagBytes), plain);
        return plain;
    }

    // Only the last byte of the padding says something (XML Encryption, section 5.2).
    private static byte[] OpenChained(byte[] bytes, byte[] key)
    {
        if (bytes.Length < 2 * BlockBytes || bytes.Length % BlockBytes != 0)
            throw Refused();
        using var aes = Aes.Create();
        aes.Key = key;
        var padded = aes.DecryptCbc(bytes.AsSpan(BlockBytes), bytes.AsSpan(0, BlockBytes), PaddingMode.None);
        return padded[^1] is > 0 and <= BlockBytes ? padded[..^padded[^1]] : throw Refused();
    }

    private static byte[] Cipher(XmlElement element)
    {
        try
        {
            var value = element.Child(Space, "CipherData")?.Child(Space, "CipherValue")?.InnerText ?? throw Refused();
            return Convert.FromBase64String(string.Concat(value.Where(static c => !char.IsWhiteSpace(c))));
        }
        catch (FormatException)
        {
            throw Refused();
        }
    }

    private static AssertionRefusedException Refused() => new("An encrypted assertion cannot be opened.");
}
