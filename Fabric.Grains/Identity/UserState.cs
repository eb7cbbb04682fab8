using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Federated = Fabric.Grains.Identity.Federation.FederatedIdentity;

namespace Fabric.Grains.Identity;

/// <summary>A password as it is kept: PBKDF2, salted. A type of its own so that printing a record never prints it.</summary>
[GenerateSerializer, Immutable, Alias("identity.passwordhash")]
public readonly record struct PasswordHash([property: Id(0)] string Text)
{
    /// <inheritdoc/>
    public override string ToString() => "(hidden)";
}

/// <summary>A user's record.</summary>
[GenerateSerializer, Immutable, Alias("identity.user")]
public sealed record UserState : IIndexedRecord
{
    [Id(0)] public required UserId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }
    [Id(3)] public bool Enabled { get; init; } = true;
    [Id(4)] public ProjectId? DefaultProjectId { get; init; }
    [Id(5)] public string? Description { get; init; }

    /// <summary>Null for a user who cannot log in with a password.</summary>
    [Id(6)] public PasswordHash? Password { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(7)] public string? Extra { get; init; }

    /// <summary>Tokens issued before this time are void: it is when the password last changed or the user was disabled.</summary>
    [Id(8)] public DateTimeOffset TokensNotBefore { get; init; }
    [Id(9)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(10)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>See <see cref="ResourceOptions"/>.</summary>
    [Id(11)] public string? Options { get; init; }

    /// <summary>When the password was set.</summary>
    [Id(12)] public DateTimeOffset PasswordCreatedAt { get; init; }

    /// <summary>From when on the password is good for nothing but changing it; null for never.</summary>
    [Id(13)] public DateTimeOffset? PasswordExpiresAt { get; init; }

    /// <summary>Whether the user chose the password, rather than an administrator.</summary>
    [Id(14)] public bool PasswordBySelf { get; init; }

    /// <summary>Earlier passwords, the last one last: as many as must not come again.</summary>
    [Id(15)] public IReadOnlyList<PasswordHash> PasswordHistory { get; init; } = [];

    /// <summary>As whom an identity provider knows the user whose shadow this is; null for a user of the cloud's own. Names of shadows
    /// are the provider's matter, and need not differ.</summary>
    [Id(40)] public Federation.FederatedIdentity? Shadow { get; init; }

    /// <summary>As whom identity providers know the user, who may be one of the cloud's own; null in a record that was written before
    /// there were any but shadows.</summary>
    [Id(41)] public IReadOnlyList<Federated>? FederatedAs { get; init; }

    /// <summary>As whom identity providers know the user.</summary>
    public IReadOnlyList<Federated> Links => FederatedAs ?? (Shadow is { } shadow ? [shadow] : []);

    /// <summary>The key that keeps names unique in a user domain, without regard to case.</summary>
    public static string NameKey(UserDomainId domain, string name) => $"user/{domain}/{name.ToLowerInvariant()}";

    /// <summary>The record of a new user, still without a password.</summary>
    public static UserState Create(NewUser user, DateTimeOffset now) => new()
    {
        Id = user.Id,
        Name = user.Name,
        DomainId = user.DomainId,
        Enabled = user.Enabled,
        DefaultProjectId = user.DefaultProjectId,
        Extra = user.Extra,
        Shadow = user.Shadow,
        FederatedAs = user.FederatedAs ?? (user.Shadow is { } shadow ? [shadow] : null),
        Options = ResourceOptions.Merge(null, user.Options),
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>The record with an administrator's changes, but for the password. Disabling voids all tokens.</summary>
    public UserState Apply(UserChange change, DateTimeOffset now)
    {
        var voids = Enabled && change.Enabled == false;
        return this with
        {
            Name = change.Name ?? Name,
            Enabled = change.Enabled ?? Enabled,
            DefaultProjectId = change.ClearDefaultProject ? null : change.DefaultProjectId ?? DefaultProjectId,
            Extra = ExtraAttributes.Merge(Extra, change.Extra),
            Options = ResourceOptions.Merge(Options, change.Options),
            FederatedAs = change.FederatedAs ?? FederatedAs,
            TokensNotBefore = voids ? now : TokensNotBefore,
            UpdatedAt = now,
        };
    }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Name,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            new("domain", DomainId.Text),
            .. DefaultProjectId is { } project ? [new ResourceRef("project", project.Text)] : Array.Empty<ResourceRef>(),
            .. Links.SelectMany(static link => link.ToRefs()).Distinct(),
        ],
        UniqueKeys = [.. Shadow is null ? [NameKey(DomainId, Name)] : FederatedAs is null ? [Shadow.Key(DomainId)] : Array.Empty<string>(),
            .. Links.Select(static link => link.LinkKey).Distinct()],
    };
}
