using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>Which nodes there are, and which of them a router lives on.</summary>
internal sealed class NetworkNodes(IResourceIndex index, TimeProvider time)
{
    /// <summary>Every node known.</summary>
    public Task<IReadOnlyList<HypervisorState>> All(CancellationToken ct) =>
        index.List<HypervisorState>(new(HypervisorState.Kind) { Sort = ResourceSort.Id, Descending = false }, ct);

    /// <summary>The node for a router: its own while that is up, else the one that scores highest; null when none is up.</summary>
    public async Task<string?> Choose(RouterId router, string? current)
    {
        var now = time.GetUtcNow();
        var up = (await All(CancellationToken.None)).Where(node => node.IsUp(now)).Select(static node => node.Inventory.NodeName).ToArray();
        return current is not null && up.Contains(current) ? current : Rendezvous(router.Text, up);
    }

    /// <summary>Each node's score depends on the key and the node alone, so a node that comes or goes moves only what it must.</summary>
    internal static string? Rendezvous(string key, IReadOnlyList<string> nodes) => nodes.MaxBy(node => Score(key, node));

    private static ulong Score(string key, string node) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{key}/{node}")));
}
