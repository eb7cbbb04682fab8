using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>The record of one resource provider, and what may become of it.</summary>
[GenerateSerializer, Immutable, Alias("placement.provider-state")]
public sealed partial record ProviderState : IIndexedRecord
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

    /// <summary>A change that was promised and not done yet.</summary>
    [Id(11)] public ProviderChange? Pending { get; init; }

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

    /// <summary>Other inventories. A class that somebody holds cannot go.</summary>
    public ProviderState WithInventories(IReadOnlyDictionary<string, Inventory> inventories, DateTimeOffset now)
    {
        RequireUnchanging();
        var next = this with { Inventories = inventories };
        next.RequireClassesInUse();
        return next.Changed(now);
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
