using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Address translation of one router, for the table <c>ip fabric</c> in its namespace: floating addresses one to one both ways,
/// also for guests that meet through them (hairpin), all else behind the gateway's address; and the way to the metadata service.</summary>
internal static class RouterRuleset
{
    internal static string Render(DesiredRouter router)
    {
        var nft = new NftText();
        var floating = Floating(router);
        nft.ReplaceTable("ip", NftRuleset.Table, () =>
        {
            nft.Elements("map floating_to_fixed", "ipv4_addr : ipv4_addr", floating.Select(ip => $"{ip.Floating} : {ip.Fixed}"));

            // A fixed address may have several floating ones; what it sends bears the first.
            nft.Elements(
                "map fixed_to_floating",
                "ipv4_addr : ipv4_addr",
                floating.DistinctBy(ip => ip.Fixed).Select(ip => $"{ip.Fixed} : {ip.Floating}"));
            nft.Block("chain inbound", () => nft
                .Line("type nat hook prerouting priority dstnat; policy accept;")
                .Line($"iifname \"{DeviceNames.RouterLegPrefix}*\" ip daddr {HostLayout.MetadataAddress} tcp dport 80 "
                    + $"redirect to :{HostLayout.RouterMetadataPort}")
                .Line("dnat to ip daddr map @floating_to_fixed"));
            nft.Block("chain own", () => nft
                .Line("type nat hook output priority -100; policy accept;")
                .Line("dnat to ip daddr map @floating_to_fixed"));
            nft.Block("chain outbound", () => Outbound(nft, router));
            nft.Block("chain guard", () => nft
                .Line("type filter hook input priority filter; policy accept;")
                .Line($"iifname \"{DeviceNames.GatewayLegPrefix}*\" tcp dport {HostLayout.RouterMetadataPort} drop"));
        });
        return nft.ToString();
    }

    private static void Outbound(NftText nft, DesiredRouter router)
    {
        nft.Line("type nat hook postrouting priority srcnat; policy accept;");
        var inside = Cidr.Merge(
            router.Interfaces.SelectMany(leg => leg.Addresses).Select(Cidr.Parse).OfType<Cidr>().Where(range => range.IsIPv4));
        var external = $"oifname \"{DeviceNames.GatewayLegPrefix}*\"";

        // Hairpin: both guests are behind this router, but one was addressed by its floating address. Unless the answer comes back here,
        // its source would not be the address that was called.
        nft.Line($"oifname \"{DeviceNames.RouterLegPrefix}*\" ct status dnat snat to ip saddr map @fixed_to_floating");
        if (inside.Count > 0)
            nft.Line($"oifname \"{DeviceNames.RouterLegPrefix}*\" ct status dnat ip saddr {{ {string.Join(", ", inside)} }} masquerade");

        nft.Line($"{external} snat to ip saddr map @fixed_to_floating");
        var own = router.Gateway?.Addresses.Select(Cidr.Interface).OfType<string>()
            .FirstOrDefault(address => Cidr.Parse(address)!.Value.IsIPv4);
        if (router.Gateway is { SnatEnabled: true } && own is not null)
            nft.Line($"{external} snat to {own[..own.IndexOf('/', StringComparison.Ordinal)]}");
    }

    /// <summary>The floating addresses that can be had: without a gateway there are none.</summary>
    internal static IReadOnlyList<(string Floating, string Fixed)> Floating(DesiredRouter router) => router.Gateway is null ? [] :
    [
        .. router.FloatingIps
            .Select(ip => (Floating: Cidr.Address4(ip.FloatingAddress)?.ToString(), Fixed: Cidr.Address4(ip.FixedAddress)?.ToString()))
            .Where(ip => ip is { Floating: not null, Fixed: not null })
            .Select(ip => (ip.Floating!, ip.Fixed!))
            .DistinctBy(ip => ip.Item1)
            .OrderBy(ip => ip.Item1, StringComparer.Ordinal),
    ];
}
