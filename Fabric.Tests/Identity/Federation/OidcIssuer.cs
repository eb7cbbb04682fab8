using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fabric.Tests.Identity.Federation;

/// <summary>An OpenID Connect issuer with a key of its own.</summary>
internal sealed class OidcIssuer : IDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        rsa.Dispose();
        curve.Dispose();
    }

    /// <summary>The public keys.</summary>
    internal string Jwks()
    {
        var (key, point) = (rsa.ExportParameters(false), curve.ExportParameters(false).Q);
        return JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                new { kty = "oct", kid = "s", k = "AAAA" },
                new { kty = "RSA", kid = "r", use = "sig", n = Text(key.Modulus!), e = Text(key.Exponent!) },
                new { kty = "EC", kid = "e", crv = "P-256", x = Text(point.X!), y = Text(point.Y!) },
            },
        });
    }

    /// <summary>Claims as most tokens have them.</summary>
    internal static Dictionary<string, object> Claims(params (string Name, object Value)[] more)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new Dictionary<string, object>
        {
            ["iss"] = FederationKit.Issuer, ["aud"] = FederationKit.Audience, ["sub"] = "u-1", ["iat"] = now, ["exp"] = now + 300,
            ["preferred_username"] = "ada", ["email"] = "ada@idp.test",
        };
        foreach (var (name, value) in more)
            claims[name] = value;
        return claims;
    }

    internal string Token(params (string Name, object Value)[] more) => Sign(Claims(more));

    /// <summary>A token of these claims.</summary>
    internal string Sign(Dictionary<string, object> claims, string algorithm = "RS256", string key = "r")
    {
        var signed = Text(JsonSerializer.SerializeToUtf8Bytes(new { alg = algorithm, kid = key, typ = "JWT" }))
            + "." + Text(JsonSerializer.SerializeToUtf8Bytes(claims));
        var bytes = Encoding.ASCII.GetBytes(signed);
        byte[] signature = algorithm switch
        {
            "none" => [],
            // The public key's text as a secret: what a careless verifier takes.
            "HS256" => HMACSHA256.HashData(Encoding.ASCII.GetBytes(rsa.ExportSubjectPublicKeyInfoPem()), bytes),
            "ES256" => curve.SignData(bytes, HashAlgorithmName.SHA256),
            "PS512" => rsa.SignData(bytes, HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
            _ => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        };
        return signed + "." + Text(signature);
    }

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
