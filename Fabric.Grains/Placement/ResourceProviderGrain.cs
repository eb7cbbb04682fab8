using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>One resource provider. The only writer of its record, which holds its allocations too: that is what makes a claim one atomic
/// act.</summary>
[GrainType("placement.resource-provider")]
internal sealed class ResourceProviderGrain([PersistentState(ProviderState.Kind)] IPersistentState<ProviderState> record, TimeProvider time)
    : Grain, IResourceProviderGrain
{
    private ResourceProviderId Id => ResourceProviderId.Parse(this.GetPrimaryKeyString());

    public async Task<ProviderView> Create(string name, ResourceProviderId? parent)
    {
        if (record.RecordExists)
            throw Fault.Conflict("placement.duplicate_name", $"Conflicting resource provider uuid: {Id} already exists.");
        var root = parent is { } above ? (await GrainFactory.GetGrain<IResourceProviderGrain>(above).Get()).RootId : Id;
        return await Write(New(name) with { ParentId = parent, RootId = root });
    }

    public async Task<ProviderView> Ensure(string name, IReadOnlyDictionary<string, Inventory> inventories, IReadOnlyList<string> traits)
    {
        var state = record.RecordExists ? record.State : New(name);
        var foreign = state.Inventories.Where(entry => !NodeResources.Classes.Contains(entry.Key));
        var wanted = foreign.Concat(inventories).ToDictionary(StringComparer.Ordinal);
        string[] all = [.. state.Traits.Where(static trait => trait.StartsWith("CUSTOM_", StringComparison.Ordinal)).Union(traits).Order(
            StringComparer.Ordinal)];
        // While a change is promised the inventories stay; the node says again what it has.
        if (record.RecordExists && ((all.SequenceEqual(state.Traits) && Same(wanted, state.Inventories)) || state.Pending is not null))
            return state.ToView();
        return await Write(state.WithInventories(wanted, time.GetUtcNow()) with { Traits = all });
    }

    public Task<ProviderView> Get() => Task.FromResult(Existing().ToView());

    public async Task<ProviderView> Rename(string name, ResourceProviderId? parent)
    {
        var state = Existing();
        if (parent != state.ParentId && state.ParentId is not null)
            throw Fault.BadRequest("re-parenting a provider is not currently allowed.");
        var root = parent is { } above ? (await GrainFactory.GetGrain<IResourceProviderGrain>(above).Get()).RootId : state.Id;
        return await Write(state with { Name = name, ParentId = parent, RootId = root, UpdatedAt = time.GetUtcNow() });
    }

    public Task<ProviderView> SetInventories(long generation, IReadOnlyDictionary<string, Inventory> inventories) =>
        Write(Existing(generation).WithInventories(inventories, time.GetUtcNow()));

    public Task<ProviderView> SetTraits(long generation, IReadOnlyList<string> traits) =>
        Write((Existing(generation) with { Traits = traits }).Changed(time.GetUtcNow()));

    public Task<ProviderView> SetAggregates(long? generation, IReadOnlyList<string> aggregates) =>
        Write((Existing(generation) with { Aggregates = aggregates }).Changed(time.GetUtcNow()));

    public async Task<ClaimAnswer> Claim(string consumer, Allocation allocation, long? generation)
    {
        var state = Existing(generation);
        if (Holds(state, consumer, allocation))
            return new(true, state.ToView());
        return state.Hold(consumer, allocation, time.GetUtcNow()) is { } next
            ? new(true, await Write(next))
            : new(false, state.ToView(), state.Refusal(consumer, allocation));
    }

    public Task Prepare(ProviderChange change) => Change(Existing().Prepare(change, time.GetUtcNow()));

    public async Task<ProviderView?> Commit(string changeId)
    {
        // It may be gone when this comes a second time.
        if (!record.RecordExists)
            return null;
        await Change(Existing().Commit(changeId, time.GetUtcNow()));
        return record.State.ToView();
    }

    public Task Abort(string changeId) =>
        record.RecordExists ? Change(record.State.Abort(changeId, time.GetUtcNow())) : Task.CompletedTask;

    public Task<IReadOnlyDictionary<string, Allocation>> Allocations() => Task.FromResult(Existing().Allocations);

    public async Task Delete()
    {
        if (Existing() is { Allocations.Count: > 0 } or { Pending: not null })
            throw Fault.Conflict("placement.resource_provider.inuse",
                $"Unable to delete resource provider {Id}: Resource provider has allocations.");
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static bool Holds(ProviderState state, string consumer, Allocation allocation) =>
        state.Allocations.TryGetValue(consumer, out var held)
            ? held.Resources.Count == allocation.Resources.Count
                && held.Resources.All(entry => allocation.Resources.TryGetValue(entry.Key, out var amount) && amount == entry.Value)
            : allocation.Resources.Count == 0;

    private static bool Same(IReadOnlyDictionary<string, Inventory> left, IReadOnlyDictionary<string, Inventory> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);

    private ProviderState New(string name)
    {
        var now = time.GetUtcNow();
        return new() { Id = Id, RootId = Id, Name = name, CreatedAt = now, UpdatedAt = now };
    }

    private ProviderState Existing(long? generation = null)
    {
        if (!record.RecordExists)
            throw Fault.NotFound($"No resource provider with uuid {Id} found : No resource provider with uuid {Id} found");
        if (generation is { } known && known != record.State.Generation)
            throw Fault.Conflict("placement.concurrent_update", "resource provider generation conflict");
        return record.State;
    }

    private async Task Change(ProviderState next)
    {
        if (!ReferenceEquals(next, record.State))
            await Write(next);
    }

    private async Task<ProviderView> Write(ProviderState next)
    {
        try
        {
            await record.Save(next);
        }
        catch (DuplicateKeyException)
        {
            throw Fault.Conflict("placement.duplicate_name", $"Conflicting resource provider name: {next.Name} already exists.");
        }

        return next.ToView();
    }
}
