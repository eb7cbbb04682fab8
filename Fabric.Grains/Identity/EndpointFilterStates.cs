using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Endpoints that have something in common.</summary>
[GenerateSerializer, Immutable, Alias("identity.endpointgroup")]
public sealed record EndpointGroupState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public string? Description { get; init; }

    /// <summary>What the endpoints have in common; null for no matter.</summary>
    [Id(3)] public string? ServiceId { get; init; }
    [Id(4)] public string? RegionId { get; init; }
    [Id(5)] public string? Interface { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether an endpoint is in it.</summary>
    public bool Has(EndpointState endpoint) => (ServiceId is null || endpoint.ServiceId == ServiceId)
        && (RegionId is null || endpoint.RegionId == RegionId) && (Interface is null || endpoint.Interface == Interface);

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Name, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>That a project's catalog shows one endpoint, or those of one group of endpoints.</summary>
[GenerateSerializer, Immutable, Alias("identity.endpointlink")]
public sealed record EndpointLinkState : IIndexedRecord
{
    [Id(0)] public required string ProjectId { get; init; }
    [Id(1)] public string? EndpointId { get; init; }
    [Id(2)] public string? EndpointGroupId { get; init; }
    [Id(3)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The grain's key.</summary>
    public string Key => EndpointGroupId is { } group ? $"{ProjectId}/group/{group}" : $"{ProjectId}/endpoint/{EndpointId}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = CreatedAt,
        Refs = [new("project", ProjectId), EndpointGroupId is { } group ? new ResourceRef("group", group) : new("endpoint", EndpointId!)],
    };
}

/// <summary>A policy that a service may fetch: text that identity keeps and does not read.</summary>
[GenerateSerializer, Immutable, Alias("identity.policy")]
public sealed record PolicyState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Type { get; init; }
    [Id(2)] public required string Blob { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(3)] public string? Extra { get; init; }
    [Id(4)] public DateTimeOffset CreatedAt { get; init; }
    [Id(5)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Type, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>Which policy holds for an endpoint, a service, or a service in a region: one for each.</summary>
[GenerateSerializer, Immutable, Alias("identity.endpointpolicy")]
public sealed record EndpointPolicyState : IIndexedRecord
{
    [Id(0)] public required PolicyPlace Place { get; init; }
    [Id(1)] public required string PolicyId { get; init; }
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = CreatedAt,
        Refs =
        [
            new("policy", PolicyId),
            Place.EndpointId is { } endpoint ? new ResourceRef("endpoint", endpoint) : new("service", Place.ServiceId!),
            .. Place.RegionId is { } region ? (ResourceRef[])[new("region", region)] : [],
        ],
    };
}

/// <summary>What a policy holds for.</summary>
/// <param name="EndpointId">One endpoint, or null.</param>
/// <param name="ServiceId">One service, or null.</param>
/// <param name="RegionId">In one region and those below it; null for everywhere.</param>
[GenerateSerializer, Immutable, Alias("identity.policyplace")]
public readonly record struct PolicyPlace(
    [property: Id(0)] string? EndpointId, [property: Id(1)] string? ServiceId = null, [property: Id(2)] string? RegionId = null)
{
    /// <summary>The grain's key.</summary>
    public string Key => EndpointId is not null ? "endpoint/" + EndpointId
        : RegionId is not null ? $"service/{ServiceId}/{RegionId}" : "service/" + ServiceId;
}
