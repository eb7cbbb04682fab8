using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

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

    /// <summary>By which methods the user must prove itself: all that one of the entries lists, a line for each. Null for any
    /// method.</summary>
    [Id(20)] public IReadOnlyList<string>? MfaRules { get; init; }

    /// <summary>False when the rules do not count for now.</summary>
    [Id(21)] public bool? MfaEnabled { get; init; }

    /// <summary>The key that keeps names unique in a user domain, without regard to case.</summary>
    public static string NameKey(UserDomainId domain, string name) => $"user/{domain}/{name.ToLowerInvariant()}";

    /// <summary>The record of a new user.</summary>
    public static UserState Create(NewUser user, DateTimeOffset now) => new()
    {
        Id = user.Id,
        Name = user.Name,
        DomainId = user.DomainId,
        Enabled = user.Enabled,
        DefaultProjectId = user.DefaultProjectId,
        Description = user.Description,
        Password = user.Password,
        Extra = user.Extra,
        MfaRules = user.MfaRules,
        MfaEnabled = user.MfaEnabled,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>The record with an administrator's changes. Disabling and a new password void all tokens.</summary>
    public UserState Apply(UserChange change, DateTimeOffset now)
    {
        var voids = change.Password is not null || (Enabled && change.Enabled == false);
        return this with
        {
            Name = change.Name ?? Name,
            Enabled = change.Enabled ?? Enabled,
            DefaultProjectId = change.ClearDefaultProject ? null : change.DefaultProjectId ?? DefaultProjectId,
            Description = change.Description ?? Description,
            Password = change.Password ?? Password,
            Extra = ExtraAttributes.Merge(Extra, change.Extra),
            MfaRules = change.MfaRules ?? MfaRules,
            MfaEnabled = change.MfaEnabled ?? MfaEnabled,
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
        Refs = [new("domain", DomainId.Text)],
        UniqueKeys = [NameKey(DomainId, Name)],
    };
}
