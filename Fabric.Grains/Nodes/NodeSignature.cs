using System.Security.Cryptography;
using System.Text;

namespace Fabric.Grains.Nodes;

/// <summary>How a node vouches over HTTP for what it says: HMAC-SHA256 under the secret that nodes and gateways share, both as UTF-8, in
/// lower-case hexadecimal.</summary>
public static class NodeSignature
{
    /// <summary>The signature of a text.</summary>
    public static string Sign(string text, string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a signature is genuine, found in constant time. Always false without a secret.</summary>
    public static bool Verify(string text, string signature, string secret) =>
        secret.Length > 0
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(text, secret)), Encoding.UTF8.GetBytes(signature));
}
