using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A service of the catalog.</summary>
[GenerateSerializer, Immutable, Alias("identity.service")]
public sealed record ServiceState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Type { get; init; }
    [Id(2)] public string? Name { get; init; }
    [Id(3)] public string? Description { get; init; }
    [Id(4)] public bool Enabled { get; init; } = true;

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(5)] public string? Extra { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Name, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt, Refs = [new("type", Type)] };
}

/// <summary>An address of a service.</summary>
[GenerateSerializer, Immutable, Alias("identity.endpoint")]
public sealed record EndpointState : IIndexedRecord
{
    /// <summary>Stands in <see cref="Url"/> for the cloud's own address, which is where the client reached it unless the operator set
    /// one.</summary>
    public const string OwnAddress = "$(public_url)s";

    [Id(0)] public required string Id { get; init; }

    /// <summary><c>public</c>, <c>internal</c> or <c>admin</c>.</summary>
    [Id(1)] public required string Interface { get; init; }
    [Id(2)] public required string ServiceId { get; init; }
    [Id(3)] public string? RegionId { get; init; }

    /// <summary>May hold <see cref="OwnAddress"/> and <c>$(project_id)s</c>.</summary>
    [Id(4)] public required string Url { get; init; }
    [Id(5)] public bool Enabled { get; init; } = true;

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(6)] public string? Extra { get; init; }
    [Id(7)] public DateTimeOffset CreatedAt { get; init; }
    [Id(8)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Interface,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = RegionId is { } region ? [new("service", ServiceId), new("region", region)] : [new("service", ServiceId)],
    };
}

/// <summary>A part of the cloud with endpoints of its own.</summary>
[GenerateSerializer, Immutable, Alias("identity.region")]
public sealed record RegionState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public string Description { get; init; } = "";
    [Id(2)] public string? ParentRegionId { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(3)] public string? Extra { get; init; }
    [Id(4)] public DateTimeOffset CreatedAt { get; init; }
    [Id(5)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Id,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = ParentRegionId is { } parent ? [new("parent", parent)] : [],
        UniqueKeys = ["region/" + Id.ToLowerInvariant()],
    };
}
