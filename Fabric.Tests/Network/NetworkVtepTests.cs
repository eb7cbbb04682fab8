using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Network;

/// <summary>Which nodes are told of which others, and when. Nodes are records here: nobody need apply what they are told.</summary>
public sealed class NetworkVtepTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    private IGrainFactory Grains => fixture.Cloud.Grains;

    [Fact]
    public async Task Nodes_with_ports_of_a_network_are_told_of_each_other_and_others_of_none()
    {
        var network = (await demo.MakeNetwork("vtep-both", "10.70.0.0/24")).Network;
        var (one, two, three) = (await Node("10.99.1.1"), await Node("10.99.1.2"), await Node("10.99.1.3"));
        await Port(network, one);
        await Port(network, one);
        Assert.Empty(await Vteps(one, network));

        var port = await Port(network, two);

        Assert.Equal(["10.99.1.2"], await Vteps(one, network));
        Assert.Equal(["10.99.1.1"], await Vteps(two, network));
        await Grains.GetGrain<IPortGrain>(port).Update(new() { HostId = three });
        Assert.Equal(["10.99.1.3"], await Vteps(one, network));
        await Grains.GetGrain<IPortGrain>(port).Delete();
        Assert.Empty(await Vteps(one, network));
    }

    [Fact]
    public async Task A_node_that_others_cannot_reach_is_no_end_of_a_tunnel()
    {
        var network = (await demo.MakeNetwork("vtep-loopback", "10.71.0.0/24")).Network;
        var (one, two) = (await Node("10.99.2.1"), await Node("127.0.0.1"));
        await Port(network, one);
        await Port(network, two);

        Assert.Empty(await Vteps(one, network));
    }

    [Fact]
    public async Task Only_the_first_and_the_last_port_of_a_node_are_news_to_the_others()
    {
        var network = (await demo.MakeNetwork("vtep-news", "10.72.0.0/24")).Network;
        var (one, two) = (await Node("10.99.3.1"), await Node("10.99.3.2"));
        await Port(network, one);
        var vteps = fixture.Cloud.Services.GetRequiredService<NetworkVteps>();

        var first = await State(await Port(network, two));
        Assert.Equal([one], await vteps.ToldOf(null, first));
        var together = await State(await Port(network, two));
        Assert.Equal([one], await vteps.ToldOf(null, together));
        await Grains.GetGrain<IPortGrain>(first.Id).Plugged(two);
        var later = await State(await Port(network, two));
        Assert.Empty(await vteps.ToldOf(null, later));

        await Grains.GetGrain<IPortGrain>(later.Id).Delete();
        await Grains.GetGrain<IPortGrain>(together.Id).Delete();
        Assert.Empty(await vteps.ToldOf(later, null));
        await Grains.GetGrain<IPortGrain>(first.Id).Delete();
        Assert.Equal([one], await vteps.ToldOf(first, null));
    }

    [Fact]
    public async Task A_node_applies_anew_when_the_first_port_elsewhere_comes_and_when_the_last_goes()
    {
        var network = (await demo.MakeNetwork("vtep-told", "10.74.0.0/24")).Network;
        var here = (await admin.All("agents"))[0].Text("host");
        await Port(network, here);
        var before = await Quiet(here);

        var port = await Port(network, "elsewhere");
        before = await Told(here, before, "the first port elsewhere");

        await Grains.GetGrain<IPortGrain>(port).Delete();
        await Told(here, before, "the last port elsewhere");
    }

    [Fact]
    public async Task A_router_on_another_node_counts_like_a_guest_there()
    {
        var (network, subnet) = await demo.MakeNetwork("vtep-router", "10.73.0.0/24");
        var router = (await demo.Make("routers", new { name = "vtep-router" })).Id();
        await demo.Act($"routers/{router}/add_router_interface", new { subnet_id = subnet });
        var leg = (await admin.All("ports", $"?device_id={router}")).Single();
        var (one, two) = (await Node("10.99.4.1"), await Node("10.99.4.2"));
        await Grains.GetGrain<IPortGrain>(PortId.Parse(leg.Id())).Update(new() { HostId = two });
        await Port(network, one);

        Assert.Equal(["10.99.4.2"], await Vteps(one, network));
    }

    private async Task<string> Node(string address)
    {
        var name = "node-" + address;
        await Grains.GetGrain<IHypervisorGrain>(name).Register(SimulatedInventory.Of(name, default) with { HostIp = address });
        return name;
    }

    private async Task<PortId> Port(string network, string node)
    {
        var id = PortId.New();
        await Grains.GetGrain<IPortGrain>(id).Create(new()
        {
            NetworkId = NetworkId.Parse(network),
            DeviceId = InstanceId.New().Text,
            DeviceOwner = DeviceOwners.ComputePrefix + "nova",
            HostId = node,
        });
        return id;
    }

    private async Task<IReadOnlyList<string>> Vteps(string node, string network) =>
        (await Grains.GetGrain<INodeNetworkingGrain>(node).Render()).Networks.Single(one => one.Id.Text == network).Vteps;

    private async Task<PortState> State(PortId port) => (await Grains.GetGrain<IPortGrain>(port).Find())!;

    /// <summary>Each rendering has one number more than the last one; asking for it is a rendering too.</summary>
    private async Task<long> Generation(string node) => (await Grains.GetGrain<INodeNetworkingGrain>(node).Render()).Generation;

    private async Task<long> Quiet(string node)
    {
        var last = 0L;
        await Eventually.True(
            async () =>
            {
                await Grains.GetGrain<INodeNetworkingGrain>(node).Applied();
                var before = last;
                last = await Generation(node);
                return last == before + 2;
            },
            $"{node} is rendered only when asked");
        return last;
    }

    private async Task<long> Told(string node, long before, string why)
    {
        var last = before;
        await Eventually.True(
            async () =>
            {
                var now = await Generation(node);
                var told = now > last + 1;
                last = now;
                return told;
            },
            $"{node} is told of {why}");
        return await Quiet(node);
    }
}
