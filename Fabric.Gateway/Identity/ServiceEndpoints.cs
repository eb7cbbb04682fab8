using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/services</c></summary>
internal static class ServiceEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "service");
        var id = ResourceIdText.NewHex();
        var service = await call.Grains.GetGrain<IServiceGrain>(id).Create(new()
        {
            Id = id,
            Type = body.Text("type")!,
            Name = body.Text("name"),
            Enabled = body.Bool("enabled") ?? true,
            Extra = body.Extra(CatalogBodies.KnownOfService),
        });
        return IdentityReplies.Member("service", CatalogBodies.Of(service, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var services = (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Services;
        return IdentityReplies.List(
            call, "services", services.Select(service => CatalogBodies.Of(service, call)).Filter(call, "type", "name"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("service", CatalogBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "service");
        var service = await Find(call);
        body.RequireId(service.Id);
        var changed = await call.Grains.GetGrain<IServiceGrain>(service.Id).Update(new()
        {
            Type = body.Text("type"),
            Name = body.Text("name"),
            Enabled = body.Bool("enabled"),
            Extra = body.Extra(CatalogBodies.KnownOfService),
        });
        return IdentityReplies.Member("service", CatalogBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveService((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    /// <summary>The one that the path names.</summary>
    internal static async Task<ServiceState> Find(Call call)
    {
        var id = call.Path("service_id");
        return (await call.Get<IdentityIndex>().Catalog(call.Aborted)).Services.FirstOrDefault(service => service.Id == id)
            ?? throw IdentityFaults.NotFound("service", id);
    }
}
