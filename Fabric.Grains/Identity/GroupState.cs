using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A group's record. Who is in it stands in records of their own, so that a large group is no large record.</summary>
[GenerateSerializer, Immutable, Alias("identity.group")]
public sealed record GroupState : IIndexedRecord
{
    [Id(0)] public required GroupId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }
    [Id(3)] public string? Description { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(4)] public string? Extra { get; init; }
    [Id(5)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(6)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The key that keeps names unique in a user domain, without regard to case.</summary>
    public static string NameKey(UserDomainId domain, string name) => $"group/{domain}/{name.ToLowerInvariant()}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("domain", DomainId.Text)],
        UniqueKeys = [NameKey(DomainId, Name)],
    };
}

/// <summary>That one user is in one group.</summary>
[GenerateSerializer, Immutable, Alias("identity.groupmember")]
public sealed record GroupMemberState : IIndexedRecord
{
    /// <summary>Name of the reference to the group.</summary>
    public const string GroupRef = "group";

    /// <summary>Name of the reference to the user.</summary>
    public const string UserRef = "user";

    [Id(0)] public required GroupId GroupId { get; init; }
    [Id(1)] public required UserId UserId { get; init; }
    [Id(2)] public required DateTimeOffset JoinedAt { get; init; }

    /// <summary>The grain's key.</summary>
    public static string Key(GroupId group, UserId user) => $"{group}/{user}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = JoinedAt,
        UpdatedAt = JoinedAt,
        Refs = [new(GroupRef, GroupId.Text), new(UserRef, UserId.Text)],
    };
}
