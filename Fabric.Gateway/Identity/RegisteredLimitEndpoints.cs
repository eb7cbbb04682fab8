using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/registered_limits</c></summary>
internal static class RegisteredLimitEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var limits = new List<RegisteredLimitState>();
        foreach (var body in LimitBodies.Each(call, "registered_limits"))
        {
            await RequireThere(call, body, "registered_limit");
            limits.Add(new()
            {
                Id = ResourceIdText.NewHex(),
                ServiceId = body.Text("service_id")!,
                RegionId = body.Text("region_id"),
                ResourceName = body.Text("resource_name")!,
                DefaultLimit = body.Int("default_limit")!.Value,
                Description = body.Text("description"),
            });
        }

        var made = await call.Get<UnifiedLimits>().Register(limits);
        return LimitBodies.Created("registered_limits", made.Select(limit => LimitBodies.Of(limit, call)));
    }

    internal static async Task<IResult> List(Call call)
    {
        var query = new ResourceQuery(IdentityKinds.RegisteredLimit) { Descending = false };
        if (call.Query("service_id") is { Length: > 0 } service)
            query = query.WithRef("service", service);
        var limits = await call.Get<UnifiedLimits>().ListRegistered(query, call.Aborted);
        return IdentityReplies.List(call, "registered_limits",
            limits.Select(limit => LimitBodies.Of(limit, call)).Filter(call, "service_id", "region_id", "resource_name"));
    }

    internal static async Task<IResult> Show(Call call) =>
        IdentityReplies.Member("registered_limit", LimitBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "registered_limit");
        body.RequireId(call.Path("registered_limit_id"));
        await RequireThere(call, body, "registered_limit");
        var changed = await call.Grains.GetGrain<IRegisteredLimitGrain>((await Find(call)).Id).Update(new()
        {
            ServiceId = body.Text("service_id"),
            RegionId = body.Text("region_id"),
            NamesRegion = body.Has("region_id"),
            ResourceName = body.Text("resource_name"),
            DefaultLimit = body.Int("default_limit"),
            Description = body.Text("description"),
            NamesDescription = body.Has("description"),
        });
        return IdentityReplies.Member("registered_limit", LimitBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grains.GetGrain<IRegisteredLimitGrain>((await Find(call)).Id).Delete();
        return Reply.Empty();
    }

    /// <summary>The service and the region that a body names are there.</summary>
    internal static async Task RequireThere(Call call, IdentityBody body, string what)
    {
        var catalog = await call.Get<IdentityIndex>().Catalog(call.Aborted);
        if (body.Text("service_id") is { } service && catalog.Services.All(known => known.Id != service))
            throw IdentityFaults.Missing("service_id", what);
        if (body.Text("region_id") is { } region && catalog.Regions.All(known => known.Id != region))
            throw IdentityFaults.Missing("region_id", what);
    }

    private static async Task<RegisteredLimitState> Find(Call call)
    {
        var id = call.Path("registered_limit_id");
        return await call.Get<UnifiedLimits>().FindRegistered(id, call.Aborted)
            ?? throw IdentityFaults.NoRegisteredLimit(id);
    }
}
