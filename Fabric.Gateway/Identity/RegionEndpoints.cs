using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/regions</c></summary>
internal static class RegionEndpoints
{
    private const int LongestId = 255;
    private const int LongestText = 255;

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "region");
        var id = body.Text("id") is { Length: > 0 } chosen ? chosen : ResourceIdText.NewHex();
        return await Make(call, id, body);
    }

    internal static async Task<IResult> Put(Call call)
    {
        var body = IdentityBody.OfNew(call, "region");
        var id = call.Path("region_id");
        if (body.Has("id") && body.Text("id") is var other && other != id)
            throw Fault.BadRequest("ValidationError", $"Conflicting region IDs specified: \"{id}\" != \"{other}\"");
        return await Make(call, id, body);
    }

    internal static async Task<IResult> List(Call call)
    {
        var regions = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Regions;
        return IdentityReplies.List(
            call, "regions", regions.Select(region => CatalogBodies.Of(region, call)).Filter(call, "parent_region_id"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("region", CatalogBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "region");
        var region = await Find(call);
        body.RequireId(region.Id);
        IdentityFaults.RequireShort(body.Text("description"), "description", LongestText);
        var parent = body.Text("parent_region_id");
        await RequireParent(call, region.Id, parent);
        var changed = await call.Grains.GetGrain<IRegionGrain>(region.Id).Update(new()
        {
            Description = body.IsNull("description") ? "" : body.Text("description"),
            ParentRegionId = parent,
            ClearParent = body.IsNull("parent_region_id"),
            Extra = body.Extra(CatalogBodies.KnownOfRegion),
        });
        return IdentityReplies.Member("region", CatalogBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveRegion((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    internal static void RequireGoodId(string id) => IdentityFaults.RequireShort(id, "id", LongestId);

    private static async Task<IResult> Make(Call call, string id, IdentityBody body)
    {
        RequireGoodId(id);
        IdentityFaults.RequireShort(body.Text("description"), "description", LongestText);
        var parent = body.Text("parent_region_id");
        await RequireParent(call, id, parent);
        var region = await call.Grains.GetGrain<IRegionGrain>(id).Create(new()
        {
            Id = id,
            Description = body.Text("description") ?? "",
            ParentRegionId = parent,
            Extra = body.Extra(CatalogBodies.KnownOfRegion),
        });
        return IdentityReplies.Member("region", CatalogBodies.Of(region, call), 201);
    }

    // A parent that is there, and not the region itself nor one below it.
    private static async Task RequireParent(Call call, string id, string? parent)
    {
        var regions = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Regions.ToDictionary(static region => region.Id);
        for (var above = parent; above is not null; above = regions[above].ParentRegionId)
        {
            if (!regions.ContainsKey(above))
                throw IdentityFaults.NotFound("region", above);
            if (above == id)
            {
                throw Fault.BadRequest("CircularRegionHierarchyError",
                    $"The specified parent region {id} would create a circular region hierarchy.");
            }
        }
    }

    /// <summary>The one that the path names.</summary>
    internal static async Task<RegionState> Find(Call call)
    {
        var id = call.Path("region_id");
        return (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Regions.FirstOrDefault(
            region => region.Id.Equals(id, StringComparison.OrdinalIgnoreCase)) ?? throw IdentityFaults.NotFound("region", id);
    }
}
