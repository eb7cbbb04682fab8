using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Network;

public sealed class NodeNetworkingTests(CloudFixture fixture) : IClassFixture<CloudFixture>
{
    private readonly HttpClient admin = fixture.Admin;
    private readonly HttpClient demo = fixture.Demo;

    [Fact]
    public async Task A_guests_node_knows_its_port_while_the_guest_has_it()
    {
        var (network, _) = await demo.MakeNetwork("node-port", "10.60.0.0/24");
        var networks = fixture.Cloud.Services.GetRequiredService<IInstanceNetworks>();
        var nics = await Nics(network, 1);
        var port = (await networks.Ensure(nics, default)).Single();
        var seen = await Render(nics.NodeName);
        var told = seen.Ports.Single(one => one.Id == port.PortId);
        Assert.Equal(port.Addresses[0].IpAddress, told.IpAddresses.Single());
        Assert.Contains(seen.Networks.Single(one => one.Id.Text == network).DhcpHosts, host => host.PortId == port.PortId
            && host.HostName == "guest");
        // The default group lets its members in: this guest is one.
        Assert.Contains(told.Rules, rule => rule.Ingress && rule.RemoteCidrs!.Contains(told.IpAddresses[0] + "/32"));
        await networks.Release(nics.InstanceId, default);
        Assert.DoesNotContain((await Render(nics.NodeName)).Ports, one => one.Id == port.PortId);
    }

    [Fact]
    public async Task Callers_that_come_together_share_renderings()
    {
        var node = (await admin.All("agents"))[0].Text("host");
        var grain = fixture.Cloud.Grains.GetGrain<INodeNetworkingGrain>(node);
        var before = (await grain.Render()).Generation;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => grain.Applied()));
        Assert.InRange((await grain.Render()).Generation - before, 2, 20);
    }

    [Fact]
    public async Task Many_servers_booted_at_once_have_as_many_addresses_and_are_all_listed()
    {
        var (network, _) = await demo.MakeNetwork("storm", "10.61.0.0/22");
        var networks = fixture.Cloud.Services.GetRequiredService<IInstanceNetworks>();
        var nics = await Nics(network, 1);
        var instances = Enumerable.Range(0, 200).Select(static _ => InstanceId.New()).ToArray();
        await Task.WhenAll(instances.Select(instance => networks.Ensure(nics with { InstanceId = instance }, default)));
        var listed = await networks.PortsOf(instances, default);
        Assert.Equal(200, listed.Count);
        Assert.Equal(200, listed.Values.Select(static ports => ports.Single().Addresses.Single().IpAddress).Distinct().Count());
        await networks.Applied(instances[^1], default);
        await Task.WhenAll(instances.Select(instance => networks.Release(instance, default)));
        Assert.Empty(await networks.PortsOf(instances, default));
    }

    private async Task<InstanceNics> Nics(string network, int cards)
    {
        var project = new ProjectId((await demo.Get("quotas/project")).GetProperty("project").Text("project_id"));
        var group = SecurityGroupState.DefaultIdOf(project);
        await fixture.Cloud.Grains.GetGrain<ISecurityGroupGrain>(group).EnsureDefault(project);
        return new()
        {
            InstanceId = InstanceId.New(),
            ProjectId = project,
            HostName = "guest",
            NodeName = (await admin.All("agents"))[0].Text("host"),
            AvailabilityZone = "nova",
            Nics = [.. Enumerable.Repeat(new NicPlan { NetworkId = NetworkId.Parse(network), SecurityGroups = [group] }, cards)],
        };
    }

    private Task<DesiredNetworking> Render(string node) => fixture.Cloud.Grains.GetGrain<INodeNetworkingGrain>(node).Render();
}
