using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using static Fabric.Grains.Network.NetworkPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Network;

/// <summary><c>/{collection}/{id}/tags</c></summary>
internal static class TagEndpoints
{
    private const int LongestTag = 255;

    private delegate Task<(IReadOnlyList<string> Tags, Func<IReadOnlyList<string>, Task> Set)> Holder(Call call);

    /// <summary>The six lines of each kind that has tags.</summary>
    internal static IReadOnlyList<Route> Routes { get; } =
    [
        .. For("networks", Network, GetNetwork, UpdateNetwork),
        .. For("subnets", Subnet, GetSubnet, UpdateSubnet),
        .. For("ports", Port, GetPort, UpdatePort),
        .. For("routers", Router, GetRouter, UpdateRouter),
        .. For("floatingips", FloatingIp, GetFloatingIp, UpdateFloatingIp),
        .. For("security-groups", Group, GetGroup, UpdateGroup),
    ];

    private static IEnumerable<Route> For(string collection, Holder holder, PolicyRule read, PolicyRule write)
    {
        var all = $"/{collection}/{{id}}/tags";
        yield return new("GET", all, async call => Reply.Json(new { tags = (await holder(call)).Tags }), read);
        yield return new("PUT", all, call => Replace(call, holder), write) { Body = [new(null, Http.Schemas.Schema.Any)] };
        yield return new("DELETE", all, call => Change(call, holder, static _ => [], 204), write);
        yield return new("GET", all + "/{tag}", call => Show(call, holder), read);
        yield return new("PUT", all + "/{tag}", call => Change(call, holder, tags => [.. tags.Union([Tag(call)])], 201), write);
        yield return new("DELETE", all + "/{tag}", call => Remove(call, holder), write);
    }

    private static async Task<IResult> Show(Call call, Holder holder) => (await holder(call)).Tags.Contains(Tag(call))
        ? Reply.Empty()
        : throw NotFound(Tag(call));

    private static Task<IResult> Remove(Call call, Holder holder) => Change(call, holder, tags => tags.Contains(Tag(call))
        ? [.. tags.Where(tag => tag != Tag(call))]
        : throw NotFound(Tag(call)), 204);

    private static async Task<IResult> Replace(Call call, Holder holder)
    {
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.TryGetProperty("tags", out var body))
            throw NetworkFaults.InvalidInput("Invalid tags body");
        if (Parse.UniqueTexts(body, out var read) is { } reason)
            throw NetworkFaults.InvalidInput(reason);
        var tags = (IReadOnlyList<string>)read!;
        if (tags.FirstOrDefault(static tag => tag.Length > LongestTag) is { } tooLong)
            throw NetworkFaults.InvalidInput($"'{tooLong}' exceeds maximum length of {LongestTag}");
        await (await holder(call)).Set(tags);
        return Reply.Json(new { tags });
    }

    private static async Task<IResult> Change(Call call, Holder holder, Func<IReadOnlyList<string>, IReadOnlyList<string>> change,
        int status)
    {
        var (tags, set) = await holder(call);
        await set(change(tags));
        return Reply.Empty(status);
    }

    private static string Tag(Call call)
    {
        var tag = call.Path("tag");
        return tag.Length <= LongestTag ? tag : throw NetworkFaults.InvalidInput($"'{tag}' exceeds maximum length of {LongestTag}");
    }

    private static Fault NotFound(string tag) => Fault.NotFound("TagNotFound", $"Tag {tag} could not be found.");

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> Network(Call call)
    {
        var network = await Visible.Network(call, call.Path("id"));
        RequireOwner(call, network.ProjectId);
        return (network.Tags, tags => call.Grain<INetworkGrain>(network.Id).Update(new() { Tags = tags }));
    }

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> Subnet(Call call)
    {
        var (network, subnet) = await Visible.Subnet(call, call.Path("id"));
        RequireOwner(call, subnet.ProjectId);
        return (subnet.Tags, tags => call.Grain<INetworkGrain>(network.Id).UpdateSubnet(subnet.Id, new() { Tags = tags }));
    }

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> Port(Call call)
    {
        var port = await Visible.Port(call, call.Path("id"));
        if (port.ProjectId is { } owner)
            RequireOwner(call, owner);
        return (port.Tags, tags => call.Grain<IPortGrain>(port.Id).Update(new() { Tags = tags }));
    }

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> Router(Call call)
    {
        var router = await Visible.Router(call, call.Path("id"));
        return (router.Tags, tags => call.Grain<IRouterGrain>(router.Id).Update(new() { Tags = tags }));
    }

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> FloatingIp(Call call)
    {
        var floating = await Visible.FloatingIp(call, call.Path("id"));
        return (floating.Tags, tags => call.Grain<IFloatingIpGrain>(floating.Id).Update(new() { Tags = tags }));
    }

    private static async Task<(IReadOnlyList<string>, Func<IReadOnlyList<string>, Task>)> Group(Call call)
    {
        var group = await Visible.Group(call, call.Path("id"));
        return (group.Tags, tags => call.Grain<ISecurityGroupGrain>(group.Id).Update(new() { Tags = tags }));
    }

    /// <summary>What is shared is seen by all, and tagged by its owner.</summary>
    private static void RequireOwner(Call call, ProjectId owner)
    {
        if (!HttpMethods.IsGet(call.Http.Request.Method) && !Visible.IsOwn(call, owner))
            throw NetworkFaultStyle.DeniedBy(call.Route.Policy.Name);
    }
}
