using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One role, with the roles it implies. Its key is the role's id.</summary>
[Alias("identity.IRoleGrain")]
public interface IRoleGrain : IGrainWithStringKey
{
    /// <summary>Makes the role. Durable when it returns; a conflict when the name is taken.</summary>
    Task<RoleState> Create(NewRole role);

    /// <summary>Changes the role; null leaves as it is. Not found, or a conflict when the new name is taken.</summary>
    Task<RoleState> Update(string? name, string? description, string? extra);

    /// <summary>From now on, who has this role has the other too. Twice is once.</summary>
    Task Imply(RoleId implied);

    /// <summary>Ends an implication; not found when there is none.</summary>
    Task StopImplying(RoleId implied);

    /// <summary>Removes the role; not found when there is none.</summary>
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
}
