using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A user domain's record. On the wire it is also a project that acts as a domain.</summary>
[GenerateSerializer, Immutable, Alias("identity.userdomain")]
public sealed record UserDomainState : IIndexedRecord
{
    /// <summary>The user domain of those who name none.</summary>
    public static readonly UserDomainId Default = new("default");

    [Id(0)] public required UserDomainId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public bool Enabled { get; init; } = true;
    [Id(3)] public string? Description { get; init; }
    [Id(4)] public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(5)] public string? Extra { get; init; }

    [Id(7)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(8)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>See <see cref="ResourceOptions"/>.</summary>
    [Id(9)] public string? Options { get; init; }

    /// <summary>The key that keeps names unique, without regard to case.</summary>
    public static string NameKey(string name) => $"user_domain/{name.ToLowerInvariant()}";

    /// <summary>The record with changes. Tokens of its users and for its projects are good for nothing while it is disabled, and good
    /// again afterwards.</summary>
    public UserDomainState Apply(ProjectChange change, DateTimeOffset now) => this with
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
        UniqueKeys = [NameKey(Name)],
    };
}
