using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>What a token of an application credential may ask: a method and a path of one service.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Service">OpenStack's service type.</param>
/// <param name="Method">An HTTP method.</param>
/// <param name="Path">A path with <c>{names}</c>, <c>*</c> for one segment and <c>**</c> for any rest.</param>
[GenerateSerializer, Immutable, Alias("identity.accessrule")]
public sealed record AccessRule(
    [property: Id(0)] string Id, [property: Id(1)] string Service, [property: Id(2)] string Method, [property: Id(3)] string Path);

/// <summary>An access rule of a user, which any number of application credentials refer to.</summary>
[GenerateSerializer, Immutable, Alias("identity.accessrulestate")]
public sealed record AccessRuleState : IIndexedRecord
{
    [Id(0)] public required AccessRule Rule { get; init; }
    [Id(1)] public required UserId UserId { get; init; }
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The key that keeps a user's rules different.</summary>
    public static string NameKey(UserId user, string service, string method, string path) =>
        $"access_rule/{user}/{service}/{method}/{path}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = CreatedAt,
        Refs = [new("user", UserId.Text)],
        UniqueKeys = [NameKey(UserId, Rule.Service, Rule.Method, Rule.Path)],
    };
}

/// <summary>A secret of its own with which a user's application logs in, for one project, with some of the user's roles.</summary>
[GenerateSerializer, Immutable, Alias("identity.appcredential")]
public sealed record AppCredentialState : IIndexedRecord
{
    /// <summary>Name of the references to access rules.</summary>
    public const string RuleRef = "rule";

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public string? Description { get; init; }
    [Id(3)] public required UserId UserId { get; init; }
    [Id(4)] public required ProjectId ProjectId { get; init; }
    [Id(5)] public required PasswordHash Secret { get; init; }
    [Id(6)] public IReadOnlyList<RoleId> Roles { get; init; } = [];
    [Id(7)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether its tokens may make other application credentials and trusts.</summary>
    [Id(8)] public bool Unrestricted { get; init; }

    /// <summary>Null when its tokens may ask anything.</summary>
    [Id(9)] public IReadOnlyList<AccessRule>? AccessRules { get; init; }
    [Id(10)] public DateTimeOffset CreatedAt { get; init; }
    [Id(11)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Whether its maker said that it is restricted, rather than nothing of it.</summary>
    [Id(12)] public bool SaysRestricted { get; init; }

    /// <summary>The key that keeps names unique among a user's.</summary>
    public static string NameKey(UserId user, string name) => $"app_credential/{user}/{name.ToLowerInvariant()}";

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            new("user", UserId.Text),
            .. Roles.Select(static role => new ResourceRef("role", role.Text)),
            .. (AccessRules ?? []).Select(static rule => new ResourceRef(RuleRef, rule.Id)),
        ],
        UniqueKeys = [NameKey(UserId, Name)],
    };
}
