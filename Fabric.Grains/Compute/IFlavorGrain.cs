using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>One flavor; the key is its id. The only writer of its record; each write is durable before the call returns. Every call but
/// <see cref="Create"/> throws a not-found <see cref="Fault"/> for a flavor that does not exist.</summary>
[Alias("compute.flavor")]
public interface IFlavorGrain : IGrainWithStringKey
{
    /// <summary>Makes it. An id or a name in use is a conflict.</summary>
    [Alias("Create")]
    Task<FlavorState> Create(FlavorState flavor);

    [Alias("Describe")]
    Task<FlavorState> Describe(string? description);

    [Alias("Delete")]
    Task Delete();

    /// <summary>Adds and overwrites extra specs.</summary>
    [Alias("SetExtraSpecs")]
    Task<FlavorState> SetExtraSpecs(IReadOnlyDictionary<string, string> specs);

    /// <summary>Takes one extra spec away; one that is not there is not found.</summary>
    [Alias("RemoveExtraSpec")]
    Task RemoveExtraSpec(string key);

    /// <summary>Lets a project use a private flavor; twice is a conflict.</summary>
    [Alias("AddAccess")]
    Task<FlavorState> AddAccess(ProjectId project);

    /// <summary>No longer lets a project use it; one that could not is not found.</summary>
    [Alias("RemoveAccess")]
    Task<FlavorState> RemoveAccess(ProjectId project);
}
