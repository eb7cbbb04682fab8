using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Anti-spoofing of one port: which frames its guest may send, whatever its security groups allow.</summary>
internal static class NftPortGuard
{
    internal static void Render(NftText nft, string chain, DesiredPort port) => nft.Block("chain " + chain, () =>
    {
        var sources = Sources(port);
        if (sources.Count == 0)
        {
            nft.Line("drop");
            return;
        }

        var macs = string.Join(", ", sources.Keys);
        nft.Line($"ether saddr != {{ {macs} }} drop");

        // 0.0.0.0 is the sender of an address probe (RFC 5227), sent before a guest uses its address.
        nft.Line($"arp saddr ether . arp saddr ip {{ {Pairs(sources, true, "0.0.0.0")} }} accept");
        nft.Line("udp sport 67 udp dport 68 drop");
        nft.Line("ip saddr 0.0.0.0 udp sport 68 udp dport 67 accept");
        if (Pairs(sources, true) is { Length: > 0 } pairs4)
            nft.Line($"ether saddr . ip saddr {{ {pairs4} }} accept");

        nft.Line("icmpv6 type nd-router-advert drop");
        nft.Line("udp sport 547 udp dport 546 drop");

        // Duplicate address detection and the listener reports that go with it come from the unspecified address.
        nft.Line("ip6 saddr :: icmpv6 type { nd-neighbor-solicit, nd-router-solicit, mld-listener-report, mld2-listener-report } accept");
        nft.Line($"ether saddr . ip6 saddr {{ {Pairs(sources, false)} }} accept");
        nft.Line("drop");
    });

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

    private static string Pairs(SortedDictionary<string, IReadOnlyList<Cidr>> sources, bool ipv4, string? extra = null) => string.Join(
        ", ",
        sources.SelectMany(source => source.Value
            .Where(range => range.IsIPv4 == ipv4)
            .Select(range => Pair(source.Key, range))
            .Concat(extra is null || source.Value.Any(range => range is { IsIPv4: true, PrefixLength: 0 }) ? [] : [$"{source.Key} . {extra}"])));

    // A concatenation takes a range of everything only when it is written as a range.
    private static string Pair(string mac, Cidr range) => range.PrefixLength > 0
        ? $"{mac} . {range}"
        : $"{mac} . {(range.IsIPv4 ? "0.0.0.0-255.255.255.255" : "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}";
}
