using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>The whole network of one node: every network, port and router that it realises. Always sent whole, so that an
/// agent that lost or missed something is right again after the next one.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-networking")]
public sealed record DesiredNetworking
{
    /// <summary>Grows with each rendering for this node; an older one is dropped.</summary>
    [Id(0)] public required long Generation { get; init; }
    [Id(1)] public IReadOnlyList<DesiredNetwork> Networks { get; init; } = [];
    [Id(2)] public IReadOnlyList<DesiredPort> Ports { get; init; } = [];
    [Id(3)] public IReadOnlyList<DesiredRouter> Routers { get; init; } = [];
}

/// <summary>One layer-2 segment and what DHCP says on it.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-network")]
public sealed record DesiredNetwork
{
    [Id(0)] public required NetworkId Id { get; init; }

    /// <summary>VXLAN's VNI; unique in the cloud.</summary>
    [Id(1)] public required int Vni { get; init; }

    /// <summary>Largest packet in bytes, handed to guests by DHCP option 26.</summary>
    [Id(2)] public required int Mtu { get; init; }

    /// <summary>Name of the physical network for an external or provider network (<c>public</c>, …); null for an overlay.</summary>
    [Id(3)] public string? PhysicalNetwork { get; init; }
    [Id(4)] public IReadOnlyList<DesiredSubnet> Subnets { get; init; } = [];

    /// <summary>The addresses that DHCP hands out on this node: those of the ports that live here. Every node answers its own guests, so
    /// that a boot elsewhere is no change here.</summary>
    [Id(5)] public IReadOnlyList<DesiredDhcpHost> DhcpHosts { get; init; } = [];

    /// <summary>MAC of the DHCP port; null when no subnet has DHCP.</summary>
    [Id(6)] public string? DhcpMacAddress { get; init; }

    /// <summary>The DNS domain handed out, e.g. <c>openstacklocal</c>.</summary>
    [Id(7)] public string DnsDomain { get; init; } = "openstacklocal";

    /// <summary>The tunnel end points (VTEPs) of the other nodes that have ports of this network, guests' or routers'; sorted. Empty for a
    /// network that is all here, and for a provider network, which has a segment of its own.</summary>
    [Id(8)] public IReadOnlyList<string> Vteps { get; init; } = [];
}

/// <summary>One subnet as DHCP serves it.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-subnet")]
public sealed record DesiredSubnet
{
    [Id(0)] public required SubnetId Id { get; init; }
    [Id(1)] public required string Cidr { get; init; }

    /// <summary>The router's address; null for none.</summary>
    [Id(2)] public string? GatewayIp { get; init; }
    [Id(3)] public required bool DhcpEnabled { get; init; }

    /// <summary>The DHCP server's own address in the subnet; null without DHCP.</summary>
    [Id(4)] public string? DhcpAddress { get; init; }
    [Id(5)] public IReadOnlyList<string> DnsServers { get; init; } = [];
    [Id(6)] public IReadOnlyList<DesiredRoute> HostRoutes { get; init; } = [];

    /// <summary>What a router advertises of an IPv6 subnet: <c>slaac</c>, <c>dhcpv6-stateful</c>, <c>dhcpv6-stateless</c>; null for an
    /// IPv4 subnet, or one of which nothing is advertised.</summary>
    [Id(7)] public string? Ipv6RaMode { get; init; }

    /// <summary>How guests come to their address in an IPv6 subnet: the same words; null for by hand, or by DHCP when
    /// <see cref="Ipv6RaMode"/> is null too.</summary>
    [Id(8)] public string? Ipv6AddressMode { get; init; }
}

/// <summary>A route.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-route")]
public sealed record DesiredRoute([property: Id(0)] string Destination, [property: Id(1)] string NextHop);

/// <summary>An address that DHCP hands to a MAC.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-dhcp-host")]
public sealed record DesiredDhcpHost(
    [property: Id(0)] PortId PortId,
    [property: Id(1)] string MacAddress,
    [property: Id(2)] string IpAddress,
    [property: Id(3)] SubnetId SubnetId,
    [property: Id(4)] string HostName)
{
    /// <summary>What the port's user asked to be handed out besides (<c>extra_dhcp_opts</c>). Users' text: a renderer takes of it only
    /// what cannot mean anything else.</summary>
    [Id(5)] public IReadOnlyList<DesiredDhcpOption> Options { get; init; } = [];
}

/// <summary>An option of DHCP by its name or number, for one version of IP.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-dhcp-option")]
public sealed record DesiredDhcpOption(
    [property: Id(0)] string Name, [property: Id(1)] string Value, [property: Id(2)] int IpVersion);

/// <summary>One guest's port on this node: where it plugs in, and what may pass.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-port")]
public sealed record DesiredPort
{
    [Id(0)] public required PortId Id { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }

    /// <summary>The server it belongs to, for the metadata service.</summary>
    [Id(2)] public required InstanceId InstanceId { get; init; }

    /// <summary>The server's project, for the metadata service.</summary>
    [Id(3)] public required ProjectId ProjectId { get; init; }
    [Id(4)] public required string MacAddress { get; init; }
    [Id(5)] public IReadOnlyList<string> IpAddresses { get; init; } = [];

    /// <summary>Further addresses the guest may use (<c>allowed_address_pairs</c>): MAC and address or CIDR.</summary>
    [Id(6)] public IReadOnlyList<DesiredAddressPair> AllowedAddressPairs { get; init; } = [];

    /// <summary>False: no anti-spoofing and no security groups.</summary>
    [Id(7)] public bool PortSecurity { get; init; } = true;
    [Id(8)] public bool AdminStateUp { get; init; } = true;

    /// <summary>What security groups allow; all else is dropped, both ways. Replies always pass.</summary>
    [Id(9)] public IReadOnlyList<DesiredRule> Rules { get; init; } = [];
}

/// <summary>An address that may be used besides the port's own.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-address-pair")]
public sealed record DesiredAddressPair([property: Id(0)] string MacAddress, [property: Id(1)] string IpAddress);

/// <summary>One security group rule; remote groups are already expanded into addresses.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-rule")]
public sealed record DesiredRule
{
    /// <summary>True: towards the guest.</summary>
    [Id(0)] public required bool Ingress { get; init; }

    /// <summary>4 or 6.</summary>
    [Id(1)] public required int IpVersion { get; init; }

    /// <summary><c>tcp</c>, <c>udp</c>, <c>icmp</c>, <c>ipv6-icmp</c>, a number, …; null for any.</summary>
    [Id(2)] public string? Protocol { get; init; }

    /// <summary>First port, or the ICMP type.</summary>
    [Id(3)] public int? PortMin { get; init; }

    /// <summary>Last port, or the ICMP code.</summary>
    [Id(4)] public int? PortMax { get; init; }

    /// <summary>The far side's CIDRs; null for anywhere, empty for nobody (a remote group without members).</summary>
    [Id(5)] public IReadOnlyList<string>? RemoteCidrs { get; init; }
}

/// <summary>A router that this node realises as a namespace.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-router")]
public sealed record DesiredRouter
{
    [Id(0)] public required RouterId Id { get; init; }
    [Id(1)] public DesiredGateway? Gateway { get; init; }
    [Id(2)] public IReadOnlyList<DesiredRouterInterface> Interfaces { get; init; } = [];
    [Id(3)] public IReadOnlyList<DesiredFloatingIp> FloatingIps { get; init; } = [];
    [Id(4)] public IReadOnlyList<DesiredRoute> Routes { get; init; } = [];
    [Id(5)] public bool AdminStateUp { get; init; } = true;
}

/// <summary>A router's leg on an external network.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-gateway")]
public sealed record DesiredGateway
{
    [Id(0)] public required PortId PortId { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }
    [Id(2)] public required string MacAddress { get; init; }

    /// <summary>Addresses with prefix length, e.g. <c>198.51.100.10/24</c>.</summary>
    [Id(3)] public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>The next hop to the world of IPv4; null for none.</summary>
    [Id(4)] public string? NextHop { get; init; }
    [Id(5)] public bool SnatEnabled { get; init; } = true;

    /// <summary>The next hop to the world of IPv6; null for none.</summary>
    [Id(6)] public string? NextHopIpv6 { get; init; }
}

/// <summary>A router's leg on a project's network.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-router-interface")]
public sealed record DesiredRouterInterface(
    [property: Id(0)] PortId PortId,
    [property: Id(1)] NetworkId NetworkId,
    [property: Id(2)] string MacAddress,
    [property: Id(3)] IReadOnlyList<string> Addresses);

/// <summary>One-to-one translation between a floating and a fixed address.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-floating-ip")]
public sealed record DesiredFloatingIp([property: Id(0)] string FloatingAddress, [property: Id(1)] string FixedAddress);
