using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

public sealed class NetworkTunnelTests
{
    private const string Tag = "0a1b2c3d";
    private const string MacA = NetworkSamples.MacA;
    private static readonly NetworkSamples Sample = new(1);
    private static readonly NetworkOptions Options = new() { TunnelAddress = "10.99.0.1" };
    private static readonly string Device = DeviceNames.Tunnel(Sample.Inside);

    [Fact]
    public void The_way_to_two_other_hosts_is_as_agreed()
    {
        var layout = HostLayout.Of(Desired("10.99.0.3", "10.99.0.2"), Options);
        var plan = NetworkPlan.Make(layout, Facts(), []);
        var lines = plan.Commands.Concat(TunnelPlan.Make(plan.TunnelsToConfigure, []))
            .Concat(layout.Tunnels.Select(tunnel => NetworkPlan.Commit(tunnel, Tag)))
            .Select(command => string.Join(' ', command));

        Golden.Match("NetworkTunnel.txt", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void The_rules_of_a_host_with_a_tunnel_are_as_agreed()
    {
        var layout = HostLayout.Of(Desired("10.99.0.2"), Options);
        var lists = RuleLists.Of(layout.Ports);
        var zones = new Dictionary<string, int> { [DeviceNames.Bridge(Sample.Inside)] = 1 };

        var ruleset = NftRuleset.Render(layout.Ports, lists, new RuleNumbers().Assign(lists), zones, [], layout.Tunnels);

        Golden.Match("NetworkTunnel.nft", ruleset);
    }

    [Theory]
    [InlineData(null, "10.99.0.2")]
    [InlineData("127.0.0.1", "10.99.0.2")]
    [InlineData("10.99.0.1", "127.0.0.1")]
    [InlineData("10.99.0.1", "10.99.0.1")]
    [InlineData("10.99.0.1", "10.99.0.2; drop")]
    [InlineData("10.99.0.1", "2001:db8::2")]
    public void There_is_no_tunnel_where_there_is_no_way(string? local, string peer) =>
        Assert.Empty(HostLayout.Of(Desired(peer), new() { TunnelAddress = local }).Tunnels);

    [Fact]
    public void A_provider_network_has_a_segment_of_its_own_and_no_tunnel()
    {
        var network = Sample.OutsideNetwork() with { Vteps = ["10.99.0.2"] };

        Assert.Empty(HostLayout.Of(new() { Generation = 1, Networks = [network] }, Options).Tunnels);
    }

    [Fact]
    public void What_is_complete_is_left_alone()
    {
        var layout = HostLayout.Of(Desired("10.99.0.2"), Options);

        Assert.Empty(NetworkPlan.Make(layout, Facts(Link(layout.Tunnels[0])), []).TunnelsToConfigure);
    }

    [Fact]
    public void Other_peers_are_given_to_the_device_that_is_there()
    {
        var before = HostLayout.Of(Desired("10.99.0.2"), Options).Tunnels[0];
        var layout = HostLayout.Of(Desired("10.99.0.3"), Options);

        var plan = NetworkPlan.Make(layout, Facts(Link(before)), []);

        Assert.Equal([Device], plan.TunnelsToConfigure.Select(tunnel => tunnel.Name));
        Assert.DoesNotContain(plan.Commands, command => command[1] is "add" or "delete" && command.Contains(Device));
    }

    [Theory]
    [InlineData(101, "10.99.0.1", 4789, false)]
    [InlineData(102, "10.99.0.1", 4789, true)]
    [InlineData(101, "10.99.0.9", 4789, true)]
    [InlineData(101, "10.99.0.1", 8472, true)]
    public void A_device_that_cannot_be_made_right_is_made_anew(int vni, string local, int port, bool learns)
    {
        var layout = HostLayout.Of(Desired("10.99.0.2"), Options);
        var wrong = Link(layout.Tunnels[0]) with { Tunnel = new(vni, local, port, learns) };

        var plan = NetworkPlan.Make(layout, Facts(wrong), []);

        Assert.Contains(plan.Commands, command => command is ["link", "delete", "dev", var name] && name == Device);
        Assert.Contains(plan.Commands, command => command[1] == "add" && command[3] == Device);
        Assert.Single(plan.TunnelsToConfigure);
    }

    [Fact]
    public void Entries_that_lead_elsewhere_go_and_those_that_are_right_stay()
    {
        var target = HostLayout.Of(Desired("10.99.0.2", "10.99.0.3"), Options).Tunnels[0];
        const string all = ForwardingEntry.Everybody;

        var commands = TunnelPlan.Make(
            [target],
            [
                new(Device, all, "10.99.0.2"), new(Device, MacA, "10.99.0.2"),
                new(Device, all, "10.99.0.9"), new(Device, MacA, "10.99.0.9"),
                new("other", all, "10.99.0.9"),
            ]);

        Assert.Equal(
            [
                $"fdb delete {all} dev {Device} dst 10.99.0.9",
                $"fdb delete {MacA} dev {Device} dst 10.99.0.9",
                $"fdb append {all} dev {Device} dst 10.99.0.3",
            ],
            commands.Select(command => string.Join(' ', command)));
    }

    private static DesiredNetworking Desired(params string[] peers) => new()
    {
        Generation = 1,
        Networks = [Sample.InsideNetwork() with { Subnets = [], Vteps = peers }],
        Ports = [Sample.Whole(1).Ports[0]],
    };

    private static ObservedLink Link(TunnelTarget target) => new(
        target.Name, "vxlan", target.Bridge, target.Mtu, new(Tag, DeviceAlias.TunnelRole, Sample.Inside.Text, target.Hash), true, "", [])
    {
        Tunnel = new(target.Vni, target.Local, TunnelTarget.Port, Learns: true),
    };

    private static HostFacts Facts(params ObservedLink[] links) =>
        new(new(links.ToDictionary(link => link.Name)), Tag, new HashSet<string>(), new HashSet<string>());
}
