using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Anti-spoofing: which frames a guest may send, whatever its security groups allow. The addresses of all ports stand in a few
/// sets keyed by tap, so the number of rules does not grow with the ports.</summary>
internal static class NftSources
{
    /// <summary>The target address of a neighbour solicitation or advertisement: this nft has no word for it.</summary>
    private const string NeighborTarget = "@nh,384,128";

    internal static void Sets(NftText nft, IReadOnlyList<DesiredPort> ports)
    {
        var sources = ports.Where(port => port is { PortSecurity: true, AdminStateUp: true })
            .SelectMany(port => Sources(port).Select(source => (Tap: DeviceNames.Tap(port.Id), Mac: source.Key, Ranges: source.Value)))
            .ToList();
        var trusted = ports.Where(port => port is { PortSecurity: false, AdminStateUp: true });
        nft.Elements("set trusted", "ifname", trusted.Select(port => $"\"{DeviceNames.Tap(port.Id)}\""));
        nft.Elements("set macs", "ifname . ether_addr", sources.Select(source => $"\"{source.Tap}\" . {source.Mac}"));
        foreach (var ipv4 in (bool[])[true, false])
        {
            var (suffix, type) = ipv4 ? ("4", "ifname . ether_addr . ipv4_addr") : ("6", "ifname . ether_addr . ipv6_addr");
            nft.Elements("set sources" + suffix, type, Elements(ipv4, single: true));
            nft.Elements("set ranges" + suffix, type + "; flags interval", Elements(ipv4, single: false));
        }

        foreach (var single in (bool[])[true, false])
            nft.Block("set targets6" + (single ? "" : "_ranges"), () =>
            {
                nft.Line($"typeof iifname . ether saddr . {NeighborTarget}" + (single ? "" : "; flags interval"));
                var targets = string.Join(", ", sources.SelectMany(source => source.Ranges
                    .Where(range => !range.IsIPv4 && range.IsSingle == single)
                    .Select(range => $"\"{source.Tap}\" . {source.Mac} . {Hex(range)}")));
                if (targets.Length > 0)
                    nft.Line($"elements = {{ {targets} }}");
            });

        IEnumerable<string> Elements(bool ipv4, bool single) => sources.SelectMany(source => source.Ranges
            .Where(range => range.IsIPv4 == ipv4 && range.IsSingle == single)
            .Select(range => $"\"{source.Tap}\" . {source.Mac} . {Text(range)}"));
    }

    internal static void Guard(NftText nft) => nft.Block("chain senders_guard", () => nft
        .Line("type filter hook prerouting priority -300; policy accept;")
        .Line("meta mark set 0x0")
        .Line($"iifname != \"{DeviceNames.TapPrefix}*\" accept")
        .Line("iifname @trusted accept")

        // Also every frame of a tap that no port of ours stands for: its guest is not known here yet, or not any more.
        .Line("iifname . ether saddr != @macs drop")

        // 0.0.0.0 is the sender of an address probe (RFC 5227), sent before a guest uses its address.
        .Line("arp saddr ip 0.0.0.0 iifname . arp saddr ether @macs accept")
        .Line("iifname . arp saddr ether . arp saddr ip @sources4 accept")
        .Line("iifname . arp saddr ether . arp saddr ip @ranges4 accept")
        .Line("udp sport 67 udp dport 68 drop")
        .Line("ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept")
        .Line("iifname . ether saddr . ip saddr @sources4 accept")
        .Line("iifname . ether saddr . ip saddr @ranges4 accept")
        .Line("icmpv6 type nd-router-advert drop")
        .Line("udp sport 547 udp dport 546 drop")

        // Whose address a neighbour advertisement tells of stands behind the header, at a place that is sure only without further headers;
        // no honest guest sends any there.
        .Line("icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } ip6 nexthdr != ipv6-icmp drop")
        .Line($"icmpv6 type nd-neighbor-advert iifname . ether saddr . {NeighborTarget} != @targets6 "
            + $"iifname . ether saddr . {NeighborTarget} != @targets6_ranges drop")
        .Line("icmpv6 type nd-redirect drop")

        // Duplicate address detection and the listener reports that go with it come from the unspecified address.
        .Line($"ip6 saddr :: icmpv6 type nd-neighbor-solicit iifname . ether saddr . {NeighborTarget} @targets6 accept")
        .Line($"ip6 saddr :: icmpv6 type nd-neighbor-solicit iifname . ether saddr . {NeighborTarget} @targets6_ranges accept")
        .Line("ip6 saddr :: icmpv6 type { nd-router-solicit, mld-listener-report, mld2-listener-report } accept")
        .Line("iifname . ether saddr . ip6 saddr @sources6 accept")
        .Line("iifname . ether saddr . ip6 saddr @ranges6 accept")
        .Line("drop"));

    /// <summary>Each MAC that the guest may use, with its addresses.</summary>
    private static SortedDictionary<string, IReadOnlyList<Cidr>> Sources(DesiredPort port)
    {
        var found = new SortedDictionary<string, List<Cidr>>(StringComparer.Ordinal);
        if (Mac.TryParse(port.MacAddress, out var own))
            Add(own, port.IpAddresses);

        foreach (var pair in port.AllowedAddressPairs)
            if (Mac.TryParse(pair.MacAddress, out var mac))
                Add(mac, [pair.IpAddress]);

        return new(found.ToDictionary(item => item.Key, item => Cidr.Merge(item.Value)), StringComparer.Ordinal);

        void Add(string mac, IReadOnlyList<string> addresses)
        {
            if (!found.TryGetValue(mac, out var list))
                found[mac] = list = [new(Mac.LinkLocal(mac), 128)];

            list.AddRange(addresses.Select(Cidr.Parse).OfType<Cidr>());
        }
    }

    // The kernel compares raw bytes of the packet, so the addresses are written as the numbers they are.
    private static string Hex(Cidr range)
    {
        var first = range.Base.GetAddressBytes();
        var last = first.Select((octet, i) => (byte)(octet | ~(0xff00 >> Math.Clamp(range.PrefixLength - i * 8, 0, 8)) & 0xff)).ToArray();
        var low = "0x" + Convert.ToHexStringLower(first);
        return range.IsSingle ? low : $"{low}-0x{Convert.ToHexStringLower(last)}";
    }

    // A concatenation takes a range of everything only when it is written as a range.
    private static string Text(Cidr range) => range.PrefixLength > 0 ? range.ToString()
        : range.IsIPv4 ? "0.0.0.0-255.255.255.255"
        : "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
}
