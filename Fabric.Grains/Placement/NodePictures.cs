using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>
/// The scheduler's picture of all nodes, one per silo. Node records are read anew from the index when one changed, at most once a second: a
/// heartbeat is a change too. What is used comes from the providers' own answers to claims and releases; a provider nobody here has
/// claimed from yet is read from the index. Another silo's claims are seen late, which costs a refused claim whose answer brings the
/// picture up to date.
/// </summary>
internal sealed class NodePictures(IResourceIndex index, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ResourceProviderId, ProviderView> providers = new();
    private readonly SemaphoreSlim refresh = new(1, 1);
    private Snapshot? current;

    /// <summary>All nodes, as far as known.</summary>
    public async Task<IReadOnlyList<NodePicture>> All(CancellationToken ct)
    {
        var nodes = await Nodes(ct);
        var now = time.GetUtcNow();
        var pictures = new List<NodePicture>(nodes.Count);
        foreach (var node in nodes)
        {
            var provider = providers.GetValueOrDefault(node.ProviderId);
            pictures.Add(new()
            {
                NodeName = node.Inventory.NodeName,
                ProviderId = node.ProviderId,
                AvailabilityZone = node.AvailabilityZone,
                Usable = node.IsUsable(now),
                Inventories = provider?.Inventories ?? new Dictionary<string, Inventory>(),
                Used = provider?.Used ?? new Dictionary<string, long>(),
                Traits = provider?.Traits ?? [],
            });
        }

        return pictures;
    }

    /// <summary>What a provider said of itself just now.</summary>
    public void Saw(ProviderView provider) =>
        providers.AddOrUpdate(provider.Id, provider, (_, known) => known.Generation > provider.Generation ? known : provider);

    private async Task<IReadOnlyList<HypervisorState>> Nodes(CancellationToken ct)
    {
        var version = await index.Version(HypervisorState.Kind, ct);
        var snapshot = Volatile.Read(ref current);
        if (snapshot is not null && (snapshot.Version == version || time.GetElapsedTime(snapshot.ReadAt) < Freshness))
            return snapshot.Nodes;
        await refresh.WaitAsync(ct);
        try
        {
            snapshot = Volatile.Read(ref current);
            if (snapshot is not null && time.GetElapsedTime(snapshot.ReadAt) < Freshness)
                return snapshot.Nodes;
            version = await index.Version(HypervisorState.Kind, ct);
            var nodes = await index.List<HypervisorState>(new(HypervisorState.Kind) { Sort = ResourceSort.Id, Descending = false }, ct);
            await ReadMissing(nodes, ct);
            Volatile.Write(ref current, new(version, time.GetTimestamp(), nodes));
            return nodes;
        }
        finally
        {
            refresh.Release();
        }
    }

    private async Task ReadMissing(IReadOnlyList<HypervisorState> nodes, CancellationToken ct)
    {
        var missing = nodes.Select(static node => node.ProviderId.Text).Where(
            id => !providers.ContainsKey(ResourceProviderId.Parse(id))).ToArray();
        foreach (var some in missing.Chunk(500))
        {
            foreach (var state in await index.List<ProviderState>(new(ProviderState.Kind) { Ids = some }, ct))
                Saw(state.ToView());
        }
    }

    private sealed record Snapshot(long Version, long ReadAt, IReadOnlyList<HypervisorState> Nodes);
}
