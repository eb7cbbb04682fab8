using Fabric.Grains.Nodes;

namespace Fabric.Tests.Drivers;

/// <summary>The networks of <see cref="NetworkSamples"/> with both versions of IP, and a second network of IPv6 alone behind the same
/// router.</summary>
internal static class NetworkIpv6Samples
{
    internal const string MacC = "fa:16:3e:00:00:0c";
    internal const string AddressA = "2001:db8:8:0:f816:3eff:fe00:a";
    internal const string AddressB = "2001:db8:8:0:f816:3eff:fe00:b";
    internal const string AddressC = "2001:db8:9:0:f816:3eff:fe00:c";
    internal const string RouterMac = "fa:16:3e:00:00:01";
    internal const string RouterLinkLocal = "fe80::f816:3eff:fe00:1";

    internal static DesiredRule Ingress6(string protocol, int? min = null, int? max = null) =>
        new() { Ingress = true, IpVersion = 6, Protocol = protocol, PortMin = min, PortMax = max };

    /// <summary>The first network with an IPv6 subnet of a mode.</summary>
    internal static DesiredNetwork Dual(this NetworkSamples sample, string? mode, string a = AddressA, string b = AddressB)
    {
        var inside = sample.InsideNetwork();
        return inside with
        {
            Subnets = [.. inside.Subnets, sample.Subnet6(7, "2001:db8:8::", mode)],
            DhcpHosts =
            [
                .. inside.DhcpHosts,
                new(sample.PortA, NetworkSamples.MacA, a, sample.Subnet(7), "vm-a"),
                new(sample.PortB, NetworkSamples.MacB, b, sample.Subnet(7), "vm-b"),
            ],
        };
    }

    internal static DesiredNetworking WholeDual(
        this NetworkSamples sample, long generation, string? mode = "slaac", string a = AddressA, string b = AddressB)
    {
        var whole = sample.Whole(generation);
        List<DesiredRule> open = [NetworkSamples.Egress(4), NetworkSamples.Egress(6), NetworkSamples.Ingress("icmp"), Ingress6("icmpv6")];
        return whole with
        {
            Networks = [sample.Dual(mode, a, b), sample.SecondNetwork(), whole.Networks[1]],
            Ports =
            [
                whole.Ports[0] with { IpAddresses = ["10.8.0.10", a], Rules = open },
                whole.Ports[1] with { IpAddresses = ["10.8.0.11", b], Rules = [NetworkSamples.Egress(4), NetworkSamples.Egress(6)] },
                sample.GuestPort(sample.PortC, sample.InstanceB, MacC, AddressC, open) with { NetworkId = sample.Second },
            ],
            Routers =
            [
                whole.Routers[0] with
                {
                    Interfaces =
                    [
                        .. whole.Routers[0].Interfaces,
                        new(sample.Leg(15), sample.Inside, RouterMac, ["2001:db8:8::1/64"]),
                        new(sample.Leg(16), sample.Second, "fa:16:3e:00:00:03", ["2001:db8:9::1/64"]),
                    ],
                },
            ],
        };
    }

    private static DesiredNetwork SecondNetwork(this NetworkSamples sample) => new()
    {
        Id = sample.Second,
        Vni = 300,
        Mtu = 1400,
        DhcpMacAddress = "fa:16:3e:00:00:04",
        Subnets = [sample.Subnet6(8, "2001:db8:9::", "slaac")],
        DhcpHosts = [new(sample.PortC, MacC, AddressC, sample.Subnet(8), "vm-c")],
    };

    private static DesiredSubnet Subnet6(this NetworkSamples sample, int number, string prefix, string? mode) => new()
    {
        Id = sample.Subnet(number),
        Cidr = prefix + "/64",
        GatewayIp = prefix + "1",
        DhcpEnabled = true,
        DhcpAddress = prefix + "2",
        DnsServers = ["2001:db8::53", "2001:db8::54"],
        Ipv6RaMode = mode,
        Ipv6AddressMode = mode,
    };
}
