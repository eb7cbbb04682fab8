using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>What a resource is limited to where no limit of its own says otherwise.</summary>
[GenerateSerializer, Immutable, Alias("identity.registeredlimit")]
public sealed record RegisteredLimitState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string ServiceId { get; init; }
    [Id(2)] public string? RegionId { get; init; }
    [Id(3)] public required string ResourceName { get; init; }
    [Id(4)] public required int DefaultLimit { get; init; }
    [Id(5)] public string? Description { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Made together with others, of which one may still be refused: nobody sees it yet.</summary>
    [Id(8)] public bool Pending { get; init; }

    /// <summary>How often a limit was told that it may stand on this one. Each time is a write, so that it comes either before a change or
    /// the end of this one, which then sees the limit, or after it, and is refused.</summary>
    [Id(9)] public int Supported { get; init; }

    /// <summary>The key that keeps one for each resource of a service in a region, without regard to case.</summary>
    public static string Key(string service, string? region, string resource) =>
        $"registered_limit/{service}/{region}/{resource}".ToLowerInvariant();

    /// <summary>Whether it is the one for that resource.</summary>
    public bool IsFor(string service, string? region, string resource) =>
        Key(service, region, resource) == Key(ServiceId, RegionId, ResourceName);

    /// <summary>The record with a change.</summary>
    public RegisteredLimitState Apply(RegisteredLimitChange change, DateTimeOffset now) => this with
    {
        ServiceId = change.ServiceId ?? ServiceId,
        RegionId = change.NamesRegion ? change.RegionId : RegionId,
        ResourceName = change.ResourceName ?? ResourceName,
        DefaultLimit = change.DefaultLimit ?? DefaultLimit,
        Description = change.NamesDescription ? change.Description : Description,
        UpdatedAt = now,
    };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = ResourceName,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("service", ServiceId)],
        UniqueKeys = [Key(ServiceId, RegionId, ResourceName)],
    };
}

/// <summary>What a resource is limited to for one project or one user domain.</summary>
[GenerateSerializer, Immutable, Alias("identity.limit")]
public sealed record LimitState : IIndexedRecord
{
    /// <summary>Name of the reference to the registered limit.</summary>
    public const string RegisteredRef = "registered";

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string RegisteredLimitId { get; init; }

    /// <summary>The project, or null for a user domain's limit.</summary>
    [Id(2)] public string? ProjectId { get; init; }
    [Id(3)] public string? DomainId { get; init; }
    [Id(4)] public required string ServiceId { get; init; }
    [Id(5)] public string? RegionId { get; init; }
    [Id(6)] public required string ResourceName { get; init; }
    [Id(7)] public required int ResourceLimit { get; init; }
    [Id(8)] public string? Description { get; init; }
    [Id(9)] public DateTimeOffset CreatedAt { get; init; }
    [Id(10)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Made together with others, of which one may still be refused: nobody sees it yet.</summary>
    [Id(11)] public bool Pending { get; init; }

    /// <summary>The key that keeps one for each project or user domain.</summary>
    public static string Key(string registered, string? project, string? domain) =>
        $"limit/{registered}/{(project is null ? "domain:" + domain : "project:" + project)}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = ResourceName,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            new(RegisteredRef, RegisteredLimitId),
            ProjectId is { } project ? new ResourceRef("project", project) : new("domain", DomainId!),
        ],
        UniqueKeys = [Key(RegisteredLimitId, ProjectId, DomainId)],
    };
}
