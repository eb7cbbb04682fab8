using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>One public key of a JSON web key set (RFC 7517).</summary>
internal sealed record JsonWebKey(string? Id, string? Algorithm, RSAParameters? Rsa, ECParameters? Ec)
{
    private const int SmallestRsaBits = 2048;

    /// <summary>The keys of a set that can prove a signature; others are left out.</summary>
    internal static IReadOnlyList<JsonWebKey> Parse(string json)
    {
        try
        {
            using var set = JsonDocument.Parse(json);
            return [.. set.RootElement.GetProperty("keys").EnumerateArray().Select(Read).OfType<JsonWebKey>()];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new AssertionRefusedException("A key set is none: " + error.Message);
        }
    }

    /// <summary>Whether the key made the signature. What does not go together (a curve and an algorithm, a short key) never did.</summary>
    internal bool Verifies(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return (Algorithm is null || Algorithm == algorithm) && IsBy(algorithm, data, signature);
        }
        catch (CryptographicException error)
        {
            throw new AssertionRefusedException("A key of the issuer is none: " + error.Message);
        }
    }

    private bool IsBy(string algorithm, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var (hash, bits) = algorithm[2..] switch
        {
            "256" => (HashAlgorithmName.SHA256, 256),
            "384" => (HashAlgorithmName.SHA384, 384),
            _ => (HashAlgorithmName.SHA512, 521),
        };
        if (algorithm[0] == 'E')
        {
            if (Ec is not { } ec)
                return false;
            using var curve = ECDsa.Create(ec);
            return curve.KeySize == bits && curve.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        if (Rsa is not { } parameters)
            return false;
        using var rsa = RSA.Create(parameters);
        return rsa.KeySize >= SmallestRsaBits
            && rsa.VerifyData(data, signature, hash, algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    private static JsonWebKey? Read(JsonElement key)
    {
        if (Text(key, "use") is "enc")
            return null;
        var (id, algorithm) = (Text(key, "kid"), Text(key, "alg"));
        return Text(key, "kty") switch
        {
            "RSA" => new(id, algorithm, new RSAParameters { Modulus = Bytes(key, "n"), Exponent = Bytes(key, "e") }, null),
            "EC" when Curve(Text(key, "crv")) is { } curve => new(id, algorithm, null, new ECParameters
            {
                Curve = curve, Q = new() { X = Bytes(key, "x"), Y = Bytes(key, "y") },
            }),
            _ => null,
        };
    }

    private static ECCurve? Curve(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };

    private static byte[] Bytes(JsonElement key, string name) => Base64Url.DecodeFromUtf8(Encoding.ASCII.GetBytes(
        Text(key, name) ?? throw new FormatException($"A key has no {name}.")));

    private static string? Text(JsonElement key, string name) =>
        key.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
