using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary><c>/servers/{id}/metadata</c>.</summary>
internal static class ServerMetadataEndpoints
{
    internal static async Task<IResult> List(Call call) => Reply.Json(new { metadata = (await ServerEndpoints.Find(call)).Metadata });

    internal static async Task<IResult> Show(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        return server.Metadata.TryGetValue(call.Path("key"), out var value)
            ? Reply.Json(new { meta = new Dictionary<string, string> { [call.Path("key")] = value } })
            : throw Fault.NotFound("Metadata item was not found");
    }

    internal static Task<IResult> Merge(Call call) => Change(call, Grains.Compute.Change.Merge);

    internal static Task<IResult> Replace(Call call) => Change(call, Grains.Compute.Change.Replace);

    internal static async Task<IResult> Update(Call call)
    {
        var item = call.Body.GetProperty("meta").Map();
        if (!item.ContainsKey(call.Path("key")))
            throw Fault.BadRequest("Request body and URI mismatch");
        await Apply(call, Grains.Compute.Change.Merge, item);
        return Reply.Json(new { meta = item });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await Apply(call, Grains.Compute.Change.Remove, new() { [call.Path("key")] = "" });
        return Reply.Empty(204);
    }

    private static async Task<IResult> Change(Call call, Change change)
    {
        var server = await Apply(call, change, call.Body.GetProperty("metadata").Map());
        return Reply.Json(new { metadata = server.Metadata });
    }

    private static async Task<InstanceState> Apply(Call call, Change change, Dictionary<string, string> items)
    {
        var server = await ServerEndpoints.Find(call);
        var most = await ServerCreation.MostMetadata(call, server.ProjectId);
        return await call.Grain<IInstanceGrain>(server.Id).ChangeMetadata(change, items, most, call.Caller);
    }
}
