namespace Fabric.Grains.Identity;

/// <summary>Services, endpoints and regions at one moment, and which of the endpoints were chosen for which projects. Immutable.</summary>
public sealed record CatalogSet(
    IReadOnlyList<ServiceState> Services, IReadOnlyList<EndpointState> Endpoints, IReadOnlyList<RegionState> Regions,
    IReadOnlyList<EndpointGroupState> Groups, IReadOnlyList<EndpointLinkState> Links)
{
    /// <summary>Whether it shows what was chosen for a project alone: then a service without an endpoint is not there.</summary>
    public bool IsChosen { get; init; }

    private readonly ILookup<string, EndpointLinkState> byProject = Links.ToLookup(static link => link.ProjectId);

    /// <summary>The endpoints chosen for a project, themselves or by a group; none when none was.</summary>
    public IReadOnlyList<EndpointState> ChosenFor(string project)
    {
        var links = byProject[project].ToList();
        if (links.Count == 0)
            return [];
        var single = links.Select(static link => link.EndpointId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var chosen = links.Select(static link => link.EndpointGroupId).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var groups = Groups.Where(group => chosen.Contains(group.Id)).ToList();
        return [.. Endpoints.Where(endpoint => single.Contains(endpoint.Id) || groups.Exists(group => group.Has(endpoint)))];
    }

    /// <summary>The catalog as a project's token shows it.</summary>
    /// <param name="project">The project; null for a token without one, which shows all.</param>
    /// <param name="allIfNone">Whether it shows all when no endpoint was chosen, rather than nothing.</param>
    public CatalogSet SeenBy(string? project, bool allIfNone)
    {
        var chosen = project is null ? [] : ChosenFor(project);
        if (chosen.Count > 0)
            return this with { Endpoints = chosen, IsChosen = true };
        return allIfNone ? this : this with { Services = [], Endpoints = [] };
    }
}
