using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/endpoints</c></summary>
internal static class EndpointEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "endpoint");
        EndpointUrls.Require(body.Text("url")!);
        var id = ResourceIdText.NewHex();
        var endpoint = await call.Grains.GetGrain<IEndpointGrain>(id).Create(new()
        {
            Id = id,
            Interface = body.Text("interface")!,
            ServiceId = await ServiceOf(call, body) ?? throw new InvalidOperationException("The schema demands a service."),
            RegionId = await RegionOf(call, body),
            Url = body.Text("url")!,
            Enabled = body.Bool("enabled") ?? true,
            Extra = body.Extra(CatalogBodies.KnownOfEndpoint),
        });
        return IdentityReplies.Member("endpoint", CatalogBodies.Of(endpoint, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var endpoints = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Endpoints;
        return IdentityReplies.List(call, "endpoints",
            endpoints.Select(endpoint => CatalogBodies.Of(endpoint, call)).Filter(call, "interface", "service_id", "region_id"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("endpoint", CatalogBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "endpoint");
        var endpoint = await Find(call);
        body.RequireId(endpoint.Id);
        var changed = await call.Grains.GetGrain<IEndpointGrain>(endpoint.Id).Update(new()
        {
            Interface = body.Text("interface"),
            ServiceId = await ServiceOf(call, body),
            RegionId = await RegionOf(call, body),
            Url = body.Text("url"),
            Enabled = body.Bool("enabled"),
            Extra = body.Extra(CatalogBodies.KnownOfEndpoint),
        });
        return IdentityReplies.Member("endpoint", CatalogBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveEndpoint((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    private static async Task<string?> ServiceOf(Call call, IdentityBody body)
    {
        if (body.Text("service_id") is not { } id)
            return null;
        return (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Services.Any(service => service.Id == id)
            ? id
            : throw IdentityFaults.Missing("endpoint service_id", "service table");
    }

    // A region named by region_id must be there; one named by region, as in the v2 API, is made.
    private static async Task<string?> RegionOf(Call call, IdentityBody body)
    {
        if ((body.Text("region_id") ?? body.Text("region")) is not { } id)
            return null;
        // Keystone makes a region of that name too; ours have names that can be seen.
        if (string.IsNullOrWhiteSpace(id) && body.Text("region_id") is null)
            return id;
        if ((await call.Get<IdentityIndex>().Catalog(call.Aborted)).Regions.Any(region => region.Id == id))
            return id;
        if (body.Text("region_id") is not null)
            throw IdentityFaults.Missing("endpoint region_id", "region table");
        RegionEndpoints.RequireGoodId(id);
        await call.Grains.GetGrain<IRegionGrain>(id).Create(new() { Id = id });
        return id;
    }

    /// <summary>The one that the path names.</summary>
    internal static async Task<EndpointState> Find(Call call)
    {
        var id = call.Path("endpoint_id");
        return (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Endpoints.FirstOrDefault(endpoint => endpoint.Id == id)
            ?? throw IdentityFaults.NotFound("endpoint", id);
    }
}
