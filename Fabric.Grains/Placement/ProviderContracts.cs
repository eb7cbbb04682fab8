using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>How much of one resource class a provider has (source: placement's <c>Inventory</c>).</summary>
[GenerateSerializer, Immutable, Alias("placement.inventory")]
public sealed record Inventory
{
    [Id(0)] public required long Total { get; init; }
    [Id(1)] public long Reserved { get; init; }
    [Id(2)] public long MinUnit { get; init; } = 1;
    [Id(3)] public long MaxUnit { get; init; } = int.MaxValue;
    [Id(4)] public long StepSize { get; init; } = 1;
    [Id(5)] public double AllocationRatio { get; init; } = 1.0;

    /// <summary>What may be used in all: what is not reserved, times the ratio, cut to a whole number.</summary>
    public long Capacity => (long)((Total - Reserved) * AllocationRatio);

    /// <summary>Whether so much more fits beside what is used, in a piece of this size.</summary>
    public bool Fits(long used, long amount) => Allows(amount) && used + amount <= Capacity;

    /// <summary>Whether a piece may have this size.</summary>
    public bool Allows(long amount) => amount >= MinUnit && amount <= MaxUnit && amount % StepSize == 0;
}

/// <summary>What one consumer holds of one provider.</summary>
[GenerateSerializer, Immutable, Alias("placement.allocation")]
public sealed record Allocation
{
    /// <summary>Amount by resource class.</summary>
    [Id(0)] public required IReadOnlyDictionary<string, long> Resources { get; init; }
    [Id(1)] public required ProjectId ProjectId { get; init; }
    [Id(2)] public required UserId UserId { get; init; }
}

/// <summary>One resource provider as others see it.</summary>
[GenerateSerializer, Immutable, Alias("placement.provider")]
public sealed record ProviderView
{
    [Id(0)] public required ResourceProviderId Id { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary>One more for each change; whoever changes something names the one it knows.</summary>
    [Id(2)] public required long Generation { get; init; }
    [Id(3)] public ResourceProviderId? ParentId { get; init; }
    [Id(4)] public required ResourceProviderId RootId { get; init; }
    [Id(5)] public IReadOnlyDictionary<string, Inventory> Inventories { get; init; } = new Dictionary<string, Inventory>();

    /// <summary>Amount held by resource class; a class that nobody holds is not named.</summary>
    [Id(6)] public IReadOnlyDictionary<string, long> Used { get; init; } = new Dictionary<string, long>();
    [Id(7)] public IReadOnlyList<string> Traits { get; init; } = [];
    [Id(8)] public IReadOnlyList<string> Aggregates { get; init; } = [];
    [Id(9)] public required DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A provider's answer to a claim.</summary>
/// <param name="Taken">Whether the consumer now holds it.</param>
/// <param name="Provider">The provider after the claim, so that the asker's picture is fresh either way.</param>
/// <param name="Refusal">Why it was not taken, in placement's words.</param>
[GenerateSerializer, Immutable, Alias("placement.claim-answer")]
public sealed record ClaimAnswer(
    [property: Id(0)] bool Taken, [property: Id(1)] ProviderView Provider, [property: Id(2)] string? Refusal = null);

/// <summary>One provider's part in a change of several: what consumers shall hold of it, and maybe its inventories.</summary>
[GenerateSerializer, Immutable, Alias("placement.provider-change")]
public sealed record ProviderChange
{
    /// <summary>The whole change, of which this is a part.</summary>
    [Id(0)] public string ChangeId { get; init; } = "";

    /// <summary>By consumer; one that is to hold nothing has an empty allocation. Consumers not named keep what they have.</summary>
    [Id(1)] public IReadOnlyDictionary<string, Allocation> Allocations { get; init; } = new Dictionary<string, Allocation>();

    /// <summary>All its inventories; null to leave them.</summary>
    [Id(2)] public IReadOnlyDictionary<string, Inventory>? Inventories { get; init; }

    /// <summary>The generation the inventories are for.</summary>
    [Id(3)] public long? Generation { get; init; }
}

/// <summary>One resource provider: the only one who decides what is held of it. Every change is durable before its call returns.
/// All but <see cref="Ensure"/> throw a not-found <see cref="Fault"/> for a provider that does not exist.</summary>
[Alias("placement.resource-provider")]
public interface IResourceProviderGrain : IGrainWithStringKey
{
    /// <summary>Makes the provider. Throws a conflict when the id or the name is in use.</summary>
    [Alias("Create")]
    Task<ProviderView> Create(string name, ResourceProviderId? parent);

    /// <summary>A node's own provider, with these inventories and traits; custom traits and other classes of others stay. Creates it when
    /// needed.</summary>
    [Alias("Ensure")]
    Task<ProviderView> Ensure(string name, IReadOnlyDictionary<string, Inventory> inventories, IReadOnlyList<string> traits);

    [Alias("Get"), ReadOnly]
    Task<ProviderView> Get();

    /// <summary>Changes the name.</summary>
    [Alias("Rename")]
    Task<ProviderView> Rename(string name, ResourceProviderId? parent);

    /// <summary>Replaces all inventories. Conflict when the generation is another one, or when something held would lose its
    /// class.</summary>
    [Alias("SetInventories")]
    Task<ProviderView> SetInventories(long generation, IReadOnlyDictionary<string, Inventory> inventories);

    /// <summary>Replaces all traits. Conflict when the generation is another one.</summary>
    [Alias("SetTraits")]
    Task<ProviderView> SetTraits(long generation, IReadOnlyList<string> traits);

    /// <summary>Replaces all aggregates; the generation counts only when given (1.19).</summary>
    [Alias("SetAggregates")]
    Task<ProviderView> SetAggregates(long? generation, IReadOnlyList<string> aggregates);

    /// <summary>The consumer shall hold exactly this here, or nothing when it is empty. Not taken when it does not fit; twice is
    /// once.</summary>
    [Alias("Claim")]
    Task<ClaimAnswer> Claim(string consumer, Allocation allocation, long? generation);

    /// <summary>Promises a change: when this returns, <see cref="Commit"/> will do it, and whatever is claimed meanwhile fits both before
    /// and after it. Twice is once.</summary>
    /// <exception cref="Fault">Conflict: it does not fit, or the provider has promised another one.</exception>
    [Alias("Prepare")]
    Task Prepare(ProviderChange change);

    /// <summary>Does what was promised; nothing when it was done. Null when the provider is gone since.</summary>
    [Alias("Commit")]
    Task<ProviderView?> Commit(string changeId);

    /// <summary>Takes the promise back; nothing when there is none.</summary>
    [Alias("Abort")]
    Task Abort(string changeId);

    /// <summary>What each consumer holds.</summary>
    [Alias("Allocations"), ReadOnly]
    Task<IReadOnlyDictionary<string, Allocation>> Allocations();

    /// <summary>Removes the provider; a conflict while anybody holds something of it.</summary>
    [Alias("Delete")]
    Task Delete();
}

/// <summary>What a consumer holds in all.</summary>
[GenerateSerializer, Immutable, Alias("placement.consumer-view")]
public sealed record ConsumerView
{
    /// <summary>Null: it holds nothing and does not exist.</summary>
    [Id(0)] public long? Generation { get; init; }
    [Id(1)] public ProjectId? ProjectId { get; init; }
    [Id(2)] public UserId? UserId { get; init; }

    /// <summary>By provider.</summary>
    [Id(3)] public IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> Allocations { get; init; } =
        new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>>();
    [Id(4)] public string? ConsumerType { get; init; }

    /// <summary>Of what is wanted: whatever the generation is, as clients from before 1.28 mean it.</summary>
    [Id(5)] public bool AnyGeneration { get; init; }
}

/// <summary>One consumer (a server): remembers where it holds something, before it holds it, so that nothing held is ever
/// forgotten.</summary>
[Alias("placement.consumer")]
public interface IConsumerGrain : IGrainWithStringKey
{
    /// <summary>See <see cref="IScheduling.Claim"/>.</summary>
    [Alias("Claim")]
    Task<NodeClaim> Claim(ResourceRequest request);

    /// <summary>See <see cref="IScheduling.Release"/>.</summary>
    [Alias("Release")]
    Task Release();

    [Alias("Get"), ReadOnly]
    Task<ConsumerView> Get();

    /// <summary>Replaces all that the consumer holds. Conflict when the generation is another one or it does not fit: then nothing
    /// changed.</summary>
    [Alias("Set")]
    Task Set(ConsumerView wanted);

    /// <summary>Promises that the consumer will hold what is wanted; until then nothing else changes it. Twice is once.</summary>
    /// <returns>What it holds now.</returns>
    /// <exception cref="Fault">Conflict: the generation is another one, or something else is changing it.</exception>
    [Alias("Prepare")]
    Task<ConsumerView> Prepare(string changeId, ConsumerView wanted);

    /// <summary>The providers did their part: it holds what was promised. Nothing when it was done.</summary>
    [Alias("Commit")]
    Task Commit(string changeId);

    /// <summary>Takes the promise back; nothing when there is none.</summary>
    [Alias("Abort")]
    Task Abort(string changeId);
}
