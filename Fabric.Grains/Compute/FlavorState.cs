using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>A shape of servers.</summary>
[GenerateSerializer, Immutable, Alias("compute.flavor-state")]
public sealed record FlavorState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "flavor";

    /// <summary>Chosen by who made it, else a UUID.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required int Vcpus { get; init; }
    [Id(3)] public required int MemoryMiB { get; init; }
    [Id(4)] public required int RootGiB { get; init; }
    [Id(5)] public int EphemeralGiB { get; init; }
    [Id(6)] public int SwapMiB { get; init; }
    [Id(7)] public double RxtxFactor { get; init; } = 1.0;
    [Id(8)] public bool IsPublic { get; init; } = true;
    [Id(9)] public bool Disabled { get; init; }
    [Id(10)] public string? Description { get; init; }
    [Id(11)] public IReadOnlyDictionary<string, string> ExtraSpecs { get; init; } = Empty.Strings;

    /// <summary>Who may use it when it is not public.</summary>
    [Id(12)] public IReadOnlyList<ProjectId> Projects { get; init; } = [];
    [Id(13)] public DateTimeOffset CreatedAt { get; init; }
    [Id(14)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether servers of the project may be made of it.</summary>
    public bool IsUsableBy(ProjectId? project) => IsPublic || (project is { } id && Projects.Contains(id));

    /// <summary>What a server keeps of it.</summary>
    public InstanceFlavor ForInstance() => new()
    {
        Id = Id,
        Name = Name,
        Vcpus = Vcpus,
        MemoryMiB = MemoryMiB,
        RootGiB = RootGiB,
        EphemeralGiB = EphemeralGiB,
        SwapMiB = SwapMiB,
        ExtraSpecs = ExtraSpecs,
    };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        UniqueKeys = ["flavor/" + Name],
    };
}
