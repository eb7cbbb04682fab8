using System.Globalization;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>What a rule may say, and when two rules say the same (source: <c>neutron/db/securitygroups_db.py</c>). Pure.</summary>
public static class SecurityRules
{
    private const int MostPort = 65535;

    /// <summary>Names of protocols and their numbers, in the order in which Neutron lists them.</summary>
    public static readonly IReadOnlyList<(string Name, int Number)> Protocols =
    [
        ("ah", 51), ("dccp", 33), ("egp", 8), ("esp", 50), ("gre", 47), ("icmp", 1), ("igmp", 2), ("ipip", 4), ("ipv6-encap", 41),
        ("ipv6-frag", 44), ("ipv6-icmp", 58), ("icmpv6", 58), ("ipv6-nonxt", 59), ("ipv6-opts", 60), ("ipv6-route", 43), ("ospf", 89),
            ("pgm", 113),
        ("rsvp", 46), ("sctp", 132), ("tcp", 6), ("udp", 17), ("udplite", 136), ("vrrp", 112),
    ];

    private static readonly int[] WithPorts = [6, 17, 33, 132, 136];

    /// <summary>The rule as it will be kept: protocol names of old mended, the full port range left out, a bare address made a
    /// block.</summary>
    /// <exception cref="Fault">BadRequest, in Neutron's words.</exception>
    public static SecurityRule Checked(SecurityRule rule)
    {
        if (rule is { EtherType: "IPv6", Protocol: "icmp" or "icmpv6" })
            rule = rule with { Protocol = "ipv6-icmp" };
        else if (rule is { EtherType: "IPv6", Protocol: "1" })
            rule = rule with { Protocol = "58" };
        if (rule is { PortMin: 1, PortMax: MostPort })
            rule = rule with { PortMin = null, PortMax = null };
        CheckPorts(rule);
        if (rule.RemoteIpPrefix is { } prefix)
        {
            var cidr = Cidr.Parse(prefix);
            if (rule.EtherType != (cidr.Version == 4 ? "IPv4" : "IPv6"))
            {
                throw Fault.BadRequest("SecurityGroupRuleParameterConflict",
                    $"Conflicting value ethertype {rule.EtherType} for CIDR {prefix}");
            }

            if (rule.RemoteGroupId is not null)
            {
                throw Fault.BadRequest("SecurityGroupMultipleRemoteEntites",
                    "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.");
            }

            if (!prefix.Contains('/', StringComparison.Ordinal))
                rule = rule with { RemoteIpPrefix = cidr.ToString() };
        }

        if (rule.EtherType == "IPv4" && rule.Protocol is { } protocol
            && (protocol.StartsWith("ipv6-", StringComparison.Ordinal) || protocol == "icmpv6"
                || protocol is "41" or "43" or "44" or "58" or "59" or "60"))
        {
            throw Fault.BadRequest("SecurityGroupEthertypeConflictWithProtocol",
                $"Invalid ethertype {rule.EtherType} for protocol {protocol}.");
        }

        return rule;
    }

    /// <summary>Two rules with the same key let the same pass.</summary>
    public static string Key(SecurityRule rule)
    {
        var prefix = rule.RemoteIpPrefix is null or "0.0.0.0/0" or "::/0" ? "+" : rule.RemoteIpPrefix;
        var protocol = rule.Protocol is null ? "+" : Number(rule.Protocol)?.ToString(CultureInfo.InvariantCulture) ?? rule.Protocol;
        return string.Create(CultureInfo.InvariantCulture,
            $"{rule.Direction}_{rule.EtherType}_{rule.PortMax}_{rule.PortMin}_{protocol}_{rule.RemoteGroupId}_{prefix}");
    }

    /// <summary>The number of a protocol given by name or number; null when it is neither.</summary>
    public static int? Number(string protocol)
    {
        foreach (var (name, number) in Protocols)
        {
            if (name == protocol)
                return number;
        }

        return int.TryParse(protocol, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given <= 255 ? given : null;
    }

    private static void CheckPorts(SecurityRule rule)
    {
        if (rule.PortMin is null && rule.PortMax is null)
            return;
        if (rule.Protocol is null)
            throw Fault.BadRequest("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.");
        var number = Number(rule.Protocol) ?? -1;
        if (WithPorts.Contains(number))
        {
            if (rule.PortMin == 0 || rule.PortMax == 0)
                throw Fault.BadRequest("SecurityGroupInvalidPortValue", "Invalid value for port 0");
            if (rule.PortMin is null || rule.PortMax is null || rule.PortMin > rule.PortMax)
                throw Fault.BadRequest("SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max");
            return;
        }

        if (number is not (1 or 58))
        {
            throw Fault.BadRequest("SecurityGroupInvalidProtocolForPort", string.Create(CultureInfo.InvariantCulture,
                $"Ports cannot be specified for protocol {number}. Ports are only supported for DCCP, SCTP, TCP, UDP, UDPLITE."));
        }

        CheckIcmp(rule.PortMin, "type", "port_range_min");
        CheckIcmp(rule.PortMax, "code", "port_range_max");
        if (rule.PortMin is null)
        {
            throw Fault.BadRequest("SecurityGroupMissingIcmpType", string.Create(CultureInfo.InvariantCulture,
                $"ICMP code (port-range-max) {rule.PortMax} is provided but ICMP type (port-range-min) is missing."));
        }
    }

    private static void CheckIcmp(int? value, string field, string attribute)
    {
        if (value is > 255)
        {
            throw Fault.BadRequest("SecurityGroupInvalidIcmpValue", string.Create(CultureInfo.InvariantCulture,
                $"Invalid value for ICMP {field} ({attribute}) {value}. It must be 0 to 255."));
        }
    }
}
