using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>Which tracked connections must be forgotten, because they began under rules that no longer stand: else a connection that is
/// not allowed any more would live as long as it is used. Lines for <c>conntrack -R -</c>; pure.</summary>
internal static class ConnectionFlush
{
    /// <summary>For ports that went, or lost addresses or rules.</summary>
    internal static IReadOnlyList<string> OfPorts(
        IReadOnlyList<DesiredPort> before, IReadOnlyList<DesiredPort> after, IReadOnlyDictionary<string, int> zones)
    {
        var now = after.ToDictionary(port => port.Id);
        List<string> lines = [];
        foreach (var port in before)
            if (zones.TryGetValue(DeviceNames.Bridge(port.NetworkId), out var zone) && Narrowed(port, now.GetValueOrDefault(port.Id)))
                foreach (var address in port.IpAddresses.Select(Cidr.Address))
                    if (address is not null)
                    {
                        var family = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? " -f ipv6" : "";
                        lines.Add(FormattableString.Invariant($"-D{family} -w {zone} -s {address}"));
                        lines.Add(FormattableString.Invariant($"-D{family} -w {zone} -d {address}"));
                    }

        return lines;
    }

    /// <summary>For floating addresses that went or stand for another fixed one.</summary>
    internal static IReadOnlyList<string> OfFloating(
        IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> after) =>
    [
        .. before.Where(ip => after.GetValueOrDefault(ip.Key) != ip.Value).Select(ip => ip.Key)
            .SelectMany(ip => (string[])[$"-D -d {ip}", $"-D -q {ip}"]),
    ];

    private static bool Narrowed(DesiredPort before, DesiredPort? after) =>
        after is null
        || (before.AdminStateUp && !after.AdminStateUp)
        || before.IpAddresses.Except(after.IpAddresses).Any()
        || (after.PortSecurity && (!before.PortSecurity || Allowed(before).Except(Allowed(after)).Any()));

    // Rule by rule and range by range, so that a group that gains a member is not taken for one that lost something.
    private static IEnumerable<(bool, int, string?, int?, int?, string)> Allowed(DesiredPort port) => port.Rules.SelectMany(rule =>
        (rule.RemoteCidrs ?? ["any"]).Select(cidr => (rule.Ingress, rule.IpVersion, rule.Protocol, rule.PortMin, rule.PortMax, cidr)));
}
