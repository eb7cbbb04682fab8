using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Network;

/// <summary>Availability zones, how full networks are, and service providers.</summary>
internal static class AvailabilityEndpoints
{
    private static readonly Resource Zones =
        new("availability_zone", "availability_zones", Attribute.Shown("name"), Attribute.Shown("resource"),
        Attribute.Shown("state"));

    private static readonly Resource Availabilities =
        new("network_ip_availability", "network_ip_availabilities", Attribute.Shown("network_id"),
        Attribute.Shown("network_name"), Attribute.Shown("total_ips"), Attribute.Shown("used_ips"));

    internal static async Task<IResult> ListZones(Call call)
    {
        var nodes = await call.Get<IResourceIndex>().List<HypervisorState>(new(HypervisorState.Kind), call.Aborted);
        var now = call.Get<TimeProvider>().GetUtcNow();
        var zones = nodes.GroupBy(static node => node.AvailabilityZone)
            .SelectMany(zone => new[] { "network", "router" }.Select(resource => new Body
        {
            ["name"] = zone.Key,
            ["resource"] = resource,
            ["state"] = zone.Any(node => node.IsUp(now)) ? "available" : "unavailable",
        }));
        var found = zones.Where(zone => Asked("name", zone) && Asked("resource", zone) && Asked("state", zone))
            .Select(zone => zone.Chosen(call));
        return Reply.Json(new Dictionary<string, object> { [Zones.Collection] = found.ToArray() });

        bool Asked(string name, Body zone) => call.QueryAll(name) is not { Count: > 0 } values || values.Contains((string)zone[name]!);
    }

    internal static async Task<IResult> ListAvailabilities(Call call)
    {
        var index = call.Get<IResourceIndex>();
        var networks = await index.List<NetworkState>(new(NetworkState.Kind), call.Aborted);
        var used = await Used(index, new(PortState.Kind), call.Aborted);
        var bodies = networks.Select(network => Of(network, used)).Where(body => Fits(call, body));
        return ResourceList.Reply(call, Availabilities, bodies, NetworkFaults.NetworkNotFound);
    }

    internal static async Task<IResult> ShowAvailability(Call call)
    {
        var network = await Visible.Network(call, call.Path("id"));
        var query = new ResourceQuery(PortState.Kind).WithRef(PortState.NetworkRef, network.Id.Text);
        var body = Of(network, await Used(call.Get<IResourceIndex>(), query, call.Aborted));
        body.Remove("id");
        return Reply.Json(new { network_ip_availability = body });
    }

    internal static Task<IResult> ServiceProviders(Call call) => Task.FromResult(Reply.Json(new
    {
        service_providers = new[] { new { service_type = "L3_ROUTER_NAT", name = "single_node", @default = true } },
    }));

    private static async Task<Dictionary<SubnetId, int>> Used(IResourceIndex index, ResourceQuery query, CancellationToken ct)
    {
        var ports = await index.List<PortState>(query, ct);
        return ports.SelectMany(static port => port.FixedIps).GroupBy(static ip => ip.SubnetId)
            .ToDictionary(static group => group.Key, static group => group.Count());
    }

    private static bool Fits(Call call, Body body) => call.Query("ip_version") is not { } version
        || ((IEnumerable<Dictionary<string, object>>)body["subnet_ip_availability"]!).Any(subnet =>
            ((int)subnet["ip_version"]).ToString(CultureInfo.InvariantCulture) == version);

    private static Body Of(NetworkState network, Dictionary<SubnetId, int> used)
    {
        var subnets = network.Subnets.Select(subnet => new Dictionary<string, object>
        {
            ["subnet_id"] = subnet.Id.Text,
            ["cidr"] = subnet.Cidr,
            ["subnet_name"] = subnet.Name,
            ["ip_version"] = subnet.IpVersion,
            ["total_ips"] = Number(Total(subnet)),
            ["used_ips"] = Number((UInt128)used.GetValueOrDefault(subnet.Id)),
        }).ToArray();
        return new()
        {
            ["id"] = network.Id.Text,
            ["network_id"] = network.Id.Text,
            ["network_name"] = network.Name,
            ["tenant_id"] = network.ProjectId.Text,
            ["project_id"] = network.ProjectId.Text,
            ["total_ips"] = Number(network.Subnets.Aggregate(UInt128.Zero, static (sum, subnet) => sum + Total(subnet))),
            ["used_ips"] = Number((UInt128)network.Subnets.Sum(subnet => used.GetValueOrDefault(subnet.Id))),
            ["subnet_ip_availability"] = subnets,
        };
    }

    private static UInt128 Total(SubnetState subnet) => subnet.AllocationPools.Aggregate(UInt128.Zero,
        static (sum, pool) => sum + Ip.Parse(pool.End).Value - Ip.Parse(pool.Start).Value + 1);

    /// <summary>A JSON number of any size: an IPv6 subnet holds more addresses than a long counts.</summary>
    private static JsonElement Number(UInt128 value) => JsonElement.Parse(value.ToString(CultureInfo.InvariantCulture));
}
