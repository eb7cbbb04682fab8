using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A role's record.</summary>
[GenerateSerializer, Immutable, Alias("identity.role")]
public sealed record RoleState : IIndexedRecord
{
    [Id(0)] public required RoleId Id { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary>The user domain whose projects alone can use it; null for a role of the whole cloud.</summary>
    [Id(2)] public UserDomainId? DomainId { get; init; }
    [Id(3)] public string? Description { get; init; }

    /// <summary>The roles that who has this one has too.</summary>
    [Id(4)] public IReadOnlyList<RoleId> Implies { get; init; } = [];

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(5)] public string? Extra { get; init; }
    [Id(6)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>See <see cref="ResourceOptions"/>.</summary>
    [Id(8)] public string? Options { get; init; }

    /// <summary>The key that keeps names unique, without regard to case.</summary>
    public static string NameKey(UserDomainId? domain, string name) => $"role/{domain?.Text}/{name.ToLowerInvariant()}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [.. Implies.Select(static implied => new ResourceRef("implies", implied.Text))],
        UniqueKeys = [NameKey(DomainId, Name)],
    };
}
