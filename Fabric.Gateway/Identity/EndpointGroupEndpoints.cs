using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/OS-EP-FILTER/endpoint_groups</c></summary>
internal static class EndpointGroupEndpoints
{
    private static readonly string[] Known = ["name", "description", "filters"];
    private static readonly string[] Filters = ["service_id", "region_id", "interface"];

    internal static Dictionary<string, object?> Body(EndpointGroupState group, Call call)
    {
        string?[] values = [group.ServiceId, group.RegionId, group.Interface];
        return new()
        {
            ["id"] = group.Id,
            ["name"] = group.Name,
            ["description"] = group.Description,
            ["filters"] = Filters.Zip(values).Where(static filter => filter.Second is not null)
                .ToDictionary(static filter => filter.First, static filter => filter.Second),
            ["links"] = IdentityReplies.SelfLink(call, "OS-EP-FILTER/endpoint_groups", group.Id),
        };
    }

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "endpoint_group");
        if (body.Member("filters") is not { } filters || !filters.EnumerateObject().Any())
            throw Fault.BadRequest("ValidationError", "filters field is required and cannot be empty");
        RequireKnown(body);
        var id = ResourceIdText.NewHex();
        var group = new EndpointGroupState { Id = id, Name = body.Text("name")!, Description = body.Text("description") };
        var made = await call.Grains.GetGrain<IEndpointGroupGrain>(id).Create(With(group, filters));
        return IdentityReplies.Member("endpoint_group", Body(made, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var groups = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Groups;
        return IdentityReplies.List(call, "endpoint_groups", groups.Select(group => Body(group, call)).Filter(call, "name"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("endpoint_group", Body(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "endpoint_group");
        var group = await Find(call);
        body.RequireId(group.Id);
        RequireKnown(body);
        var next = group with
        {
            Name = body.Text("name") ?? group.Name,
            Description = body.Has("description") ? body.Text("description") : group.Description,
        };
        if (body.Member("filters") is { } filters)
            next = With(next, filters);
        var changed = await call.Grains.GetGrain<IEndpointGroupGrain>(group.Id).Replace(next);
        return IdentityReplies.Member("endpoint_group", Body(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveEndpointGroup((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    internal static async Task<IResult> Endpoints(Call call)
    {
        var group = await Find(call);
        var endpoints = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Endpoints.Where(group.Has);
        return IdentityReplies.List(call, "endpoints", endpoints.Select(endpoint => CatalogBodies.Of(endpoint, call)));
    }

    /// <summary>A group that is not there has no projects: Keystone does not look for it here.</summary>
    internal static async Task<IResult> Projects(Call call) => IdentityReplies.List(
        call, "projects", await EndpointFilterEndpoints.ProjectsWith(call, "group", call.Path("endpoint_group_id")));

    internal static async Task<IResult> ShowInProject(Call call)
    {
        var link = await Link(call);
        if (!await EndpointFilterEndpoints.IsLinked(call, link))
            throw NotLinked();
        return IdentityReplies.Member("project_endpoint_group", new()
        {
            ["endpoint_group_id"] = link.EndpointGroupId,
            ["project_id"] = link.ProjectId,
            ["links"] = new { self = $"/OS-EP-FILTER/endpoint_groups/{link.EndpointGroupId}/projects/{link.ProjectId}" },
        });
    }

    internal static async Task<IResult> AddToProject(Call call)
    {
        var link = await Link(call);
        return await call.Grains.GetGrain<IEndpointLinkGrain>(link.Key).Link(link)
            ? Reply.Empty()
            : throw IdentityFaults.Duplicate("project_endpoint_group", "Duplicate entry");
    }

    internal static async Task<IResult> RemoveFromProject(Call call) =>
        await call.Grains.GetGrain<IEndpointLinkGrain>((await Link(call)).Key).Unlink() ? Reply.Empty() : throw NotLinked();

    // Unlike other things of identity, a group of endpoints keeps nothing besides.
    private static void RequireKnown(IdentityBody body)
    {
        if (ExtraAttributes.Read(body.Extra(Known)).Select(static extra => extra.Key).FirstOrDefault() is { } unknown)
            throw Fault.BadRequest("ValidationError", $"'{unknown}' is an invalid keyword argument for EndpointGroup");
    }

    private static EndpointGroupState With(EndpointGroupState group, JsonElement filters)
    {
        if (filters.EnumerateObject().Any(static filter => !Filters.Contains(filter.Name)))
            throw IdentityFaults.Missing(string.Join(" or ", Filters), "endpoint_group");
        var values = new IdentityBody(filters);
        return group with
        {
            ServiceId = values.Text("service_id"),
            RegionId = values.Text("region_id"),
            Interface = values.Text("interface"),
        };
    }

    private static async Task<EndpointLinkState> Link(Call call)
    {
        var project = await EndpointFilterEndpoints.RequireProject(call);
        return new() { ProjectId = project, EndpointGroupId = (await Find(call)).Id };
    }

    private static async Task<EndpointGroupState> Find(Call call)
    {
        var id = call.Path("endpoint_group_id");
        return (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Groups.FirstOrDefault(group => group.Id == id)
            ?? throw IdentityFaults.NotFound("Endpoint Group", id);
    }

    private static Fault NotLinked() => Fault.NotFound("Endpoint Group Project Association not found");
}
