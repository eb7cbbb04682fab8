using Fabric.Gateway.Http;
using Fabric.Grains.Nodes;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-availability-zone</c>: a zone is available while one of its nodes takes servers.</summary>
internal static class AvailabilityZoneEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var zones = await Zones(call);
        return Info(zones.Select(static zone => Body(zone.Key, zone.Available, null)));
    }

    internal static async Task<IResult> ListDetails(Call call)
    {
        var now = call.Get<TimeProvider>().GetUtcNow();
        var zones = await Zones(call);
        return Info(zones.Select(zone => Body(zone.Key, zone.Available, zone.Available ? Hosts(zone.Nodes, now) : null)));
    }

    // A dictionary, for its name is in camel case on the wire.
    private static IResult Info(IEnumerable<Dictionary<string, object?>> zones) =>
        Reply.Json(new Dictionary<string, object> { ["availabilityZoneInfo"] = zones.ToArray() });

    private static async Task<(string Key, bool Available, HypervisorState[] Nodes)[]> Zones(Call call)
    {
        var nodes = await HypervisorEndpoints.All(call);
        return
        [
            .. nodes.GroupBy(static node => node.AvailabilityZone, StringComparer.Ordinal)
                .Select(static zone => (zone.Key, Available: zone.Any(static node => !node.Disabled), Nodes: zone.ToArray()))
                .OrderByDescending(static zone => zone.Available).ThenBy(static zone => zone.Key, StringComparer.Ordinal),
        ];
    }

    private static Dictionary<string, object?> Body(string name, bool available, object? hosts) => new()
    {
        ["zoneName"] = name,
        ["zoneState"] = new { available },
        ["hosts"] = hosts,
    };

    private static Dictionary<string, object> Hosts(IEnumerable<HypervisorState> nodes, DateTimeOffset now) =>
        nodes.Where(static node => !node.Disabled).ToDictionary(
            static node => node.Inventory.NodeName, node => (object)new Dictionary<string, object>
        {
            ["nova-compute"] = new { available = node.IsUp(now), active = !node.Disabled,
                updated_at = Wire.Micros(node.LastSeenAt, zulu: false) },
        });
}
