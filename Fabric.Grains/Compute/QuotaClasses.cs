using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>The limits of quota classes, in memory for as long as the index says that none was changed.</summary>
public sealed class QuotaClasses(IResourceIndex index)
{
    private volatile Known known = new(-1, new Dictionary<string, IReadOnlyDictionary<string, int>>());

    /// <summary>What was set for the class; empty when nothing was.</summary>
    public async ValueTask<IReadOnlyDictionary<string, int>> Limits(string name, CancellationToken ct)
    {
        var version = await index.Version(QuotaClassGrain.Kind, ct);
        if (known.Version != version)
            known = new(version, new Dictionary<string, IReadOnlyDictionary<string, int>>());
        var now = known;
        if (now.Limits.TryGetValue(name, out var limits))
            return limits;
        limits = (await index.Find<QuotaState>(QuotaClassGrain.Kind, name, ct))?.Limits ?? new Dictionary<string, int>();

        // Names come from the user, so only the one that all requests need is kept.
        if (name == ComputeQuotas.DefaultClass)
            known = now with { Limits = new Dictionary<string, IReadOnlyDictionary<string, int>> { [name] = limits } };
        return limits;
    }

    private sealed record Known(long Version, IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Limits);
}

/// <inheritdoc cref="IQuotaClassGrain"/>
[GrainType("compute.quota-class")]
internal sealed class QuotaClassGrain([PersistentState(QuotaClassGrain.Kind)] IPersistentState<QuotaState> record, TimeProvider clock)
    : Grain, IQuotaClassGrain
{
    internal const string Kind = "compute-quota-class";

    public Task SetLimits(IReadOnlyDictionary<string, int> limits) => record.Set(limits, clock.GetUtcNow());
}

/// <summary>How limits are set, for projects and classes alike.</summary>
internal static class QuotaRecords
{
    internal static Task Set(this IPersistentState<QuotaState> record, IReadOnlyDictionary<string, int> limits, DateTimeOffset now)
    {
        var all = new Dictionary<string, int>(record.State.Limits, StringComparer.Ordinal);
        foreach (var (name, limit) in limits)
            all[name] = limit;
        return record.Save(new() { Limits = all, CreatedAt = record.RecordExists ? record.State.CreatedAt : now, UpdatedAt = now });
    }
}
