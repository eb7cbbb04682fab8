using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>One project. Its key is the project's id.</summary>
[Alias("identity.IProjectGrain")]
public interface IProjectGrain : IGrainWithStringKey
{
    /// <summary>Makes the project. Durable when it returns; a conflict when the name is taken in the user domain.</summary>
    Task<ProjectState> Create(NewProject project);

    /// <summary>Changes the project. Durable when it returns; not found, forbidden when it is immutable, or a conflict when the new name
    /// is taken.</summary>
    Task<ProjectState> Update(ProjectChange change);

    /// <summary>Replaces all tags; forbidden when the project is immutable, as with each of them.</summary>
    Task SetTags(IReadOnlyList<string> tags);

    /// <summary>Adds one tag, if it is not there.</summary>
    Task AddTag(string tag);

    /// <summary>Takes one tag away; not found when it is not there.</summary>
    Task RemoveTag(string tag);

    /// <summary>Removes the project; not found when there is none, forbidden when it is immutable.</summary>
    Task Delete();
}

/// <summary>A project to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newproject")]
public sealed record NewProject
{
    [Id(0)] public required ProjectId Id { get; init; }
    [Id(1)] public required string Name { get; init; }
    [Id(2)] public required UserDomainId DomainId { get; init; }
    [Id(3)] public ProjectId? ParentId { get; init; }
    [Id(4)] public bool Enabled { get; init; } = true;
    [Id(5)] public string? Description { get; init; }
    [Id(6)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(7)] public string? Extra { get; init; }
    [Id(8)] public string? Options { get; init; }
}

/// <summary>What to change of a project or a user domain; null leaves as it is.</summary>
[GenerateSerializer, Immutable, Alias("identity.projectchange")]
public sealed record ProjectChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public bool? Enabled { get; init; }
    [Id(2)] public string? Description { get; init; }
    [Id(3)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(4)] public string? Extra { get; init; }

    /// <summary>See <see cref="ResourceOptions.Merge"/>.</summary>
    [Id(5)] public string? Options { get; init; }

    /// <summary>Whether the request speaks of options and of nothing else.</summary>
    [Id(6)] public bool OptionsAlone { get; init; }

    /// <summary>The description is null from now on, which is not the same as empty.</summary>
    [Id(7)] public bool ClearDescription { get; init; }
}
