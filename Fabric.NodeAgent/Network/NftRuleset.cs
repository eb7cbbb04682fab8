using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// The host's firewall as one nft transaction. Three tables named <c>fabric</c> work together, because the kernel's bridge family knows
/// the tap but no connections, and the IP families (reached through br_netfilter) know connections but only the bridge:
/// <list type="number">
/// <item>bridge, prerouting: anti-spoofing. A frame from a tap passes only with addresses of its port.</item>
/// <item>bridge, forward, before br_netfilter: the two ports are written into the packet's mark, the sender in the high half, the receiver in
/// the low half.</item>
/// <item>ip and ip6, forward: replies pass; the rest is judged by the sender's egress and then the receiver's ingress rules, found by
/// the mark.</item>
/// </list>
/// Tenants may use the same addresses, so each bridge has a conntrack zone of its own. Each lookup is by hash: a packet's cost does not
/// grow with the number of ports on the host.
/// </summary>
internal static class NftRuleset
{
    internal const string Table = "fabric";

    /// <summary>Renders the ruleset.</summary>
    /// <param name="ports">All ports of the host.</param>
    /// <param name="marks">A number from 1 to 65535 for each port.</param>
    /// <param name="zones">The conntrack zone of each bridge, by name.</param>
    /// <param name="worldCidrs">Ranges whose traffic is masqueraded when the host routes it to the world.</param>
    internal static string Render(
        IReadOnlyList<DesiredPort> ports,
        IReadOnlyDictionary<PortId, int> marks,
        IReadOnlyDictionary<string, int> zones,
        IReadOnlyList<Cidr> worldCidrs)
    {
        var sorted = ports.OrderBy(port => port.Id.Text, StringComparer.Ordinal).ToList();
        var judged = sorted.Where(port => port.PortSecurity && port.AdminStateUp).ToList();
        var nft = new NftText();
        nft.ReplaceTable("bridge", Table, () => Bridge(nft, sorted, marks));
        foreach (var version in (int[])[4, 6])
            nft.ReplaceTable(version == 4 ? "ip" : "ip6", Table, () =>
            {
                Zones(nft, zones);
                Groups(nft, judged, marks, version);
                if (version == 4)
                    World(nft, worldCidrs);
            });

        return nft.ToString();
    }

    private static void Bridge(NftText nft, List<DesiredPort> ports, IReadOnlyDictionary<PortId, int> marks)
    {
        foreach (var port in ports.Where(port => port.PortSecurity && port.AdminStateUp))
        {
            var tap = DeviceNames.Tap(port.Id);
            NftPortGuard.Render(nft, "from_" + tap, port);
            nft.Block("chain to_" + tap, () => nft.Line($"meta mark set meta mark | {Hex(marks[port.Id])}"));
        }

        nft.Elements("map senders", "ifname : verdict", ports.Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : {FromVerdict(port)}"));
        nft.Elements(
            "map sender_marks",
            "ifname : mark",
            ports.Where(port => port is { PortSecurity: true, AdminStateUp: true })
                .Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : {Hex(marks[port.Id] << 16)}"));
        nft.Elements(
            "map receivers",
            "ifname : verdict",
            ports.Where(port => port.PortSecurity || !port.AdminStateUp).Select(port => $"\"{DeviceNames.Tap(port.Id)}\" : {ToVerdict(port)}"));
        nft.Block("chain senders_guard", () => nft
            .Line("type filter hook prerouting priority -300; policy accept;")
            .Line("meta mark set 0x0")
            .Line($"iifname != \"{DeviceNames.TapPrefix}*\" accept")
            .Line("iifname vmap @senders")
            // A tap that no port of ours stands for: its guest is not known here yet, or not any more.
            .Line("drop"));
        nft.Block("chain port_marks", () => nft
            .Line("type filter hook forward priority -10; policy accept;")
            .Line("meta mark set iifname map @sender_marks")
            .Line($"oifname != \"{DeviceNames.TapPrefix}*\" accept")
            .Line("oifname vmap @receivers"));
    }

    private static string FromVerdict(DesiredPort port) =>
        !port.AdminStateUp ? "drop" : port.PortSecurity ? "goto from_" + DeviceNames.Tap(port.Id) : "accept";

    private static string ToVerdict(DesiredPort port) => port.AdminStateUp ? "goto to_" + DeviceNames.Tap(port.Id) : "drop";

    private static void Zones(NftText nft, IReadOnlyDictionary<string, int> zones) => nft.Block("chain zones", () =>
    {
        nft.Line("type filter hook prerouting priority raw; policy accept;");
        if (zones.Count > 0)
            nft.Line($"ct zone set iifname map {{ {string.Join(", ", zones.OrderBy(zone => zone.Key, StringComparer.Ordinal)
                .Select(zone => string.Create(CultureInfo.InvariantCulture, $"\"{zone.Key}\" : {zone.Value}")))} }}");
    });

    private static void Groups(NftText nft, List<DesiredPort> ports, IReadOnlyDictionary<PortId, int> marks, int version)
    {
        foreach (var port in ports)
        {
            nft.Block("chain egress_" + DeviceNames.Tap(port.Id), () => NftSecurityRules.Egress(nft, port, version));
            nft.Block("chain ingress_" + DeviceNames.Tap(port.Id), () => NftSecurityRules.Ingress(nft, port, version));
        }

        nft.Elements(
            "map egress", "mark : verdict", ports.Select(port => $"{Hex(marks[port.Id] << 16)} : jump egress_{DeviceNames.Tap(port.Id)}"));
        nft.Elements("map ingress", "mark : verdict", ports.Select(port => $"{Hex(marks[port.Id])} : goto ingress_{DeviceNames.Tap(port.Id)}"));
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

    private static string Hex(int mark) => "0x" + ((uint)mark).ToString("x8", CultureInfo.InvariantCulture);
}
