using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>A bridge as it should be.</summary>
internal sealed record BridgeTarget(NetworkId Network, string Name, int Mtu, string? Device);

/// <summary>The host's own leg on an external network.</summary>
internal sealed record HostLegTarget(NetworkId Network, string Name, string Peer, string Bridge, int Mtu, IReadOnlyList<string> Addresses);

/// <summary>A veth from a namespace (inner end) into a bridge (outer end).</summary>
/// <param name="Announce">Addresses of this leg are announced by ARP when they are new: neighbours may know them elsewhere.</param>
internal sealed record LegTarget(
    string Outer, string Inner, string Bridge, string Mac, int Mtu, IReadOnlyList<string> Addresses, bool Announce);

/// <summary>A route within a namespace, its destination as <c>ip route</c> shows it; but <c>default</c> is IPv4's.</summary>
internal sealed record RouteTarget(string Destination, string Via)
{
    internal const string DefaultIpv6 = "::/0";
}

/// <summary>One of our namespaces with all that is in it, but for processes.</summary>
internal sealed record NamespaceTarget(
    string Name,
    string Role,
    string Owner,
    bool Forwarding,
    IReadOnlyList<LegTarget> Legs,
    IReadOnlyList<RouteTarget> Routes,
    string Ruleset)
{
    /// <summary>Which fixed address each floating one stands for; in <see cref="Ruleset"/> too.</summary>
    internal IReadOnlyDictionary<string, string> Floating { get; init; } = new Dictionary<string, string>();

    /// <summary>Tells one configuration from another. Stands in the alias of the outer ends once it was applied completely.</summary>
    internal string Hash { get; } = Convert.ToHexStringLower(
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { Name, Role, Forwarding, Legs, Routes, Ruleset })))[..16];
}

/// <summary>What <see cref="DesiredNetworking"/> means in devices, addresses and namespaces of one host. Pure, and without knowledge of
/// what is there already.</summary>
internal sealed record HostLayout(
    IReadOnlyList<BridgeTarget> Bridges,
    IReadOnlyList<HostLegTarget> HostLegs,
    IReadOnlyList<NamespaceTarget> Namespaces,
    IReadOnlyList<DesiredPort> Ports,
    IReadOnlyList<DesiredNetwork> DhcpNetworks,
    IReadOnlyList<AdvertiserTarget> Advertisers)
{
    internal const string MetadataAddress = "169.254.169.254";

    /// <summary>Where a router's namespace takes the metadata requests that pass it.</summary>
    internal const int RouterMetadataPort = 9697;

    /// <summary>The tunnels to other hosts.</summary>
    internal IReadOnlyList<TunnelTarget> Tunnels { get; init; } = [];

    private static readonly HostLayout Nothing = new([], [], [], [], [], []);

    /// <summary>No network at all.</summary>
    internal static HostLayout Empty => Nothing;

    internal static bool ServesDhcp(DesiredNetwork network) => Mac.TryParse(network.DhcpMacAddress, out _) && DhcpSubnets(network).Any();

    internal static bool IsRealised(DesiredRouter router) =>
        router.AdminStateUp && (router.Gateway is not null || router.Interfaces.Count > 0);

    /// <summary>The subnets of which dnsmasq answers requests: of IPv6 those whose guests ask it for an address or for options. Guests of
    /// the others make their address from the router's advertisement.</summary>
    internal static IEnumerable<DesiredSubnet> DhcpSubnets(DesiredNetwork network) => AddressedSubnets(network)
        .Where(subnet => Cidr.Parse(subnet.Cidr) is { } range && (range.IsIPv4 || (range.PrefixLength >= 64 && AsksDhcp(subnet))));

    /// <summary>The subnets in which the DHCP server has an address.</summary>
    private static IEnumerable<DesiredSubnet> AddressedSubnets(DesiredNetwork network) => network.Subnets
        .Where(subnet => subnet.DhcpEnabled && Cidr.Address(subnet.DhcpAddress) is { } address
            && Cidr.Parse(subnet.Cidr) is { } range && range.Contains(address))
        .OrderBy(subnet => subnet.Id.Text, StringComparer.Ordinal);

    private static bool AsksDhcp(DesiredSubnet subnet) =>
        subnet.Ipv6AddressMode is "dhcpv6-stateful" or "dhcpv6-stateless" || (subnet.Ipv6AddressMode ?? subnet.Ipv6RaMode) is null;

    /// <summary>What the realised routers advertise; none for a router without a leg on an IPv6 subnet.</summary>
    internal static IReadOnlyList<AdvertiserTarget> AdvertisersOf(DesiredNetworking desired)
    {
        var networks = desired.Networks.ToDictionary(network => network.Id);
        return [.. desired.Routers.OrderBy(router => router.Id.Text, StringComparer.Ordinal)
            .Select(router => new AdvertiserTarget(router.Id, RadvdConfig.Render(router, networks)))
            .Where(target => target.Config.Length > 0)];
    }

    internal static HostLayout Of(DesiredNetworking desired, NetworkOptions options)
    {
        var networks = desired.Networks.OrderBy(network => network.Id.Text, StringComparer.Ordinal).ToList();
        var mtus = networks.ToDictionary(network => network.Id, network => network.Mtu);
        var dhcp = networks.Where(ServesDhcp).ToList();
        return new(
            [.. networks.Select(network => Bridge(network, options))],
            [.. networks.Where(network => Physical(network, options) is { HostAddress: true }).Select(HostLeg)],
            [
                .. dhcp.Select(network => DhcpNamespace(network, options.NetNs)),
                .. desired.Routers.Where(IsRealised).OrderBy(router => router.Id.Text, StringComparer.Ordinal)
                    .Select(router => Router(router, mtus, options.NetNs)).Where(target => target.Legs.Count > 0),
            ],
            desired.Ports,
            dhcp,
            AdvertisersOf(desired))
        {
            Tunnels = [.. networks.Select(network => TunnelTarget.Of(network, options)).OfType<TunnelTarget>()],
        };
    }

    private static BridgeTarget Bridge(DesiredNetwork network, NetworkOptions options) =>
        new(network.Id, DeviceNames.Bridge(network.Id), network.Mtu, Physical(network, options)?.Device);

    private static PhysicalNetworkOptions? Physical(DesiredNetwork network, NetworkOptions options) =>
        network.PhysicalNetwork is { } name && options.PhysicalNetworks.TryGetValue(name, out var physical) ? physical : null;

    // The host's address is not on the bridge itself but behind a veth, so that what the host sends or routes to a guest on this network is
    // bridged, and so judged by the guest's security groups like anything else.
    private static HostLegTarget HostLeg(DesiredNetwork network) => new(
        network.Id,
        DeviceNames.HostLeg(network.Id),
        DeviceNames.HostLegPeer(network.Id),
        DeviceNames.Bridge(network.Id),
        network.Mtu,
        [.. network.Subnets.Select(GatewayInterface).OfType<string>().Order(StringComparer.Ordinal)]);

    // A link-local gateway is another machine's: the host's own address of that kind is none that the API gives.
    private static string? GatewayInterface(DesiredSubnet subnet) =>
        Cidr.Address(subnet.GatewayIp) is { IsIPv6LinkLocal: false } gateway && Cidr.Parse(subnet.Cidr) is { } range
            && range.Base.AddressFamily == gateway.AddressFamily
            ? $"{gateway}/{range.PrefixLength}"
            : null;

    private static NamespaceTarget DhcpNamespace(DesiredNetwork network, string? host)
    {
        var addresses = AddressedSubnets(network)
            .Select(subnet => $"{Cidr.Address(subnet.DhcpAddress)}/{Cidr.Parse(subnet.Cidr)!.Value.PrefixLength}");
        var leg = new LegTarget(
            DeviceNames.DhcpLeg(network.Id),
            DeviceNames.DhcpInner,
            DeviceNames.Bridge(network.Id),
            network.DhcpMacAddress!.ToLowerInvariant(),
            network.Mtu,
            [.. addresses, MetadataAddress + "/32"],
            Announce: false);
        return new(DeviceNames.DhcpNamespace(network.Id, host), DeviceAlias.DhcpRole, network.Id.Text, Forwarding: false, [leg], [], "");
    }

    private static NamespaceTarget Router(DesiredRouter router, Dictionary<NetworkId, int> mtus, string? host)
    {
        var legs = router.Interfaces
            .Where(leg => mtus.ContainsKey(leg.NetworkId) && Mac.TryParse(leg.MacAddress, out _))
            .OrderBy(leg => leg.PortId.Text, StringComparer.Ordinal)
            .Select(leg => Leg(DeviceNames.RouterLeg(leg.PortId), leg.NetworkId, leg.MacAddress, leg.Addresses, [], mtus))
            .ToList();
        var routes = router.Routes.Select(route => (Destination: Cidr.Parse(route.Destination), Via: Cidr.Address(route.NextHop)))
            .Where(route => route is { Destination: not null, Via: not null })
            .Select(route => new RouteTarget(Destination(route.Destination!.Value), route.Via!.ToString()))
            .ToList();
        if (router.Gateway is { } gateway && mtus.ContainsKey(gateway.NetworkId) && Mac.TryParse(gateway.MacAddress, out _))
        {
            var floating = router.FloatingIps.Select(ip => Cidr.Address4(ip.FloatingAddress)).OfType<IPAddress>().Select(ip => $"{ip}/32");
            legs.Add(Leg(DeviceNames.GatewayLeg(gateway.PortId), gateway.NetworkId, gateway.MacAddress, gateway.Addresses, floating, mtus));
            if (Cidr.Address4(gateway.NextHop) is { } nextHop && routes.TrueForAll(route => route.Destination != "default"))
                routes.Add(new("default", nextHop.ToString()));

            if (Cidr.Address6(gateway.NextHopIpv6) is { } hop6 && routes.TrueForAll(route => route.Destination != RouteTarget.DefaultIpv6))
                routes.Add(new(RouteTarget.DefaultIpv6, hop6.ToString()));
        }

        routes.Sort((a, b) => string.CompareOrdinal(a.Destination, b.Destination));
        return new(
            DeviceNames.RouterNamespace(router.Id, host),
            DeviceAlias.RouterRole,
            router.Id.Text,
            Forwarding: true,
            legs,
            routes,
            RouterRuleset.Render(router))
        {
            Floating = RouterRuleset.Floating(router).ToDictionary(ip => ip.Floating, ip => ip.Fixed, StringComparer.Ordinal),
        };
    }

    private static LegTarget Leg(
        string name,
        NetworkId network,
        string mac,
        IEnumerable<string> addresses,
        IEnumerable<string> further,
        Dictionary<NetworkId, int> mtus) =>
        new(
            name,
            name,
            DeviceNames.Bridge(network),
            mac.ToLowerInvariant(),
            mtus[network],
            [.. addresses.Select(Cidr.Interface).OfType<string>().Concat(further.Order(StringComparer.Ordinal)).Distinct()],
            Announce: true);

    private static string Destination(Cidr range) => range is { IsIPv4: true, PrefixLength: 0 } ? "default" : range.ToString();
}
