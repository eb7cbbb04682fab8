using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>The record of one resource provider, and what may become of it.</summary>
[GenerateSerializer, Immutable, Alias("placement.provider-state")]
public sealed record ProviderState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "resource-provider";

    [Id(0)] public ResourceProviderId Id { get; init; }
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public long Generation { get; init; }
    [Id(3)] public ResourceProviderId? ParentId { get; init; }
    [Id(4)] public ResourceProviderId RootId { get; init; }
    [Id(5)] public IReadOnlyDictionary<string, Inventory> Inventories { get; init; } = new Dictionary<string, Inventory>();
    [Id(6)] public IReadOnlyDictionary<string, Allocation> Allocations { get; init; } = new Dictionary<string, Allocation>();
    [Id(7)] public IReadOnlyList<string> Traits { get; init; } = [];
    [Id(8)] public IReadOnlyList<string> Aggregates { get; init; } = [];
    [Id(9)] public DateTimeOffset CreatedAt { get; init; }
    [Id(10)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Amount held by resource class.</summary>
    public Dictionary<string, long> Used()
    {
        var used = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var allocation in Allocations.Values)
        {
            foreach (var (name, amount) in allocation.Resources)
                used[name] = used.GetValueOrDefault(name) + amount;
        }

        return used;
    }

    /// <summary>The consumer holds exactly this, or nothing when it is empty; null when it does not fit.</summary>
    public ProviderState? Hold(string consumer, Allocation allocation, DateTimeOffset now)
    {
        var others = this with { Allocations = Allocations.Where(held => held.Key != consumer).ToDictionary(StringComparer.Ordinal) };
        var used = others.Used();
        foreach (var (name, amount) in allocation.Resources)
        {
            if (!Inventories.TryGetValue(name, out var inventory) || !inventory.Fits(used.GetValueOrDefault(name), amount))
                return null;
        }

        if (allocation.Resources.Count == 0)
            return others.Changed(now);
        var held = new Dictionary<string, Allocation>(others.Allocations, StringComparer.Ordinal) { [consumer] = allocation };
        return (others with { Allocations = held }).Changed(now);
    }

    /// <summary>Other inventories. A class that somebody holds cannot go.</summary>
    public ProviderState WithInventories(IReadOnlyDictionary<string, Inventory> inventories, DateTimeOffset now)
    {
        var lost = Used().Keys.FirstOrDefault(name => !inventories.ContainsKey(name));
        if (lost is not null)
        {
            throw Fault.Conflict("placement.inventory.inuse",
                $"Inventory for '{lost}' on resource provider '{Id}' in use.");
        }

        return (this with { Inventories = inventories }).Changed(now);
    }

    /// <summary>One generation on.</summary>
    public ProviderState Changed(DateTimeOffset now) => this with { Generation = Generation + 1, UpdatedAt = now };

    /// <summary>As others see it.</summary>
    public ProviderView ToView() => new()
    {
        Id = Id,
        Name = Name,
        Generation = Generation,
        ParentId = ParentId,
        RootId = RootId,
        Inventories = Inventories,
        Used = Used(),
        Traits = Traits,
        Aggregates = Aggregates,
        UpdatedAt = UpdatedAt,
    };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        UniqueKeys = ["resource-provider/" + Name],
        Refs = [new("root", RootId.Text), .. Aggregates.Select(static aggregate => new ResourceRef("aggregate", aggregate))],
    };
}

/// <summary>The record of one consumer.</summary>
[GenerateSerializer, Immutable, Alias("placement.consumer-state")]
public sealed record ConsumerState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "consumer";

    [Id(0)] public long Generation { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public UserId UserId { get; init; }

    /// <summary>Providers that may hold something for this consumer: named here before they are asked.</summary>
    [Id(3)] public IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> Allocations { get; init; } =
        new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>>();

    /// <summary>The node a claim settled on; null while one is being sought.</summary>
    [Id(4)] public NodeClaim? Claim { get; init; }
    [Id(5)] public string? ConsumerType { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [.. Allocations.Keys.Select(static provider => new ResourceRef("provider", provider.Text))],
    };
}
