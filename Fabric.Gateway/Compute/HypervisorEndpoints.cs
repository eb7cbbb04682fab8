using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-hypervisors</c>: the nodes, as an operator sees them.</summary>
internal static class HypervisorEndpoints
{
    private static readonly Microversion UuidForId = "2.53";

    internal static Task<IResult> List(Call call) => List(call, detail: false);

    internal static Task<IResult> ListDetails(Call call) => List(call, detail: true);

    internal static async Task<IResult> Show(Call call)
    {
        var node = await Find(call);
        var withServers = WithServers(call);
        var bodies = await HypervisorBodies.Of(call, [node], detail: true, withServers);
        return Reply.Json(new { hypervisor = bodies[0] });
    }

    internal static async Task<IResult> Uptime(Call call)
    {
        var node = await Find(call);
        var body = (await HypervisorBodies.Of(call, [node], detail: false, withServers: false))[0];
        body["uptime"] = HypervisorBodies.Uptime(node, call);
        return Reply.Json(new { hypervisor = body });
    }

    internal static async Task<IResult> Search(Call call)
    {
        var nodes = await Match(call, call.Path("id"));
        return Reply.Json(new { hypervisors = await HypervisorBodies.Of(call, nodes, detail: false, withServers: false) });
    }

    internal static async Task<IResult> Servers(Call call)
    {
        var nodes = await Match(call, call.Path("id"));
        return Reply.Json(new { hypervisors = await HypervisorBodies.Of(call, nodes, detail: false, withServers: true) });
    }

    internal static async Task<IResult> Statistics(Call call)
    {
        var nodes = await All(call);
        var now = call.Get<TimeProvider>().GetUtcNow();
        var up = nodes.Where(node => node.IsUsable(now)).ToArray();
        var bodies = await HypervisorBodies.Usage(call, up);
        long Sum(string name) => bodies.Sum(body => Convert.ToInt64(body[name], CultureInfo.InvariantCulture));
        string[] names =
        [
            "vcpus", "memory_mb", "local_gb", "vcpus_used", "memory_mb_used", "local_gb_used", "free_ram_mb", "free_disk_gb",
                "current_workload",
            "running_vms", "disk_available_least",
        ];
        var statistics = names.ToDictionary(static name => name, Sum);
        statistics["count"] = up.Length;
        return Reply.Json(new { hypervisor_statistics = statistics });
    }

    /// <summary>Every node, in a steady order.</summary>
    internal static Task<IReadOnlyList<HypervisorState>> All(Call call, Paging? paging = null) =>
        call.Get<IResourceIndex>().List<HypervisorState>(
        new(HypervisorState.Kind) { Sort = ResourceSort.CreatedAt, Descending = false, Paging = paging }, call.Aborted);

    private static async Task<IResult> List(Call call, bool detail)
    {
        var withServers = WithServers(call);
        var pattern = call.Microversion >= UuidForId ? call.Query("hypervisor_hostname_pattern") : null;
        if (pattern is not null && (call.Query("limit") ?? call.Query("marker")) is not null)
            throw Fault.BadRequest("Paging over hypervisors with the hypervisor_hostname_pattern query parameter is not supported.");
        var paged = call.Microversion >= "2.33" && pattern is null;
        var nodes = pattern is null ? await All(call) : await Match(call, pattern);
        var page = paged ? Page(nodes, call) : new(nodes, null);
        var body = new Dictionary<string, object> { ["hypervisors"] = await HypervisorBodies.Of(call, page.Items, detail, withServers) };
        if (page.Next is { } marker)
            body["hypervisors_links"] = new[] { new { rel = "next", href = NextLink(call, marker) } };
        return Reply.Json(body);
    }

    /// <summary>Few enough to cut in memory: the marker may be either form of a node's id.</summary>
    private static Page<HypervisorState> Page(IReadOnlyList<HypervisorState> nodes, Call call)
    {
        var paging = call.Paging(1000);
        var rest = nodes.AsEnumerable();
        if (paging.Marker is { } marker)
        {
            if (!nodes.Any(node => HypervisorBodies.Id(node, call) == marker))
                throw Fault.BadRequest($"marker [{marker}] not found");
            rest = nodes.SkipWhile(node => HypervisorBodies.Id(node, call) != marker).Skip(1);
        }

        HypervisorState[] items = [.. rest.Take(paging.Limit)];
        return new(items, call.Query("limit") is not null && items.Length == paging.Limit && items.Length > 0
            ? HypervisorBodies.Id(items[^1], call) : null);
    }

    private static string NextLink(Call call, string marker)
    {
        var query = call.Http.Request.Query.Where(static entry => entry.Key != "marker")
            .SelectMany(static entry => entry.Value.Select(value => $"{entry.Key}={Uri.EscapeDataString(value ?? "")}"));
        return $"{call.Origin}{call.Http.Request.Path}?{string.Join('&', query.Append("marker=" + marker))}";
    }

    private static bool WithServers(Call call) => call.Microversion >= UuidForId && call.Query("with_servers") is { } text
        && text.ToLowerInvariant() switch
        {
            "1" or "t" or "true" or "on" or "y" or "yes" => true,
            "0" or "f" or "false" or "off" or "n" or "no" or "" => false,
            _ => throw Fault.BadRequest($"Invalid input for query parameters with_servers. Value: {text}. '{text}' is not a boolean"),
        };

    private static async Task<HypervisorState[]> Match(Call call, string pattern)
    {
        HypervisorState[] nodes = [.. (await All(call)).Where(
            node => node.Inventory.NodeName.Contains(pattern, StringComparison.OrdinalIgnoreCase))];
        return nodes.Length > 0 ? nodes : throw Fault.NotFound($"No hypervisor matching '{pattern}' could be found.");
    }

    private static async Task<HypervisorState> Find(Call call)
    {
        var id = call.Path("id");
        if (call.Microversion >= UuidForId && !ResourceIdText.TryParseUuid(id, out _))
            throw Fault.BadRequest($"Invalid uuid {id}");
        return (await All(call)).FirstOrDefault(node => HypervisorBodies.Id(node, call) == id)
            ?? throw Fault.NotFound($"Hypervisor with ID '{id}' could not be found.");
    }
}
