using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>One node's networking from its records. Pure; equal records give equal renderings.</summary>
internal static class NodeRendering
{
    public static DesiredNetworking Render(NodePart part, long generation)
    {
        var networks = part.Networks.ToDictionary(static network => network.Id);
        var guests = part.Ports.Where(port => port.IsCompute && InstanceId.TryParse(port.DeviceId, out _)
            && networks.ContainsKey(port.NetworkId)).ToArray();
        var rules = new Dictionary<string, IReadOnlyList<DesiredRule>>(StringComparer.Ordinal);
        return new()
        {
            Generation = generation,
            Networks = [.. part.Networks.Select(network => Network(network, part, guests))],
            Ports = [.. guests.Select(port => Port(port, networks[port.NetworkId], part, rules))],
            Routers = [.. part.Routers.Select(router => Router(router, part, networks))],
        };
    }

    private static DesiredNetwork Network(NetworkState network, NodePart part, IReadOnlyList<PortState> guests)
    {
        var dhcp = part.DhcpPorts.GetValueOrDefault(network.Id);
        return new()
        {
            Id = network.Id,
            Vni = network.Vni,
            Mtu = network.Mtu,
            PhysicalNetwork = network.PhysicalNetwork,
            DhcpMacAddress = dhcp?.MacAddress,
            DnsDomain = network.DnsDomain.Length > 0 ? network.DnsDomain.TrimEnd('.') : "openstacklocal",
            Subnets = [.. network.Subnets.Select(subnet => Subnet(subnet, dhcp))],
            DhcpHosts = [.. guests.Where(port => port.NetworkId == network.Id).SelectMany(Hosts)],
            Vteps = part.Vteps.GetValueOrDefault(network.Id) ?? [],
        };

        IEnumerable<DesiredDhcpHost> Hosts(PortState port) => port.FixedIps
            .Where(ip => network.Subnet(ip.SubnetId)?.EnableDhcp == true)
            .Select(ip => new DesiredDhcpHost(port.Id, port.MacAddress, ip.IpAddress, ip.SubnetId, HostName(port, ip.IpAddress))
            {
                Options =
                [
                    .. port.ExtraDhcpOpts.Select(static option => new DesiredDhcpOption(option.Name, option.Value ?? "", option.IpVersion)),
                ],
            });
    }

    private static string HostName(PortState port, string address) => port.DnsName.Length > 0
        ? port.DnsName
        : "host-" + address.Replace('.', '-').Replace(':', '-');

    private static DesiredSubnet Subnet(SubnetState subnet, PortState? dhcp) => new()
    {
        Id = subnet.Id,
        Cidr = subnet.Cidr,
        GatewayIp = subnet.GatewayIp,
        DhcpEnabled = subnet.EnableDhcp,
        DhcpAddress = dhcp?.FixedIps.FirstOrDefault(ip => ip.SubnetId == subnet.Id)?.IpAddress,
        DnsServers = subnet.DnsNameservers,
        HostRoutes = subnet.HostRoutes,
        Ipv6RaMode = subnet.Ipv6RaMode,
        Ipv6AddressMode = subnet.Ipv6AddressMode,
    };

    private static DesiredPort Port(
        PortState port,
        NetworkState network,
        NodePart part,
        Dictionary<string, IReadOnlyList<DesiredRule>> rules)
    {
        // Ports with the same groups share one list: a node's hundred guests are usually all in their project's default group.
        var key = string.Join(',', port.SecurityGroups);
        if (!rules.TryGetValue(key, out var allowed))
        {
            rules[key] = allowed = [.. port.SecurityGroups.Select(part.Groups.GetValueOrDefault).OfType<SecurityGroupState>()
                .SelectMany(static group => group.Rules).Select(rule => Rule(rule, part))];
        }

        return new()
        {
            Id = port.Id,
            NetworkId = port.NetworkId,
            InstanceId = InstanceId.Parse(port.DeviceId),
            ProjectId = port.ProjectId ?? network.ProjectId,
            MacAddress = port.MacAddress,
            IpAddresses = [.. port.FixedIps.Select(static ip => ip.IpAddress)],
            AllowedAddressPairs = port.AllowedAddressPairs,
            PortSecurity = port.PortSecurityEnabled,
            AdminStateUp = port.AdminStateUp && network.AdminStateUp,
            Rules = allowed,
        };
    }

    private static DesiredRule Rule(SecurityRule rule, NodePart part)
    {
        var version = rule.EtherType == "IPv4" ? 4 : 6;
        IReadOnlyList<string>? remote = null;
        if (rule.RemoteGroupId is { } group)
            remote = [.. (part.Members.GetValueOrDefault(group) ?? []).Where(cidr => Cidr.Parse(cidr).Version == version)];
        else if (rule.RemoteIpPrefix is { } prefix)
            remote = [Cidr.Parse(prefix).ToString()];
        return new()
        {
            Ingress = rule.Direction == "ingress",
            IpVersion = version,
            Protocol = rule.Protocol,
            PortMin = rule.PortMin,
            PortMax = rule.PortMax,
            RemoteCidrs = remote,
        };
    }

    private static DesiredRouter Router(RouterState router, NodePart part, Dictionary<NetworkId, NetworkState> networks)
    {
        var ports = part.RouterPorts.Where(port => port.DeviceId == router.Id.Text && networks.ContainsKey(port.NetworkId)).ToArray();
        return new()
        {
            Id = router.Id,
            AdminStateUp = router.AdminStateUp,
            Routes = router.Routes,
            Gateway = Gateway(router, ports, networks),
            Interfaces =
            [
                .. ports.Where(static port => port.DeviceOwner == DeviceOwners.RouterInterface).Select(port =>
                    new DesiredRouterInterface(port.Id, port.NetworkId, port.MacAddress, WithPrefix(port, networks[port.NetworkId]))),
            ],
            FloatingIps =
            [
                .. part.FloatingIps.Where(floating => floating.Target?.RouterId == router.Id)
                    .Select(static floating => new DesiredFloatingIp(floating.FloatingIpAddress, floating.Target!.FixedIpAddress)),
            ],
        };
    }

    private static DesiredGateway? Gateway(RouterState router, IReadOnlyList<PortState> ports, Dictionary<NetworkId, NetworkState> networks)
    {
        if (router.Gateway is not { } gateway || ports.FirstOrDefault(port => port.Id == gateway.PortId) is not { } port)
            return null;
        var network = networks[port.NetworkId];
        return new()
        {
            PortId = port.Id,
            NetworkId = port.NetworkId,
            MacAddress = port.MacAddress,
            Addresses = WithPrefix(port, network),
            NextHop = NextHop(4),
            SnatEnabled = gateway.EnableSnat,
            NextHopIpv6 = NextHop(6),
        };

        string? NextHop(int version) => port.FixedIps.Select(ip => network.Subnet(ip.SubnetId))
            .FirstOrDefault(subnet => subnet?.IpVersion == version)?.GatewayIp;
    }

    private static IReadOnlyList<string> WithPrefix(PortState port, NetworkState network) =>
    [
        .. port.FixedIps.Select(ip => (ip.IpAddress, Subnet: network.Subnet(ip.SubnetId))).Where(static pair => pair.Subnet is not null)
            .Select(static pair => $"{pair.IpAddress}/{Cidr.Parse(pair.Subnet!.Cidr).PrefixLength}"),
    ];
}
