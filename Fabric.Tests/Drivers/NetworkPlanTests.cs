using Fabric.NodeAgent.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

public sealed class NetworkPlanTests
{
    private const string Tag = "0a1b2c3d";
    private static readonly NetworkSamples Sample = new(1);
    private static readonly Dictionary<string, int> Zones = new() { [DeviceNames.Bridge(Sample.Inside)] = 7 };

    [Fact]
    public void The_way_from_an_empty_host_is_as_agreed()
    {
        var layout = HostLayout.Of(Sample.Whole(1), new());
        var plan = NetworkPlan.Make(layout, Facts(), []);
        var lines = plan.NamespacesToAdd.Select(name => "netns add " + name)
            .Concat(plan.Commands.Select(command => string.Join(' ', command)))
            .Concat(layout.Namespaces.SelectMany(target => Inside(target).Prepend($"-- in {target.Name}")));

        Golden.Match("NetworkPlan.txt", string.Join('\n', lines) + "\n");
    }

    [Fact]
    public void A_device_of_another_cloud_is_never_taken_over()
    {
        var name = DeviceNames.Bridge(Sample.Inside);
        var foreign = new ObservedLink(name, "bridge", null, 1450, DeviceAlias.Parse("fabric:ffffffff:bridge:x:1"), true, "", []);

        var layout = HostLayout.Of(Sample.Whole(1), new());

        Assert.Throws<InvalidOperationException>(() => NetworkPlan.Make(layout, Facts(foreign), []));
    }

    [Fact]
    public void A_bridge_keeps_its_zone_and_a_new_one_gets_a_free_one()
    {
        var (inside, outside) = (DeviceNames.Bridge(Sample.Inside), DeviceNames.Bridge(Sample.Outside));
        var alias = new DeviceAlias(Tag, DeviceAlias.BridgeRole, Sample.Outside.Text, "1");
        var old = new ObservedLink(outside, "bridge", null, 1500, alias, true, "", []);

        var plan = NetworkPlan.Make(HostLayout.Of(Sample.Whole(1), new()), Facts(old), []);

        Assert.Equal(1, plan.Zones[outside]);
        Assert.Equal(2, plan.Zones[inside]);
    }

    [Fact]
    public void Connections_are_forgotten_only_when_something_was_taken_away()
    {
        var port = Sample.Whole(1).Ports[1];
        var rule = NetworkSamples.Ingress("tcp", 22, 22, ["10.8.0.10"]);
        var wider = NetworkSamples.Ingress("tcp", 22, 22, ["10.8.0.10", "10.8.0.12"]);
        var (narrow, wide) = (port with { Rules = [rule] }, port with { Rules = [wider] });

        Assert.Empty(ConnectionFlush.OfPorts([narrow], [wide], Zones));
        Assert.Equal(["-D -w 7 -s 10.8.0.11", "-D -w 7 -d 10.8.0.11"], ConnectionFlush.OfPorts([wide], [narrow], Zones));
        Assert.NotEmpty(ConnectionFlush.OfPorts([narrow], [], Zones));
        Assert.NotEmpty(ConnectionFlush.OfPorts([narrow with { PortSecurity = false }], [narrow], Zones));
        Assert.Empty(ConnectionFlush.OfPorts([narrow], [narrow with { PortSecurity = false }], Zones));
    }

    [Fact]
    public void A_floating_address_that_moves_takes_its_connections_with_it()
    {
        var a = new Dictionary<string, string> { ["198.51.100.20"] = "10.8.0.10" };
        var b = new Dictionary<string, string> { ["198.51.100.20"] = "10.8.0.11" };

        Assert.Empty(ConnectionFlush.OfFloating(a, a));
        Assert.Equal(["-D -d 198.51.100.20", "-D -q 198.51.100.20"], ConnectionFlush.OfFloating(a, b));
    }

    private static HostFacts Facts(params ObservedLink[] links) =>
        new(new(links.ToDictionary(link => link.Name)), Tag, new HashSet<string>(), new HashSet<string>());

    private static IEnumerable<string> Inside(NamespaceTarget target) =>
        NamespacePlan.Make(target, new(new(new Dictionary<string, ObservedLink>()), new HashSet<RouteTarget>()))
            .Commands.Select(command => string.Join(' ', command));
}
