using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Routers and floating addresses on the wire.</summary>
internal static class RouterBodies
{
    internal static readonly Resource Routers = new(
        "router",
        "routers",
        new("name", Parse.Text(255)),
        new("admin_state_up", Parse.Flag),
        new("external_gateway_info", ParseLists.Gateway) { Sortable = false },
        new("distributed", Parse.OrNull(Parse.Flag)) { Sortable = false },
        new("ha", Parse.OrNull(Parse.Flag)) { Sortable = false },
        new("routes", ParseLists.Routes) { Post = false, Sortable = false },
        new("availability_zone_hints", Parse.UniqueTexts) { Put = false, Sortable = false },
        new("flavor_id", Parse.OrNull(Parse.Uuid)) { Put = false, Sortable = false },
        Attribute.Shown("status"),
        Attribute.Shown("availability_zones", sortable: false));

    internal static readonly Resource FloatingIps = new(
        "floatingip",
        "floatingips",
        new("floating_network_id", Parse.Uuid) { Required = true, Put = false },
        new("floating_ip_address", Parse.OrNull(Parse.Address)) { Put = false },
        new("subnet_id", Parse.OrNull(Parse.Uuid)) { Put = false, Sortable = false },
        new("port_id", Parse.OrNull(Parse.Uuid)) { Sortable = false },
        new("fixed_ip_address", Parse.OrNull(Parse.Address)),
        new("dns_name", Parse.Text(255)) { Put = false },
        new("dns_domain", Parse.Text(255)) { Put = false },
        Attribute.Shown("router_id"),
        Attribute.Shown("status"),
        Attribute.Shown("qos_policy_id", sortable: false),
        Attribute.Shown("port_details", sortable: false));

    internal static Body Of(RouterState router, bool ha)
    {
        var body = new Body
        {
            ["id"] = router.Id.Text,
            ["name"] = router.Name,
            ["tenant_id"] = router.ProjectId.Text,
            ["admin_state_up"] = router.AdminStateUp,
            ["status"] = "ACTIVE",
            ["external_gateway_info"] = router.Gateway is not { } gateway ? null : new Dictionary<string, object>
            {
                ["network_id"] = gateway.NetworkId.Text,
                ["external_fixed_ips"] = PortBodies.Addresses(gateway.FixedIps),
                ["enable_snat"] = gateway.EnableSnat,
            },
            ["availability_zones"] = router.NodeName is null ? (string[])[] : ["nova"],
            ["availability_zone_hints"] = router.AvailabilityZoneHints,
            ["routes"] = router.Routes.Select(static route => new { destination = route.Destination, nexthop = route.NextHop }).ToArray(),
            ["flavor_id"] = null,
        };
        if (ha)
        {
            body["distributed"] = false;
            body["ha"] = false;
        }

        return body.Standard(router.ProjectId.Text, router.Description, router.Tags, router.CreatedAt, router.UpdatedAt, router.Revision);
    }

    internal static Body Of(FloatingIpState floating, PortState? port) => new Body
    {
        ["id"] = floating.Id.Text,
        ["tenant_id"] = floating.ProjectId.Text,
        ["floating_ip_address"] = floating.FloatingIpAddress,
        ["floating_network_id"] = floating.FloatingNetworkId.Text,
        ["router_id"] = floating.Target?.RouterId.Text,
        ["port_id"] = floating.Target?.PortId.Text,
        ["fixed_ip_address"] = floating.FixedIpAddress,
        ["status"] = floating.Status,
        ["dns_domain"] = floating.DnsDomain,
        ["dns_name"] = floating.DnsName,
        ["qos_policy_id"] = null,
        ["port_details"] = port is null ? null : new
        {
            name = port.Name,
            network_id = port.NetworkId.Text,
            mac_address = port.MacAddress,
            admin_state_up = port.AdminStateUp,
            status = port.Status,
            device_id = port.DeviceId,
            device_owner = port.DeviceOwner,
        },
    }.Standard(floating.ProjectId.Text, floating.Description, floating.Tags, floating.CreatedAt, floating.UpdatedAt, floating.Revision);
}
