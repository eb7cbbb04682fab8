using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary><c>/servers/{id}/tags</c>.</summary>
internal static partial class ServerTagEndpoints
{
    internal static async Task<IResult> List(Call call) => Reply.Json(new { tags = (await ServerEndpoints.Find(call)).Tags });

    internal static async Task<IResult> Show(Call call)
    {
        await Tagged(call);
        return Reply.Empty(204);
    }

    internal static async Task<IResult> Add(Call call)
    {
        var tag = call.Path("tag");
        if (!Form().IsMatch(tag))
        {
            throw Fault.BadRequest(
                $"Tag '{tag}' is invalid. It must be a non empty string without characters '/' and ','. "
                + $"Validation error message: '{tag}' does not match '^[^,/]*$'");
        }

        var server = await ServerEndpoints.Find(call);
        var there = server.Tags.Contains(tag);
        await call.Grain<IInstanceGrain>(server.Id).ChangeTags(Change.Merge, [tag], call.Caller);
        if (there)
            return Reply.Empty(204);
        call.Http.Response.Headers.Location = $"{call.Self("servers", server.Id.Text)}/tags/{Uri.EscapeDataString(tag)}";
        return Reply.Empty(201);
    }

    internal static async Task<IResult> Replace(Call call)
    {
        var tags = call.Body.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()!).ToArray();
        var server = await ServerEndpoints.Find(call);
        var changed = await call.Grain<IInstanceGrain>(server.Id).ChangeTags(Change.Replace, tags, call.Caller);
        return Reply.Json(new { tags = changed.Tags });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var server = await Tagged(call);
        await call.Grain<IInstanceGrain>(server.Id).ChangeTags(Change.Remove, [call.Path("tag")], call.Caller);
        return Reply.Empty(204);
    }

    internal static async Task<IResult> DeleteAll(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        await call.Grain<IInstanceGrain>(server.Id).ChangeTags(Change.Replace, [], call.Caller);
        return Reply.Empty(204);
    }

    private static async Task<InstanceState> Tagged(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        return server.Tags.Contains(call.Path("tag"))
            ? server
            : throw Fault.NotFound($"Server {server.Id} has no tag '{call.Path("tag")}'");
    }

    [GeneratedRegex("^[^,/]{1,60}$")]
    private static partial Regex Form();
}
