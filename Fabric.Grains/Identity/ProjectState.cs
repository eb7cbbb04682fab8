using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A project's record. Projects form a tree inside a user domain.</summary>
[GenerateSerializer, Immutable, Alias("identity.project")]
public sealed record ProjectState : IIndexedRecord
{
    [Id(0)] public required ProjectId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }

    /// <summary>The project above; null at the top, where the user domain stands above.</summary>
    [Id(3)] public ProjectId? ParentId { get; init; }
    [Id(4)] public bool Enabled { get; init; } = true;
    [Id(5)] public string? Description { get; init; }
    [Id(6)] public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(7)] public string? Extra { get; init; }

    [Id(9)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(10)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>See <see cref="ResourceOptions"/>.</summary>
    [Id(11)] public string? Options { get; init; }

    /// <summary>What stands above it: a project's id, or its user domain's.</summary>
    public string ParentText => ParentId?.Text ?? DomainId.Text;

    /// <summary>The key that keeps names unique in a user domain, without regard to case.</summary>
    public static string NameKey(UserDomainId domain, string name) => $"project/{domain}/{name.ToLowerInvariant()}";

    /// <summary>The record with changes. Tokens scoped to it are good for nothing while it is disabled, and good again
    /// afterwards.</summary>
    public ProjectState Apply(ProjectChange change, DateTimeOffset now) => this with
    {
        Name = change.Name ?? Name,
        Enabled = change.Enabled ?? Enabled,
        Description = change.ClearDescription ? null : change.Description ?? Description,
        Tags = change.Tags is null ? Tags : ProjectTags.Ordered(change.Tags),
        Extra = ExtraAttributes.Merge(Extra, change.Extra),
        Options = ResourceOptions.Merge(Options, change.Options),
        UpdatedAt = now,
    };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("domain", DomainId.Text), new("parent", ParentText)],
        UniqueKeys = [NameKey(DomainId, Name)],
    };
}
