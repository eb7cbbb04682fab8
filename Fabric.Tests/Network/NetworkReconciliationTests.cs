using Fabric.Grains.Kernel;
using Fabric.Grains.Network;

namespace Fabric.Tests.Network;

public sealed class NetworkReconciliationTests
{
    private static readonly NetworkState Network = new() { Id = NetworkId.New(), ProjectId = new("p") };

    [Fact]
    public void Records_that_fit_together_are_left_alone()
    {
        var router = new RouterState { Id = RouterId.New(), NodeName = "a" };
        var leg = Port(DeviceOwners.RouterInterface, router.Id.Text) with { HostId = "a" };
        var plan = NetworkReconciliation.Plan([leg], [Network], [router], [], new HashSet<string> { "a" });
        Assert.Empty(plan.Routers.Concat(plan.FloatingIps).Concat(plan.Ports).Concat(plan.Networks));
        Assert.Empty(plan.LostTargets);
    }

    [Fact]
    public void A_router_whose_node_is_down_moves_when_another_is_up()
    {
        var router = new RouterState { Id = RouterId.New(), NodeName = "gone" };
        Assert.Equal([router.Id.Text], NetworkReconciliation.Plan([], [], [router], [], new HashSet<string> { "a" }).Routers);
        Assert.Empty(NetworkReconciliation.Plan([], [], [router], [], new HashSet<string>()).Routers);
    }

    [Fact]
    public void A_second_gateway_port_is_its_routers_to_take_away()
    {
        var router = new RouterState
        {
            Id = RouterId.New(),
            NodeName = "a",
            Gateway = new() { NetworkId = Network.Id, PortId = PortId.New() },
        };
        var stale = Port(DeviceOwners.RouterGateway, router.Id.Text) with { HostId = "a" };
        Assert.Equal([router.Id.Text], NetworkReconciliation.Plan([stale], [Network], [router], [], new HashSet<string> { "a" }).Routers);
    }

    [Fact]
    public void A_port_of_a_network_that_is_gone_goes_and_a_floating_address_without_its_port_is_freed()
    {
        var orphan = Port("", "") with { NetworkId = NetworkId.New() };
        var lost = new FloatingIpState { Id = FloatingIpId.New(), Target = new(PortId.New(), "10.0.0.1", RouterId.New()) };
        var plan = NetworkReconciliation.Plan([orphan], [Network], [], [lost], new HashSet<string>());
        Assert.Equal([orphan.Id.Text], plan.Ports);
        Assert.Equal([(lost.Id.Text, lost.Target!.PortId)], plan.LostTargets);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void A_node_that_goes_moves_no_router_but_its_own(int gone)
    {
        string[] nodes = [.. Enumerable.Range(0, 10).Select(static at => $"node-{at}")];
        var left = nodes.Where(node => node != $"node-{gone}").ToArray();
        var keys = Enumerable.Range(0, 500).Select(static at => $"router-{at}").ToArray();
        Assert.All(keys, key =>
        {
            var before = NetworkNodes.Rendezvous(key, nodes);
            if (before != $"node-{gone}")
                Assert.Equal(before, NetworkNodes.Rendezvous(key, left));
        });
        Assert.Equal(10, keys.Select(key => NetworkNodes.Rendezvous(key, nodes)).Distinct().Count());
    }

    private static PortState Port(string owner, string device) =>
        new() { Id = PortId.New(), NetworkId = Network.Id, MacAddress = "fa:16:3e:00:00:01", DeviceOwner = owner, DeviceId = device };
}
