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
