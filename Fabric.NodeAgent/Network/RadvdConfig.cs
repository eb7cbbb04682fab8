using System.Net;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>What one router tells its IPv6 networks about itself, as radvd's configuration; pure. The router's legs say on which subnets it
/// is, the subnets' <c>ipv6_ra_mode</c> what is said of each.</summary>
internal static class RadvdConfig
{
    /// <summary>Of more, radvd would refuse the whole file.</summary>
    private const int MostNameservers = 3;

    /// <summary>IPv6 does not work on links with less.</summary>
    private const int LeastMtu = 1280;

    /// <summary>Renders it. Empty when the router has no leg on an IPv6 subnet.</summary>
    internal static string Render(DesiredRouter router, IReadOnlyDictionary<NetworkId, DesiredNetwork> networks)
    {
        if (!HostLayout.IsRealised(router))
            return "";

        var text = new NftText();
        foreach (var leg in router.Interfaces.OrderBy(leg => leg.PortId.Text, StringComparer.Ordinal))
            if (networks.TryGetValue(leg.NetworkId, out var network) && Mac.TryParse(leg.MacAddress, out _))
                Interface(text, leg, network);

        return text.ToString();
    }

    private static void Interface(NftText text, DesiredRouterInterface leg, DesiredNetwork network)
    {
        var subnets = Subnets(leg, network).ToList();
        if (subnets.Count == 0)
            return;

        text.Block("interface " + DeviceNames.RouterLeg(leg.PortId), () =>
        {
            text.Line("AdvSendAdvert on;").Line("MinRtrAdvInterval 30;").Line("MaxRtrAdvInterval 100;");
            if (network.Mtu >= LeastMtu)
                text.Line(FormattableString.Invariant($"AdvLinkMTU {network.Mtu};"));

            if (subnets.Exists(subnet => subnet.Subnet.Ipv6RaMode == "dhcpv6-stateless"))
                text.Line("AdvOtherConfigFlag on;");

            if (subnets.Exists(subnet => subnet.Subnet.Ipv6RaMode == "dhcpv6-stateful"))
                text.Line("AdvManagedFlag on;");

            var servers = subnets.Where(subnet => subnet.Subnet.Ipv6RaMode == "slaac").SelectMany(subnet => subnet.Subnet.DnsServers)
                .Select(Cidr.Address6).OfType<IPAddress>()
                .Where(server => !server.Equals(IPAddress.IPv6Any)).Distinct().Take(MostNameservers).ToList();
            if (servers.Count > 0)
                text.Block("RDNSS " + string.Join(' ', servers), () => { }, end: "};");

            foreach (var (subnet, range) in subnets.Where(subnet => subnet.Subnet.Ipv6RaMode is not null))
                text.Block(
                    FormattableString.Invariant($"prefix {range.Base}/{range.PrefixLength}"),
                    () => text.Line("AdvOnLink on;")
                        .Line(subnet.Ipv6RaMode == "dhcpv6-stateful" ? "AdvAutonomous off;" : "AdvAutonomous on;"),
                    end: "};");
        }, end: "};");
    }

    private static IEnumerable<(DesiredSubnet Subnet, Cidr Range)> Subnets(DesiredRouterInterface leg, DesiredNetwork network)
    {
        var addresses = leg.Addresses.Select(Cidr.Interface).OfType<string>()
            .Select(address => IPAddress.Parse(address.AsSpan(0, address.IndexOf('/', StringComparison.Ordinal)))).ToList();
        foreach (var subnet in network.Subnets.OrderBy(subnet => subnet.Id.Text, StringComparer.Ordinal))
            if (Cidr.Parse(subnet.Cidr) is { IsIPv4: false } range && addresses.Exists(range.Contains))
                yield return (subnet, range);
    }
}
