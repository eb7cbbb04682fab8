using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary>Which endpoints a project's catalog shows: <c>/OS-EP-FILTER/projects</c> and <c>/OS-EP-FILTER/endpoints</c></summary>
internal static class EndpointFilterEndpoints
{
    internal static async Task<IResult> Projects(Call call)
    {
        var endpoint = await EndpointEndpoints.Find(call);
        return IdentityReplies.List(call, "projects", await ProjectsWith(call, "endpoint", endpoint.Id));
    }

    internal static async Task<IResult> Check(Call call)
    {
        var link = await Link(call);
        return await IsLinked(call, link) ? Reply.Empty() : throw NotLinked(link);
    }

    internal static async Task<IResult> Add(Call call)
    {
        var link = await Link(call);
        return await call.Grains.GetGrain<IEndpointLinkGrain>(link.Key).Link(link)
            ? Reply.Empty()
            : throw IdentityFaults.Duplicate("project_endpoint", "Duplicate entry");
    }

    internal static async Task<IResult> Remove(Call call)
    {
        var link = new EndpointLinkState { ProjectId = call.Path("project_id"), EndpointId = call.Path("endpoint_id") };
        return await call.Grains.GetGrain<IEndpointLinkGrain>(link.Key).Unlink() ? Reply.Empty() : throw NotLinked(link);
    }

    internal static async Task<IResult> Endpoints(Call call)
    {
        var project = await RequireProject(call);
        var catalog = await call.Get<IdentityIndex>().Catalog(call.Aborted);
        return IdentityReplies.List(call, "endpoints", catalog.ChosenFor(project).Select(endpoint => CatalogBodies.Of(endpoint, call)));
    }

    internal static async Task<IResult> Groups(Call call)
    {
        var project = await RequireProject(call);
        var catalog = await call.Get<IdentityIndex>().Catalog(call.Aborted);
        var chosen = catalog.Links.Where(link => link.ProjectId == project).Select(static link => link.EndpointGroupId).ToHashSet();
        return IdentityReplies.List(call, "endpoint_groups",
            catalog.Groups.Where(group => chosen.Contains(group.Id)).Select(group => EndpointGroupEndpoints.Body(group, call)));
    }

    /// <summary>The projects for which something was chosen. A user domain counts as the project that acts as it.</summary>
    internal static async Task<IEnumerable<Dictionary<string, object?>>> ProjectsWith(Call call, string reference, string id)
    {
        var index = call.Get<IdentityIndex>();
        var query = new ResourceQuery(IdentityKinds.EndpointLink) { Descending = false }.WithRef(reference, id);
        var ids = (await index.Records.List<EndpointLinkState>(query, call.Aborted)).Select(static link => link.ProjectId).ToArray();
        var projects = await index.ByIds<ProjectState>(IdentityKinds.Project, ids, call.Aborted);
        var domains = await index.ByIds<UserDomainState>(IdentityKinds.UserDomain, ids, call.Aborted);
        return [.. projects.Select(project => ProjectBodies.Of(project, call)),
            .. domains.Select(domain => DomainBodies.AsProject(domain, call))];
    }

    /// <summary>The id of the path's project, which is there.</summary>
    internal static async Task<string> RequireProject(Call call)
    {
        var (id, index) = (call.Path("project_id"), call.Get<IdentityIndex>());
        return await index.FindProject(id, call.Aborted) is not null || await index.FindDomain(id, call.Aborted) is not null
            ? id
            : throw IdentityFaults.NotFound("project", id);
    }

    internal static async Task<bool> IsLinked(Call call, EndpointLinkState link) =>
        await call.Get<IResourceIndex>().Find<EndpointLinkState>(IdentityKinds.EndpointLink, link.Key, call.Aborted) is not null;

    private static async Task<EndpointLinkState> Link(Call call)
    {
        var endpoint = await EndpointEndpoints.Find(call);
        return new() { ProjectId = await RequireProject(call), EndpointId = endpoint.Id };
    }

    private static Fault NotLinked(EndpointLinkState link) =>
        Fault.NotFound($"Endpoint {link.EndpointId} not found in project {link.ProjectId}");
}
