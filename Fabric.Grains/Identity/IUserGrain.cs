using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One user. Its key is the user's id. Passwords come hashed: hashing is slow on purpose and has no place in a grain's
/// turn.</summary>
[Alias("identity.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Makes the user. Durable when it returns; a conflict when the name is taken in the user domain, or the user is there
    /// already.</summary>
    Task<UserState> Create(NewUser user);

    /// <summary>Changes the user. Durable when it returns; not found, or a conflict when the new name is taken.</summary>
    Task<UserState> Update(UserChange change);

    /// <summary>Replaces the password if it is still <paramref name="expected"/>, the one that the caller proved to know; voids all
    /// tokens.</summary>
    Task ChangePassword(PasswordHash expected, PasswordHash next);

    /// <summary>The project is no longer the user's default; nothing when it was not.</summary>
    Task LeaveProject(ProjectId project);

    /// <summary>An identity provider, or one of its protocols, is no more: nobody knows the user by it any longer. Nothing when nobody did.
    /// </summary>
    Task Unlink(string providerId, string? protocolId);

    /// <summary>Removes the user; not found when there is none.</summary>
    Task Delete();
}

/// <summary>A user to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newuser")]
public sealed record NewUser
{
    [Id(0)] public required UserId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }
    [Id(3)] public bool Enabled { get; init; } = true;
    [Id(4)] public ProjectId? DefaultProjectId { get; init; }
    [Id(6)] public PasswordHash? Password { get; init; }
    [Id(7)] public string? Extra { get; init; }
    [Id(8)] public string? Options { get; init; }

    /// <summary>For the shadow of a user whom an identity provider knows: as whom.</summary>
    [Id(40)] public Federation.FederatedIdentity? Shadow { get; init; }

    /// <summary>As whom identity providers know the user; null when there is nothing to say but what <see cref="Shadow"/> does.</summary>
    [Id(41)] public IReadOnlyList<Federation.FederatedIdentity>? FederatedAs { get; init; }
}

/// <summary>What to change of a user; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.userchange")]
public sealed record UserChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public bool? Enabled { get; init; }
    [Id(2)] public ProjectId? DefaultProjectId { get; init; }
    [Id(3)] public bool ClearDefaultProject { get; init; }
    [Id(5)] public PasswordHash? Password { get; init; }
    [Id(6)] public string? Extra { get; init; }

    /// <summary>See <see cref="ResourceOptions.Merge"/>.</summary>
    [Id(7)] public string? Options { get; init; }

    /// <summary>As whom identity providers know the user from now on; null leaves as it is.</summary>
    [Id(8)] public IReadOnlyList<Federation.FederatedIdentity>? FederatedAs { get; init; }

    /// <summary>The user cannot log in with a password any more.</summary>
    [Id(9)] public bool ClearPassword { get; init; }
}
