using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// How a node tells the metadata endpoint who asks: the same headers with which OpenStack's network agents call compute. A guest cannot
/// set them itself, the agent removes what the guest sent under these names. The endpoint must refuse (403) a request whose signature
/// is not genuine.
/// </summary>
public static class MetadataHeaders
{
    /// <summary>The guest's fixed address.</summary>
    public const string ForwardedFor = "X-Forwarded-For";

    /// <summary>The server's id, dashed.</summary>
    public const string InstanceId = "X-Instance-ID";

    /// <summary>The server's project. The endpoint must compare it with the server's own.</summary>
    public const string TenantId = "X-Tenant-ID";

    /// <summary>The <see cref="NodeSignature"/> of the value of <see cref="InstanceId"/>.</summary>
    public const string Signature = "X-Instance-ID-Signature";
}
