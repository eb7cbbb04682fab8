using System.Globalization;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>The rules of security groups. A rule that cannot be understood allows nothing.</summary>
internal static class NftSecurityRules
{
    /// <summary>The API's names of protocols, with IANA's numbers.</summary>
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ah"] = 51, ["dccp"] = 33, ["egp"] = 8, ["esp"] = 50, ["gre"] = 47, ["icmp"] = 1, ["icmpv6"] = 58, ["igmp"] = 2,
        ["ip"] = 0, ["ipip"] = 4, ["ipv6-encap"] = 41, ["ipv6-frag"] = 44, ["ipv6-icmp"] = 58, ["ipv6-nonxt"] = 59,
        ["ipv6-opts"] = 60, ["ipv6-route"] = 43, ["ospf"] = 89, ["pgm"] = 113, ["rsvp"] = 46, ["sctp"] = 132, ["tcp"] = 6,
        ["udp"] = 17, ["udplite"] = 136, ["vrrp"] = 112,
    };

    private static readonly Dictionary<int, string> WithPorts =
        new() { [6] = "tcp", [17] = "udp", [33] = "dccp", [132] = "sctp", [136] = "udplite" };

    /// <summary>The rules of one direction and family, in order. Towards the guest, what passes is accepted; from the guest, it returns,
    /// for the receiver's rules to judge. What DHCP and neighbour discovery need passes always.</summary>
    internal static IReadOnlyList<string> Lines(IReadOnlyList<DesiredRule> rules, bool ingress, int version)
    {
        var verdict = ingress ? "accept" : "return";
        var allowed = rules
            .Where(rule => rule.Ingress == ingress && rule.IpVersion == version)
            .Select(rule => (Remote: Remote(rule), What: What(rule)))
            .Where(match => match is { Remote: not null, What: not null })
            .Select(match => string.Join(' ', ((string[])[match.Remote!, match.What!, verdict]).Where(part => part.Length > 0)));
        return [.. Always(ingress, version), .. allowed.Distinct().Order(StringComparer.Ordinal), "drop"];
    }

    private static string[] Always(bool ingress, int version) => (ingress, version) switch
    {
        (false, 4) => ["udp sport 68 udp dport 67 return"],
        (true, 4) => ["udp sport 67 udp dport 68 accept"],
        (false, _) =>
        [
            "udp sport 546 udp dport 547 return",
            "icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-report, mld2-listener-report } return",
        ],
        (true, _) =>
        [
            "udp sport 547 udp dport 546 accept",
            "icmpv6 type { nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, mld-listener-query } accept",
        ],
    };

    /// <summary>The far side; empty for anywhere, null for nobody.</summary>
    private static string? Remote(DesiredRule rule)
    {
        if (rule.RemoteCidrs is null)
            return "";

        var ranges = Cidr.Merge(
            rule.RemoteCidrs.Select(Cidr.Parse).OfType<Cidr>().Where(range => range.IsIPv4 == (rule.IpVersion == 4)));
        if (ranges.Count == 0)
            return null;

        return ranges.Any(range => range.PrefixLength == 0)
            ? ""
            : $"{(rule.IpVersion == 4 ? "ip" : "ip6")} {(rule.Ingress ? "saddr" : "daddr")} {{ {string.Join(", ", ranges)} }}";
    }

    /// <summary>Protocol and ports; empty for any, null for one that is not known.</summary>
    private static string? What(DesiredRule rule)
    {
        if (string.IsNullOrEmpty(rule.Protocol) || rule.Protocol.Equals("any", StringComparison.OrdinalIgnoreCase))
            return "";

        if (!Numbers.TryGetValue(rule.Protocol, out var number)
            && !(int.TryParse(rule.Protocol, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 255))
            return null;

        // The API's name for any protocol of IP.
        if (number == 0)
            return "";

        if (number == 1 && rule.IpVersion == 6)
            number = 58;

        if (WithPorts.TryGetValue(number, out var name) && rule.PortMin is { } low)
        {
            var high = rule.PortMax ?? low;
            return low is < 0 or > 65535 || high < low || high > 65535 ? null : $"{name} dport {Range(low, high)}";
        }

        if (number is 1 or 58 && rule.PortMin is { } type)
        {
            var icmp = number == 1 ? "icmp" : "icmpv6";
            return type is < 0 or > 255 || rule.PortMax is < 0 or > 255
                ? null
                : Invariant($"{icmp} type {type}") + (rule.PortMax is { } code ? Invariant($" {icmp} code {code}") : "");
        }

        return Invariant($"meta l4proto {number}");
    }

    private static string Range(int low, int high) => low == high ? Invariant($"{low}") : Invariant($"{low}-{high}");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
