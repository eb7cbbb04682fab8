using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>All flavors, in memory for as long as the index says that none was changed: they are few, and every boot and many lists
/// read them.</summary>
public sealed class FlavorCatalog(IResourceIndex index)
{
    private volatile Snapshot current = new(-1, [], new Dictionary<string, FlavorState>());

    /// <summary>All flavors, by id, as of the moment of the call.</summary>
    public async ValueTask<Snapshot> All(CancellationToken ct)
    {
        var version = await index.Version(FlavorState.Kind, ct);
        var known = current;
        if (known.Version == version)
            return known;

        // The version is older than the list or as old: a write between the two makes the next call read once more, and never hides.
        var flavors = await index.List<FlavorState>(new(FlavorState.Kind) { Sort = ResourceSort.Id, Descending = false }, ct);
        return current = new(version, flavors, flavors.ToDictionary(static flavor => flavor.Id, StringComparer.Ordinal));
    }

    /// <summary>One flavor; throws a not-found fault.</summary>
    public async ValueTask<FlavorState> Get(string id, CancellationToken ct) =>
        (await All(ct)).ById.GetValueOrDefault(id) ?? throw ComputeFaults.FlavorNotFound(id);

    /// <summary>The flavors at one version of the index.</summary>
    public sealed record Snapshot(long Version, IReadOnlyList<FlavorState> Flavors, IReadOnlyDictionary<string, FlavorState> ById);
}
