using Fabric.Grains.Network;

namespace Fabric.Gateway.Network;

/// <summary>Networks and subnets on the wire.</summary>
internal static class NetworkBodies
{
    internal static readonly Resource Networks = new(
        "network",
        "networks",
        new("name", Parse.Text(255)),
        new("admin_state_up", Parse.Flag),
        new("shared", Parse.Flag),
        new("router:external", Parse.Flag),
        new("is_default", Parse.Flag),
        new("port_security_enabled", Parse.Flag),
        new("mtu", Parse.Number(0, 65_535)),
        new("provider:network_type", Parse.OrNull(Parse.OneOf("vxlan", "vlan", "flat"))) { Put = false },
        new("provider:physical_network", Parse.OrNull(Parse.Text(64))) { Put = false },
        new("provider:segmentation_id", Parse.OrNull(Parse.Number(1, (1 << 24) - 1))) { Put = false },
        new("availability_zone_hints", Parse.UniqueTexts) { Put = false, Sortable = false },
        new("dns_domain", Parse.Text(255)),
        new("qos_policy_id", Parse.OrNull(NoQos)) { Sortable = false },
        Attribute.Shown("status"),
        Attribute.Shown("subnets", sortable: false),
        Attribute.Shown("availability_zones", sortable: false),
        Attribute.Shown("ipv4_address_scope", sortable: false),
        Attribute.Shown("ipv6_address_scope", sortable: false));

    internal static readonly Resource Subnets = new(
        "subnet",
        "subnets",
        new("name", Parse.Text(255)),
        new("network_id", Parse.Uuid) { Required = true, Put = false },
        new("ip_version", Version) { Required = true, Put = false },
        new("cidr", Parse.OrNull(Parse.Block)) { Put = false },
        new("prefixlen", Parse.Anything) { Put = false, Sortable = false },
        new("subnetpool_id", Parse.OrNull(NoSubnetPool)) { Put = false },
        new("gateway_ip", Parse.OrNull(Parse.Address)),
        new("allocation_pools", ParseLists.Pools) { Sortable = false },
        new("dns_nameservers", ParseLists.Nameservers) { Sortable = false },
        new("host_routes", ParseLists.Routes) { Sortable = false },
        new("enable_dhcp", Parse.Flag),
        new("ipv6_ra_mode", Parse.OrNull(Parse.OneOf("dhcpv6-stateful", "dhcpv6-stateless", "slaac"))) { Put = false },
        new("ipv6_address_mode", Parse.OrNull(Parse.OneOf("dhcpv6-stateful", "dhcpv6-stateless", "slaac"))) { Put = false },
        new("service_types", Parse.UniqueTexts) { Sortable = false });

    internal static Body Of(NetworkState network, bool provider)
    {
        var body = new Body
        {
            ["id"] = network.Id.Text,
            ["name"] = network.Name,
            ["tenant_id"] = network.ProjectId.Text,
            ["admin_state_up"] = network.AdminStateUp,
            ["mtu"] = network.Mtu,
            ["status"] = "ACTIVE",
            ["subnets"] = network.Subnets.Select(static subnet => subnet.Id.Text).ToArray(),
            ["shared"] = network.Shared,
            ["availability_zone_hints"] = network.AvailabilityZoneHints,
            ["availability_zones"] = network.HasDhcp ? (string[])["nova"] : [],
            ["ipv4_address_scope"] = null,
            ["ipv6_address_scope"] = null,
            ["router:external"] = network.External,
            ["port_security_enabled"] = network.PortSecurityEnabled,
            ["dns_domain"] = network.DnsDomain,
            ["qos_policy_id"] = null,
        };
        if (network.External)
            body["is_default"] = network.IsDefault;
        if (provider)
        {
            body["provider:network_type"] = network.NetworkType;
            body["provider:physical_network"] = network.PhysicalNetwork;
            body["provider:segmentation_id"] = network.SegmentationId;
        }

        return body.Standard(network.ProjectId.Text, network.Description, network.Tags, network.CreatedAt, network.UpdatedAt,
            network.Revision);
    }

    internal static Body Of(SubnetState subnet) => new Body
    {
        ["id"] = subnet.Id.Text,
        ["name"] = subnet.Name,
        ["tenant_id"] = subnet.ProjectId.Text,
        ["network_id"] = subnet.NetworkId.Text,
        ["ip_version"] = subnet.IpVersion,
        ["subnetpool_id"] = null,
        ["enable_dhcp"] = subnet.EnableDhcp,
        ["ipv6_ra_mode"] = subnet.Ipv6RaMode,
        ["ipv6_address_mode"] = subnet.Ipv6AddressMode,
        ["gateway_ip"] = subnet.GatewayIp,
        ["cidr"] = subnet.Cidr,
        ["allocation_pools"] = subnet.AllocationPools.Select(static pool => new { start = pool.Start, end = pool.End }).ToArray(),
        ["host_routes"] = subnet.HostRoutes.Select(static route => new { destination = route.Destination, nexthop = route.NextHop })
            .ToArray(),
        ["dns_nameservers"] = subnet.DnsNameservers,
        ["service_types"] = subnet.ServiceTypes,
    }.Standard(subnet.ProjectId.Text, subnet.Description, subnet.Tags, subnet.CreatedAt, subnet.UpdatedAt, subnet.Revision);

    private static string? Version(System.Text.Json.JsonElement input, out object? value) =>
        Parse.Number(int.MinValue, int.MaxValue)(input, out value) ?? (value is 4 or 6 ? null : $"{value} is not in [4, 6]");

    private static string? NoQos(System.Text.Json.JsonElement input, out object? value) => Parse.Uuid(input, out value)
        ?? throw Fault.NotFound(
        "QosPolicyNotFound", $"QoS policy {value} could not be found.");

    private static string? NoSubnetPool(System.Text.Json.JsonElement input, out object? value) => Parse.Uuid(input, out value)
        ?? throw Fault.NotFound(
        "SubnetPoolNotFound", $"Subnet pool {value} could not be found.");
}
