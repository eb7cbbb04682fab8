using System.Security.Cryptography;
using System.Text;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// How a node tells the metadata endpoint who asks: the same headers with which OpenStack's network agents call compute. A guest cannot
/// set them itself, the agent removes what the guest sent under these names. The endpoint must refuse (403) a request whose signature is
/// not
/// <c>Sign(instance, secret)</c>, and must compare signatures in constant time (<see cref="Verify"/>).
/// </summary>
public static class MetadataHeaders
{
    /// <summary>The guest's fixed address.</summary>
    public const string ForwardedFor = "X-Forwarded-For";

    /// <summary>The server's id, dashed.</summary>
    public const string InstanceId = "X-Instance-ID";

    /// <summary>The server's project. The endpoint must compare it with the server's own.</summary>
    public const string TenantId = "X-Tenant-ID";

    /// <summary>HMAC-SHA256 of the value of <see cref="InstanceId"/> under the shared secret, both as UTF-8, in lower-case hexadecimal.
    /// </summary>
    public const string Signature = "X-Instance-ID-Signature";

    /// <summary>The signature of an instance's id.</summary>
    public static string Sign(string instanceId, string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(instanceId)));

    /// <summary>Whether a signature is genuine. Always false without a secret.</summary>
    public static bool Verify(string instanceId, string signature, string secret) =>
        secret.Length > 0
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(instanceId, secret)), Encoding.UTF8.GetBytes(signature));
}
