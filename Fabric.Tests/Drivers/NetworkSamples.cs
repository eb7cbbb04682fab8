using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Tests.Drivers;

/// <summary>Networks to test with: two guests on <c>10.8.0.0/24</c>, a router, and the external network <c>198.51.100.0/24</c>. Ids are
/// made from a seed, so that several tests can run side by side.</summary>
internal sealed class NetworkSamples(int seed)
{
    internal NetworkId Inside => new(Id(1));

    internal NetworkId Outside => new(Id(2));

    internal RouterId Router => new(Id(3));

    internal PortId PortA => new(Id(10));

    internal PortId PortB => new(Id(11));

    internal InstanceId InstanceA => new(Id(20));

    internal InstanceId InstanceB => new(Id(21));

    internal NetworkId Second => new(Id(4));

    internal PortId PortC => new(Id(14));

    internal SubnetId Subnet(int number) => new(Id(number));

    internal PortId Leg(int number) => new(Id(number));

    internal static ProjectId Project => new("6c1f5e5f4f0b4a1e9d5b3c2a1f0e9d8c");

    internal const string MacA = "fa:16:3e:00:00:0a";
    internal const string MacB = "fa:16:3e:00:00:0b";
    internal const string FloatingA = "198.51.100.20";

    internal static DesiredRule Egress(int version) => new() { Ingress = false, IpVersion = version };

    internal static DesiredRule Ingress(string protocol, int? min = null, int? max = null, IReadOnlyList<string>? from = null) =>
        new() { Ingress = true, IpVersion = 4, Protocol = protocol, PortMin = min, PortMax = max, RemoteCidrs = from };

    internal DesiredNetworking Whole(long generation) => new()
    {
        Generation = generation,
        Networks = [InsideNetwork(), OutsideNetwork()],
        Ports =
        [
            GuestPort(PortA, InstanceA, MacA, "10.8.0.10", [Egress(4), Egress(6), Ingress("icmp"), Ingress("tcp", 80, 90)]),
            GuestPort(PortB, InstanceB, MacB, "10.8.0.11", [Egress(4), Egress(6), Ingress("tcp", 22, 22, ["10.8.0.10"])]),
        ],
        Routers = [GuestRouter(new DesiredFloatingIp(FloatingA, "10.8.0.10"))],
    };

    internal DesiredNetwork InsideNetwork() => new()
    {
        Id = Inside,
        Vni = 100 + seed,
        Mtu = 1450,
        DhcpMacAddress = "fa:16:3e:00:00:02",
        Subnets =
        [
            new()
            {
                Id = new(Id(5)),
                Cidr = "10.8.0.0/24",
                GatewayIp = "10.8.0.1",
                DhcpEnabled = true,
                DhcpAddress = "10.8.0.2",
                DnsServers = ["192.0.2.53", "192.0.2.54"],
                HostRoutes = [new("203.0.113.0/24", "10.8.0.9")],
            },
        ],
        DhcpHosts = [new(PortA, MacA, "10.8.0.10", new(Id(5)), "vm-a"), new(PortB, MacB, "10.8.0.11", new(Id(5)), "vm-b")],
    };

    internal DesiredNetwork OutsideNetwork() => new()
    {
        Id = Outside,
        Vni = 200 + seed,
        Mtu = 1500,
        PhysicalNetwork = "public",
        Subnets = [new() { Id = new(Id(6)), Cidr = "198.51.100.0/24", GatewayIp = "198.51.100.1", DhcpEnabled = false }],
    };

    internal DesiredPort GuestPort(PortId id, InstanceId instance, string mac, string ip, IReadOnlyList<DesiredRule> rules) => new()
    {
        Id = id,
        NetworkId = Inside,
        InstanceId = instance,
        ProjectId = Project,
        MacAddress = mac,
        IpAddresses = [ip],
        Rules = rules,
    };

    internal DesiredRouter GuestRouter(params DesiredFloatingIp[] floatingIps) => new()
    {
        Id = Router,
        Gateway = new()
        {
            PortId = new(Id(12)),
            NetworkId = Outside,
            MacAddress = "fa:16:3e:00:00:10",
            Addresses = ["198.51.100.10/24"],
            NextHop = "198.51.100.1",
        },
        Interfaces = [new(new(Id(13)), Inside, "fa:16:3e:00:00:01", ["10.8.0.1/24"])],
        FloatingIps = floatingIps,
    };

    // The seed and the number stand in the first eleven digits, which are what device names show.
    private Guid Id(int number) =>
        Guid.ParseExact(string.Create(CultureInfo.InvariantCulture, $"{seed:x4}{number:x4}-00aa-4000-8000-000000000000"), "D");
}
