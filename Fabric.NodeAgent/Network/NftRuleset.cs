using System.Globalization;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// The host's firewall as one nft transaction. Three tables named <c>fabric</c> work together, because the kernel's bridge family knows
/// the tap but no connections, and the IP families (reached through br_netfilter) know connections but only the bridge:
/// <list type="number">
/// <item>bridge, prerouting: anti-spoofing. A frame from a tap passes only with addresses of its port.</item>
/// <item>bridge, forward, before br_netfilter: which rules count for the two ports is written into the packet's mark, the sender's egress
/// in the high half, the receiver's ingress in the low half.</item>
/// <item>ip and ip6, forward: replies pass; the rest is judged by those rules, found by the mark.</item>
/// </list>
/// Tenants may use the same addresses, so each bridge has a conntrack zone of its own. Each lookup is by hash: a packet's cost does not
/// grow with the number of ports on the host. Nor does the number of chains, see <see cref="RuleLists"/>.
/// <para>A frame from another host's guest comes out of a tunnel, judged there by the sender's rules; here the receiver's count.</para>
/// </summary>
internal static class NftRuleset
{
    internal const string Table = "fabric";

    /// <summary>Renders the ruleset.</summary>
    /// <param name="ports">All ports of the host.</param>
    /// <param name="lists">Their rules.</param>
    /// <param name="numbers">A number from 1 to 65535 for each list, by chain.</param>
    /// <param name="zones">The conntrack zone of each bridge, by name.</param>
    /// <param name="worldCidrs">Ranges whose traffic is masqueraded when the host routes it to the world.</param>
    /// <param name="tunnels">The tunnels to other hosts.</param>
    internal static string Render(
        IReadOnlyList<DesiredPort> ports,
        RuleLists lists,
        IReadOnlyDictionary<string, int> numbers,
        IReadOnlyDictionary<string, int> zones,
        IReadOnlyList<Cidr> worldCidrs,
        IReadOnlyList<TunnelTarget> tunnels)
    {
        var sorted = ports.OrderBy(port => port.Id.Text, StringComparer.Ordinal).ToList();
        var nft = new NftText();
        nft.ReplaceTable("bridge", Table, () =>
        {
            NftSources.Sets(nft, sorted);
            NftSources.Guard(nft);
            Dhcp(nft);
            Marks(nft, sorted, lists, numbers);
        });
        nft.ReplaceTable("ip", Table, () =>
        {
            Zones(nft, zones);
            Groups(nft, lists, numbers, list => list.IPv4);
            World(nft, worldCidrs);
            Tunnels(nft, tunnels);
        });
        nft.ReplaceTable("ip6", Table, () =>
        {
            Zones(nft, zones);
            Groups(nft, lists, numbers, list => list.IPv6);
        });
        return nft.ToString();
    }

    // Each host serves DHCP and metadata to its own guests, all by the same address and MAC: none may be heard by another host, and none
    // may answer another's guests.
    private static void Dhcp(NftText nft) => nft.Block("chain dhcp_stays_here", () => nft
        .Line("type filter hook forward priority -20; policy accept;")
        .Line($"iifname \"{DeviceNames.DhcpLegPrefix}*\" oifname \"{DeviceNames.TunnelPrefix}*\" drop")
        .Line($"iifname \"{DeviceNames.TunnelPrefix}*\" oifname \"{DeviceNames.DhcpLegPrefix}*\" drop"));

    // Whoever can send to the port of the tunnels can send into every network, so only the other hosts may. What a guest sends there
    // through its router would come from an address of a host once it is masqueraded, so this host does not pass it on.
    private static void Tunnels(NftText nft, IReadOnlyList<TunnelTarget> tunnels)
    {
        if (tunnels.Count == 0)
            return;

        nft.Elements("set hosts", "ipv4_addr", tunnels.SelectMany(tunnel => tunnel.Peers).Distinct().Order(StringComparer.Ordinal));
        nft.Block("chain tunnels_in", () => nft
            .Line("type filter hook input priority filter; policy accept;")
            .Line(string.Create(CultureInfo.InvariantCulture, $"udp dport {TunnelTarget.Port} ip saddr != @hosts drop")));
        nft.Block("chain tunnels_past", () => nft
            .Line("type filter hook forward priority filter; policy accept;")
            .Line(string.Create(
                CultureInfo.InvariantCulture, $"iifname \"{DeviceNames.HostLegPrefix}*\" udp dport {TunnelTarget.Port} drop")));
    }

    private static void Marks(NftText nft, List<DesiredPort> ports, RuleLists lists, IReadOnlyDictionary<string, int> numbers)
    {
        foreach (var list in lists.All.Where(IsIngress))
            nft.Block("chain to_" + list.Chain, () => nft.Line($"meta mark set meta mark | {Low(numbers[list.Chain])}"));

        var judged = ports.Where(port => port is { PortSecurity: true, AdminStateUp: true }).ToList();
        nft.Elements(
            "map sender_marks",
            "ifname : mark",
            judged.Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : {High(numbers[lists.Egress(port.Id).Chain])}"));
        nft.Elements(
            "map receivers",
            "ifname : verdict",
            judged.Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : goto to_{lists.Ingress(port.Id).Chain}")
                .Concat(ports.Where(port => !port.AdminStateUp).Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : drop")));
        nft.Block("chain port_marks", () => nft
            .Line("type filter hook forward priority -10; policy accept;")
            .Line("meta mark set iifname map @sender_marks")
            .Line($"oifname != \"{DeviceNames.TapPrefix}*\" accept")
            .Line("oifname vmap @receivers"));
    }

    private static void Zones(NftText nft, IReadOnlyDictionary<string, int> zones) => nft.Block("chain zones", () =>
    {
        nft.Line("type filter hook prerouting priority raw; policy accept;");
        var elements = zones.OrderBy(zone => zone.Key, StringComparer.Ordinal)
            .Select(zone => string.Create(CultureInfo.InvariantCulture, $"\"{zone.Key}\" : {zone.Value}"));
        if (zones.Count > 0)
            nft.Line($"ct zone set iifname map {{ {string.Join(", ", elements)} }}");
    });

    private static void Groups(
        NftText nft, RuleLists lists, IReadOnlyDictionary<string, int> numbers, Func<RuleList, IReadOnlyList<string>> lines)
    {
        foreach (var list in lists.All)
            nft.Block("chain " + list.Chain, () =>
            {
                foreach (var line in lines(list))
                    nft.Line(line);
            });

        var (egress, ingress) = (lists.All.Where(list => !IsIngress(list)), lists.All.Where(IsIngress));
        nft.Elements("map egress", "mark : verdict", egress.Select(list => $"{High(numbers[list.Chain])} : jump {list.Chain}"));
        nft.Elements("map ingress", "mark : verdict", ingress.Select(list => $"{Low(numbers[list.Chain])} : goto {list.Chain}"));
        nft.Block("chain groups", () => nft
            .Line("type filter hook forward priority filter; policy accept;")
            .Line($"iifname != \"{DeviceNames.BridgePrefix}*\" accept")
            .Line("meta mark 0x0 accept")
            .Line("ct state established,related accept")
            .Line("ct state invalid drop")
            .Line("meta mark & 0xffff0000 vmap @egress")
            .Line("meta mark & 0x0000ffff vmap @ingress"));
    }

    private static void World(NftText nft, IReadOnlyList<Cidr> cidrs)
    {
        var ranges = Cidr.Merge(cidrs.Where(cidr => cidr.IsIPv4));
        if (ranges.Count == 0)
            return;

        // Bridged packets pass this hook too (oif is their bridge) and must keep their source.
        nft.Block("chain world", () => nft
            .Line("type nat hook postrouting priority srcnat; policy accept;")
            .Line($"oifname {{ \"{DeviceNames.BridgePrefix}*\", \"{DeviceNames.HostLegPrefix}*\", \"lo\" }} accept")
            .Line($"ip saddr {{ {string.Join(", ", ranges)} }} masquerade"));
    }

    private static bool IsIngress(RuleList list) => list.Chain.StartsWith("ingress_", StringComparison.Ordinal);

    private static string High(int number) => Low(number << 16);

    private static string Low(int number) => "0x" + ((uint)number).ToString("x8", CultureInfo.InvariantCulture);
}
