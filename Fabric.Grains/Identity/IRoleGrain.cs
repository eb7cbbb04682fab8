using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One role, with the roles it implies. Its key is the role's id.</summary>
[Alias("identity.IRoleGrain")]
public interface IRoleGrain : IGrainWithStringKey
{
    /// <summary>Makes the role. Durable when it returns; a conflict when the name is taken.</summary>
    Task<RoleState> Create(NewRole role);

    /// <summary>Changes the role. Not found, forbidden when it is immutable, or a conflict when the new name is taken.</summary>
    Task<RoleState> Update(RoleChange change);

    /// <summary>From now on, who has this role has the other too. A conflict when it is so already.</summary>
    Task Imply(RoleId implied);

    /// <summary>Ends an implication; not found when there is none.</summary>
    Task StopImplying(RoleId implied);

    /// <summary>Removes the role; not found when there is none, forbidden when it is immutable.</summary>
    Task Delete();
}

/// <summary>A role to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newrole")]
public sealed record NewRole
{
    [Id(0)] public required RoleId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public UserDomainId? DomainId { get; init; }
    [Id(3)] public string? Description { get; init; }
    [Id(4)] public string? Extra { get; init; }
    [Id(5)] public string? Options { get; init; }
}

/// <summary>What to change of a role; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.rolechange")]
public sealed record RoleChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public string? Extra { get; init; }

    /// <summary>See <see cref="ResourceOptions.Merge"/>.</summary>
    [Id(3)] public string? Options { get; init; }

    /// <summary>Whether the request speaks of options and of nothing else.</summary>
    [Id(4)] public bool OptionsAlone { get; init; }
}
