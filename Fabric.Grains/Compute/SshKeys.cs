using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Makes and reads keys for guests.</summary>
public static class SshKeys
{
    private const int Bits = 2048;
    private const int CertificateYears = 10;

    /// <summary>The kinds of ssh keys that OpenSSH and nova's library read.</summary>
    private static readonly string[] Types =
    [
        "ssh-rsa", "ssh-dss", "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ];

    /// <summary>A new RSA key: the private half in PEM, the public one as in <c>authorized_keys</c>.</summary>
    public static (string PrivateKey, string PublicKey) Generate()
    {
        using var key = RSA.Create(Bits);
        var parts = key.ExportParameters(includePrivateParameters: false);
        using var blob = new MemoryStream();
        Write(blob, Encoding.ASCII.GetBytes("ssh-rsa"));
        WriteNumber(blob, parts.Exponent!);
        WriteNumber(blob, parts.Modulus!);
        return (key.ExportRSAPrivateKeyPem() + "\n", $"ssh-rsa {Convert.ToBase64String(blob.ToArray())} Generated-by-Fabric");
    }

    /// <summary>A new RSA key with a certificate of its own, by which a user logs in to a Windows guest: both in PEM (source:
    /// <c>nova/crypto.py</c> generate_winrm_x509_certificate).</summary>
    public static (string PrivateKey, string Certificate) GenerateCertificate(UserId user, DateTimeOffset now)
    {
        using var key = RSA.Create(Bits);
        var request = new CertificateRequest(
            new X500DistinguishedName($"CN={user.Text}"), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        // Windows takes the account from the principal's name, and the certificate only for logging in as a client.
        var names = new SubjectAlternativeNameBuilder();
        names.AddUserPrincipalName($"{user.Text}@localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using var certificate = request.CreateSelfSigned(now, now.AddYears(CertificateYears));
        return (key.ExportPkcs8PrivateKeyPem() + "\n", certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>MD5 of an ssh key's blob in pairs of digits, as clients compare it. Throws a bad-request fault for what is no
    /// key.</summary>
    public static string Fingerprint(string publicKey)
    {
        var parts = publicKey.Trim().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || !Types.Contains(parts[0], StringComparer.Ordinal))
            throw Invalid();
        var blob = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], blob, out var length) || !StartsWithType(blob.AsSpan(0, length), parts[0]))
            throw Invalid();
#pragma warning disable CA5351 // A name for a key that people compare, not a protection.
        return Pairs(MD5.HashData(blob.AsSpan(0, length)));
#pragma warning restore CA5351
    }

    /// <summary>SHA-1 of an X.509 certificate in PEM, in pairs of digits. Throws a bad-request fault for what is none.</summary>
    public static string CertificateFingerprint(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return Pairs(certificate.GetCertHash());
        }
        catch (CryptographicException)
        {
            throw Invalid();
        }
    }

    private static Fault Invalid() => Fault.BadRequest("InvalidKeypair", "Keypair data is invalid: failed to generate fingerprint");

    private static bool StartsWithType(ReadOnlySpan<byte> blob, string type) =>
        blob.Length > 4 + type.Length
        && BinaryPrimitives.ReadInt32BigEndian(blob) == type.Length
        && blob.Slice(4, type.Length).SequenceEqual(Encoding.ASCII.GetBytes(type));

    private static string Pairs(byte[] hash) =>
        string.Join(':', Convert.ToHexStringLower(hash).Chunk(2).Select(static pair => new string(pair)));

    private static void Write(Stream to, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        to.Write(length);
        to.Write(bytes);
    }

    /// <summary>RFC 4251's mpint: a leading zero keeps a number from being read as negative.</summary>
    private static void WriteNumber(Stream to, byte[] number) => Write(to, number[0] >= 0x80 ? [0, .. number] : number);
}
