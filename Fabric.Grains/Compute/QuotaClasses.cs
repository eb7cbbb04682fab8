using Fabric.Grains.Kernel;
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
        return record.Change(record.State with { Limits = Over(record.State.Limits, limits) }, now);
    }

    internal static Task Set(
        this IPersistentState<QuotaState> record, UserId user, IReadOnlyDictionary<string, int> limits, DateTimeOffset now)
    {
        var before = record.State.Users.GetValueOrDefault(user.Text) ?? new Dictionary<string, int>();
        var users = new Dictionary<string, IReadOnlyDictionary<string, int>>(record.State.Users, StringComparer.Ordinal)
        {
            [user.Text] = Over(before, limits),
        };
        return record.Change(record.State with { Users = users }, now);
    }

    internal static Task Clear(this IPersistentState<QuotaState> record, UserId user, DateTimeOffset now) => record.Change(
        record.State with { Users = record.State.Users.Where(one => one.Key != user.Text).ToDictionary(StringComparer.Ordinal) }, now);

    private static Task Change(this IPersistentState<QuotaState> record, QuotaState next, DateTimeOffset now) =>
        record.Save(next with { CreatedAt = record.RecordExists ? record.State.CreatedAt : now, UpdatedAt = now });

    private static Dictionary<string, int> Over(IReadOnlyDictionary<string, int> before, IReadOnlyDictionary<string, int> limits)
    {
        var all = new Dictionary<string, int>(before, StringComparer.Ordinal);
        foreach (var (name, limit) in limits)
            all[name] = limit;
        return all;
    }
}
