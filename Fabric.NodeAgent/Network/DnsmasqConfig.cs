using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>The files of one network's dnsmasq. A change of <paramref name="Conf"/> needs a new process; the other three are read again on
/// SIGHUP.</summary>
internal sealed record DnsmasqFiles(string Conf, string Hosts, string Options, string Names);

/// <summary>What dnsmasq should know, as its files say it. Addresses are only ever those of the API: dnsmasq chooses none itself.</summary>
internal static partial class DnsmasqConfig
{
    /// <summary>As OpenStack's <c>dhcp_lease_duration</c>.</summary>
    private const int LeaseSeconds = 86400;

    /// <param name="network">The network to serve.</param>
    /// <param name="directory">Where the other files will be.</param>
    internal static DnsmasqFiles Render(DesiredNetwork network, string directory)
    {
        var subnets = HostLayout.DhcpSubnets(network).ToList();
        var domain = DomainPattern().IsMatch(network.DnsDomain.TrimEnd('.')) ? network.DnsDomain.TrimEnd('.') : "";
        var hosts = network.DhcpHosts
            .Select(host => (Mac: Mac.TryParse(host.MacAddress, out var mac) ? mac : null, Ip: Cidr.Address(host.IpAddress), host))
            .Where(entry => entry is { Mac: not null, Ip: not null })
            .Select(entry => new DnsmasqHost(entry.host, entry.Mac!, entry.Ip!, HostName(entry.host.HostName, entry.Ip!)))
            .OrderBy(host => host.Ip.GetAddressBytes().Length)
            .ThenBy(host => Convert.ToHexString(host.Ip.GetAddressBytes()), StringComparer.Ordinal)
            .ToList();
        return new(
            Conf(network, directory, subnets, domain) + Lines(DnsmasqHost.Tags(hosts)),
            Lines(DnsmasqHost.Lines(hosts, subnets)),
            Lines(subnets.SelectMany(subnet => Options(subnet, network, domain)).Concat(DnsmasqHost.Options(hosts))),
            Lines(hosts.Select(host => domain.Length > 0 ? $"{host.Ip} {host.Name}.{domain} {host.Name}" : $"{host.Ip} {host.Name}")));
    }

    private static string Conf(DesiredNetwork network, string directory, List<DesiredSubnet> subnets, string domain)
    {
        List<string> lines =
        [
            "no-resolv",
            "no-hosts",
            "bind-interfaces",
            "interface=" + DeviceNames.DhcpInner,
            "except-interface=lo",
            "user=root",
            "group=root",
            $"pid-file={directory}/pid",

            // The control plane knows who has which address; a lease file of our own could only disagree with it.
            "leasefile-ro",
            "dhcp-authoritative",
            "dhcp-lease-max=65535",
            $"dhcp-hostsfile={directory}/hosts",
            $"dhcp-optsfile={directory}/options",
            $"addn-hosts={directory}/names",
            Invariant($"dhcp-option-force=option:mtu,{network.Mtu}"),
        ];
        if (domain.Length > 0)
            lines.AddRange([$"domain={domain}", $"local=/{domain}/"]);

        foreach (var subnet in subnets)
        {
            var range = Cidr.Parse(subnet.Cidr)!.Value;
            lines.Add(range.IsIPv4
                ? Invariant($"dhcp-range=set:{Tag(subnet)},{range.Base},static,{NetMask(range.PrefixLength)},{LeaseSeconds}s")
                : Invariant($"dhcp-range=set:{Tag(subnet)},{range.Base},static,{range.PrefixLength},{LeaseSeconds}s"));
        }

        return Lines(lines);
    }

    private static IEnumerable<string> Options(DesiredSubnet subnet, DesiredNetwork network, string domain) =>
        Cidr.Parse(subnet.Cidr)!.Value.IsIPv4 ? OptionsIpv4(subnet, network) : OptionsIpv6(subnet, domain);

    /// <summary>Routes and MTU come with the router's advertisement: DHCP of IPv6 has no options for them.</summary>
    private static IEnumerable<string> OptionsIpv6(DesiredSubnet subnet, string domain)
    {
        var tag = "tag:" + Tag(subnet);
        var servers = subnet.DnsServers.Select(Cidr.Address6).OfType<IPAddress>().ToList();
        if (servers.Exists(IPAddress.IPv6Any.Equals))
            yield return $"{tag},option6:dns-server";
        else
            yield return $"{tag},option6:dns-server,"
                + (servers.Count > 0 ? string.Join(',', servers.Select(server => $"[{server}]")) : $"[{Cidr.Address(subnet.DhcpAddress)}]");

        if (domain.Length > 0)
            yield return $"{tag},option6:domain-search,{domain}";
    }

    private static IEnumerable<string> OptionsIpv4(DesiredSubnet subnet, DesiredNetwork network)
    {
        var tag = "tag:" + Tag(subnet);
        var gateway = Cidr.Address4(subnet.GatewayIp);
        var routes = new List<(string Destination, string Via)> { (HostLayout.MetadataAddress + "/32", subnet.DhcpAddress!) };

        // The network's other subnets are on the same wire.
        routes.AddRange(network.Subnets.Where(other => other.Id != subnet.Id)
            .Select(other => Cidr.Parse(other.Cidr)).OfType<Cidr>().Where(range => range.IsIPv4)
            .Select(range => (Range(range), "0.0.0.0")).OrderBy(route => route.Item1, StringComparer.Ordinal));
        foreach (var route in subnet.HostRoutes)
            if (Cidr.Parse(route.Destination) is { IsIPv4: true } range && Cidr.Address4(route.NextHop) is { } via)
                routes.Add((Range(range), via.ToString()));

        // A client that understands this option ignores the router option (RFC 3442), so the default route stands in both.
        if (gateway is not null && routes.TrueForAll(route => route.Destination != "0.0.0.0/0"))
            routes.Add(("0.0.0.0/0", gateway.ToString()));

        var classless = string.Join(',', routes.Select(route => $"{route.Destination},{route.Via}"));
        yield return gateway is null ? $"{tag},option:router" : $"{tag},option:router,{gateway}";
        yield return $"{tag},option:classless-static-route,{classless}";

        // The same under Microsoft's older number.
        yield return $"{tag},249,{classless}";

        // 0.0.0.0 is the API's way to say that no server is to be handed out.
        var servers = subnet.DnsServers.Select(Cidr.Address4).OfType<IPAddress>().ToList();
        if (servers.Exists(IPAddress.Any.Equals))
            yield return $"{tag},option:dns-server";
        else
            yield return $"{tag},option:dns-server,{(servers.Count > 0 ? string.Join(',', servers) : subnet.DhcpAddress)}";
    }

    private static string HostName(string name, IPAddress ip)
    {
        var label = name.Split('.')[0].ToLowerInvariant();
        return LabelPattern().IsMatch(label) ? label : "host-" + ip.ToString().Replace('.', '-').Replace(':', '-');
    }

    private static string Tag(DesiredSubnet subnet) => "subnet-" + DeviceNames.Short(subnet.Id.Value);

    private static string Range(Cidr range) => Invariant($"{range.Base}/{range.PrefixLength}");

    private static IPAddress NetMask(int length) =>
        new([.. Enumerable.Range(0, 4).Select(i => (byte)(0xff00 >> Math.Clamp(length - i * 8, 0, 8)))]);

    private static string Lines(IEnumerable<string> lines)
    {
        var text = new StringBuilder();
        foreach (var line in lines)
            text.Append(line).Append('\n');

        return text.ToString();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"\A(?=.{1,253}\z)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})(\.[A-Za-z0-9_-]{1,63})*\z")]
    private static partial Regex DomainPattern();
}
