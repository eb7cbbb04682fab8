using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>One address of a guest, as dnsmasq is told of it, and what is handed out to that guest alone.</summary>
internal sealed partial record DnsmasqHost(DesiredDhcpHost Desired, string Mac, IPAddress Ip, string Name)
{
    private bool IsIPv6 => Ip.AddressFamily == AddressFamily.InterNetworkV6;

    private string Tag => "port-" + DeviceNames.Short(Desired.PortId.Value);

    /// <summary>The lines of the hosts file: who gets which address. dnsmasq marks requests of IPv6 by the tag <c>dhcpv6</c>, by which such
    /// a line is not taken for one of IPv4.</summary>
    internal static IEnumerable<string> Lines(IReadOnlyList<DnsmasqHost> hosts, IReadOnlyList<DesiredSubnet> subnets)
    {
        var leased = subnets.Where(subnet => subnet.Ipv6AddressMode != "dhcpv6-stateless").Select(subnet => subnet.Id).ToHashSet();

        // A guest may have several addresses in one subnet; of two lines for one MAC only one would count.
        return hosts.Where(host => leased.Contains(host.Desired.SubnetId))
            .GroupBy(host => (host.Desired.PortId, host.Desired.SubnetId)).Select(Line);
    }

    /// <summary>The configuration's lines by which ports with options of their own are known. They could stand in the hosts file, but when
    /// dnsmasq 2.90 reads that again it frees more than the tags of a line that a lease was given by, and dies.</summary>
    internal static IEnumerable<string> Tags(IReadOnlyList<DnsmasqHost> hosts) =>
        hosts.Where(host => host.HandsOut().Any()).Select(host => $"dhcp-mac=set:{host.Tag},{host.Mac}").Distinct();

    /// <summary>The options of ports.</summary>
    internal static IEnumerable<string> Options(IReadOnlyList<DnsmasqHost> hosts) =>
        hosts.SelectMany(host => host.HandsOut().Select(option => $"tag:{host.Tag},{option}")).Distinct();

    private static string Line(IEnumerable<DnsmasqHost> addresses)
    {
        var all = addresses.ToList();
        var host = all[0];
        List<string> words = [host.Mac];
        if (host.IsIPv6)
            words.Add("tag:dhcpv6");

        if (host.ClientId() is { } client)
            words.Add("id:" + client);

        words.Add(host.Name);

        // IPv4 knows one address per guest and subnet.
        words.AddRange(host.IsIPv6 ? all.Select(address => $"[{address.Ip}]") : [host.Ip.ToString()]);
        return string.Join(',', words);
    }

    /// <summary>A client identifier is no option that is handed out: by it the guest is known, whatever its MAC.</summary>
    private string? ClientId() => Desired.Options
        .Where(option => IsClientId(option) && option.IpVersion == (IsIPv6 ? 6 : 4)).Select(option => option.Value)
        .FirstOrDefault(value => ClientIdPattern().IsMatch(value));

    private static bool IsClientId(DesiredDhcpOption option) => option.Name is "client-id" or "61";

    /// <summary>What a user wrote ends with its line, and its name cannot be anything but an option's, perhaps behind a tag.</summary>
    private IEnumerable<string> HandsOut() => Desired.Options
        .Where(option => !IsClientId(option) && option.IpVersion == (IsIPv6 ? 6 : 4))
        .Select(option => (Name: NamePattern().Match(option.Name), Value: option.Value.Split('\n', '\r')[0], option.IpVersion))
        .Where(option => option.Name.Success && !option.Value.Any(char.IsControl))
        .Select(option => option.Name.Groups["tag"].Value + Kind(option.Name.Groups["name"].Value, option.IpVersion)
            + (option.Value.Length > 0 ? "," + option.Value : ""));

    // dnsmasq knows the numbers of IPv4 without a word before them.
    private static string Kind(string name, int version) =>
        version == 6 ? "option6:" + name : name.All(char.IsAsciiDigit) ? name : "option:" + name;

    [GeneratedRegex(@"\A(?<tag>(tag:!?[A-Za-z0-9_-]+,)?)(?<name>[A-Za-z0-9-]+)\z")]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9:._*-]+\z")]
    private static partial Regex ClientIdPattern();
}
