using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One group of users. Its key is the group's id.</summary>
[Alias("identity.IGroupGrain")]
public interface IGroupGrain : IGrainWithStringKey
{
    /// <summary>Makes the group. Durable when it returns; a conflict when the name is taken in the user domain.</summary>
    Task<GroupState> Create(NewGroup group);

    /// <summary>Changes the group. Not found, or a conflict when the new name is taken.</summary>
    Task<GroupState> Update(GroupChange change);

    /// <summary>Removes the group; not found when there is none.</summary>
    Task Delete();
}

/// <summary>That one user is in one group. Its key is <see cref="GroupMemberState.Key"/>.</summary>
[Alias("identity.IGroupMemberGrain")]
public interface IGroupMemberGrain : IGrainWithStringKey
{
    /// <summary>The user is in the group from now on. Durable when it returns; twice is once.</summary>
    Task Join(GroupId group, UserId user);

    /// <summary>The user is out; false when it was not in.</summary>
    Task<bool> Leave();
}

/// <summary>What to change of a group; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.groupchange")]
public sealed record GroupChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }

    /// <summary>The description is null from now on, which is not the same as empty.</summary>
    [Id(2)] public bool ClearDescription { get; init; }
    [Id(3)] public string? Extra { get; init; }
}

/// <summary>A group to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newgroup")]
public sealed record NewGroup
{
    [Id(0)] public required GroupId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }
    [Id(3)] public string? Description { get; init; }
    [Id(4)] public string? Extra { get; init; }
}
