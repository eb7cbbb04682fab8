using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One user domain. Its key is the domain's id.</summary>
[Alias("identity.IUserDomainGrain")]
public interface IUserDomainGrain : IGrainWithStringKey
{
    /// <summary>Makes the user domain. Durable when it returns; a conflict when the name is taken.</summary>
    Task<UserDomainState> Create(NewUserDomain domain);

    /// <summary>Changes the user domain. Durable when it returns; not found, or a conflict when the new name is taken.</summary>
    Task<UserDomainState> Update(ProjectChange change);

    /// <summary>Replaces all tags; forbidden when the user domain is immutable, as with each of them.</summary>
    Task SetTags(IReadOnlyList<string> tags);

    /// <summary>Adds one tag, if it is not there.</summary>
    Task AddTag(string tag);

    /// <summary>Takes one tag away; not found when it is not there.</summary>
    Task RemoveTag(string tag);

    /// <summary>Removes the user domain, which must be disabled, with nothing left in it; not found when there is none.</summary>
    Task Delete();
}

/// <summary>A user domain to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newuserdomain")]
public sealed record NewUserDomain
{
    [Id(0)] public required UserDomainId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public bool Enabled { get; init; } = true;
    [Id(3)] public string? Description { get; init; }
    [Id(4)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(5)] public string? Extra { get; init; }
    [Id(6)] public string? Options { get; init; }
}
