using System.Text.Json;
using Fabric.Gateway.Network;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class NodeRenderingTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);
    private static readonly ProjectId Project = new("0123456789abcdef0123456789abcdef");
    private static readonly JsonSerializerOptions Indented = new(Fabric.Gateway.Http.Wire.Options) { WriteIndented = true };

    [Fact]
    public void A_node_is_told_of_its_guests_their_rules_and_its_routers() =>
        Golden.Match("node-rendering.json", JsonSerializer.Serialize(NodeRendering.Render(Part(), 7), Indented));

    [Fact]
    public void Equal_records_render_equally() => Assert.Equal(
        JsonSerializer.Serialize(NodeRendering.Render(Part(), 7)),
        JsonSerializer.Serialize(NodeRendering.Render(Part(), 7)));

    [Fact]
    public void A_rule_for_a_group_without_members_lets_nobody_in_rather_than_anybody()
    {
        var part = Part() with { Members = new Dictionary<SecurityGroupId, IReadOnlyList<string>>() };
        var rules = NodeRendering.Render(part, 1).Ports.SelectMany(static port => port.Rules).Where(static rule => rule.Ingress);
        Assert.All(rules.Where(static rule => rule.Protocol is null), static rule => Assert.Empty(rule.RemoteCidrs!));
    }

    [Fact]
    public void A_node_is_told_how_guests_come_to_ipv6_addresses_and_what_their_ports_are_handed()
    {
        var part = Part();
        var inside = part.Networks[0];
        var request = new CreateSubnet
        {
            ProjectId = Project,
            IpVersion = 6,
            Cidr = "2001:db8::/64",
            Ipv6RaMode = "dhcpv6-stateless",
            Ipv6AddressMode = "dhcpv6-stateless",
        };
        var subnet = SubnetRules.Create(new(Id(19)), request, inside, Now);
        var guest = part.Ports[0] with
        {
            FixedIps = [.. part.Ports[0].FixedIps, new(subnet.Id, "2001:db8::5")],
            ExtraDhcpOpts = [new("59", "http://boot", 6)],
        };
        part = part with { Networks = [inside.With(subnet, Now), part.Networks[1]], Ports = [guest, .. part.Ports.Skip(1)] };

        var network = NodeRendering.Render(part, 1).Networks[0];

        Assert.Equal("dhcpv6-stateless", network.Subnets[1].Ipv6RaMode);
        Assert.Equal("dhcpv6-stateless", network.Subnets[1].Ipv6AddressMode);
        Assert.Equal(["10.0.0.5", "2001:db8::5"], network.DhcpHosts.Select(static host => host.IpAddress));
        Assert.All(network.DhcpHosts, static host => Assert.Equal("http://boot", host.Options.Single().Value));
    }

    [Fact]
    public void A_router_is_told_its_next_hop_of_each_version()
    {
        var part = Part();
        var outside = part.Networks[1];
        var request = new CreateSubnet { ProjectId = Project, IpVersion = 6, Cidr = "2001:db8:1::/64", EnableDhcp = false };
        var subnet = SubnetRules.Create(new(Id(18)), request, outside, Now);
        var gateway = part.RouterPorts[1] with { FixedIps = [.. part.RouterPorts[1].FixedIps, new(subnet.Id, "2001:db8:1::10")] };
        part = part with { Networks = [part.Networks[0], outside.With(subnet, Now)], RouterPorts = [part.RouterPorts[0], gateway] };

        var told = NodeRendering.Render(part, 1).Routers[0].Gateway!;

        Assert.Equal(("198.51.100.1", "2001:db8:1::1"), (told.NextHop, told.NextHopIpv6));
        Assert.Equal(["198.51.100.10/24", "2001:db8:1::10/64"], told.Addresses);
    }

    [Fact]
    public void Bodies_have_neutrons_form()
    {
        var part = Part();
        var bodies = new Dictionary<string, Body>
        {
            ["network"] = NetworkBodies.Of(part.Networks[0], provider: true),
            ["subnet"] = NetworkBodies.Of(part.Networks[0].Subnets[0]),
            ["port"] = PortBodies.Of(part.Ports[0], binding: true),
            ["router"] = RouterBodies.Of(part.Routers[0], ha: true),
            ["floatingip"] = RouterBodies.Of(part.FloatingIps[0], part.Ports[0]),
            ["security_group"] = SecurityGroupBodies.Of(part.Groups.Values.Single()),
        };
        Golden.Match("bodies.json", JsonSerializer.Serialize(bodies, Indented));
    }

    private static Guid Id(int number) => Guid.Parse($"00000000-0000-4000-8000-{number:d12}");

    private static NodePart Part()
    {
        var inside = Network(1, "private", "10.0.0.0/24", external: false);
        var outside = Network(2, "public", "198.51.100.0/24", external: true);
        var group = Group();
        var router = new RouterState
        {
            Id = new(Id(30)),
            ProjectId = Project,
            Name = "r1",
            NodeName = "node-1",
            Gateway = new() { NetworkId = outside.Id, PortId = new(Id(42)), FixedIps = [new(outside.Subnets[0].Id, "198.51.100.10")] },
            Routes = [new("192.168.0.0/24", "10.0.0.9")],
            Revision = 3,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
        var guest = Port(40, inside, "10.0.0.5", Id(50).ToString(), "compute:nova") with
        {
            SecurityGroups = [group.Id],
            DnsName = "guest",
            AllowedAddressPairs = [new("", "10.0.0.100")],
        };
        var leg = Port(41, inside, "10.0.0.1", router.Id.Text, DeviceOwners.RouterInterface);
        var gateway = Port(42, outside, "198.51.100.10", router.Id.Text, DeviceOwners.RouterGateway) with { ProjectId = null };
        return new()
        {
            Ports = [guest, leg, gateway],
            Routers = [router],
            RouterPorts = [leg, gateway],
            Networks = [inside, outside],
            DhcpPorts = new Dictionary<NetworkId, PortState> { [inside.Id] = Port(43, inside, "10.0.0.2", "dhcp", DeviceOwners.Dhcp) },
            Groups = new Dictionary<SecurityGroupId, SecurityGroupState> { [group.Id] = group },
            Members = new Dictionary<SecurityGroupId, IReadOnlyList<string>> { [group.Id] = ["10.0.0.5/32", "2001:db8::5/128"] },
            FloatingIps =
            [
                new()
                {
                    Id = new(Id(60)),
                    ProjectId = Project,
                    FloatingNetworkId = outside.Id,
                    FloatingIpAddress = "198.51.100.20",
                    Target = new(guest.Id, "10.0.0.5", router.Id),
                    Status = PortStatus.Active,
                    Revision = 2,
                    CreatedAt = Now,
                    UpdatedAt = Now,
                },
            ],
        };
    }

    private static NetworkState Network(int number, string name, string cidr, bool external)
    {
        var network = new NetworkState
        {
            Id = new(Id(number)),
            ProjectId = Project,
            Name = name,
            External = external,
            Vni = 1000 + number,
            NetworkType = external ? "flat" : "vxlan",
            PhysicalNetwork = external ? "public" : null,
            Mtu = external ? 1500 : 1450,
            CreatedAt = Now,
        };
        var request = new CreateSubnet
        {
            ProjectId = Project,
            Name = name + "-subnet",
            IpVersion = 4,
            Cidr = cidr,
            EnableDhcp = !external,
            DnsNameservers = ["9.9.9.9"],
        };
        return network.With(SubnetRules.Create(new(Id(10 + number)), request, network, Now), Now);
    }

    private static PortState Port(int number, NetworkState network, string address, string device, string owner) => new()
    {
        Id = new(Id(number)),
        ProjectId = Project,
        NetworkId = network.Id,
        MacAddress = $"fa:16:3e:00:00:{number}",
        FixedIps = [new(network.Subnets[0].Id, address)],
        DeviceId = device,
        DeviceOwner = owner,
        HostId = "node-1",
        Status = PortStatus.Active,
        PortSecurityEnabled = !owner.StartsWith(DeviceOwners.NetworkPrefix, StringComparison.Ordinal),
        Revision = 1,
        CreatedAt = Now,
        UpdatedAt = Now,
    };

    private static SecurityGroupState Group()
    {
        var id = new SecurityGroupId(Id(20));
        SecurityRule Rule(int number, string direction) => new()
        {
            Id = new(Id(number)),
            GroupId = id,
            ProjectId = Project,
            Direction = direction,
            EtherType = "IPv4",
            CreatedAt = Now,
        };
        return new()
        {
            Id = id,
            ProjectId = Project,
            Name = "default",
            Description = "Default security group",
            Rules =
            [
                Rule(21, "ingress") with { RemoteGroupId = id },
                Rule(22, "egress"),
                Rule(23, "ingress") with { Protocol = "tcp", PortMin = 22, PortMax = 22, RemoteIpPrefix = "192.0.2.7/24" },
            ],
            Revision = 1,
            CreatedAt = Now,
            UpdatedAt = Now,
        };
    }
}
