using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class NetworkCrashTests
{
    private static readonly ProjectId Project = new("crash-project");

    [Fact]
    public async Task Addresses_of_ports_are_taken_after_a_crash_and_those_of_ports_never_written_are_free()
    {
        await using var cloud = await Cloud.Start();
        var network = await MakeNetwork(cloud, "10.0.0.0/29");
        var port = await MakePort(cloud, network.Id);
        // A port whose making dies between the address and the record.
        var lost = await cloud.Grains.GetGrain<INetworkGrain>(network.Id).Allocate(
            new() { PortId = PortId.New(), MacAddress = "fa:16:3e:00:00:01", DeviceOwner = "" });

        await cloud.Crash();

        var rest = new List<string>();
        for (var at = 0; at < 3; at++)
            rest.Add((await MakePort(cloud, network.Id)).FixedIps[0].IpAddress);
        Assert.DoesNotContain(port.FixedIps[0].IpAddress, rest);
        Assert.Contains(lost.Addresses[0].IpAddress, rest);
        Assert.Equal("IpAddressGenerationFailure", (await Assert.ThrowsAsync<Fault>(() => MakePort(cloud, network.Id))).Type);
    }

    [Fact]
    public async Task A_gateway_port_without_its_router_is_taken_away()
    {
        await using var cloud = await Cloud.Start();
        var external = await MakeNetwork(cloud, "198.51.100.0/24", external: true);
        var orphan = await cloud.Grains.GetGrain<IPortGrain>(PortId.New()).Create(new()
        {
            NetworkId = external.Id,
            DeviceId = RouterId.New().Text,
            DeviceOwner = DeviceOwners.RouterGateway,
        });

        await cloud.Crash();

        var report = await Reconcile(cloud);
        Assert.Equal([orphan.DeviceId], report.Routers);
        Assert.Null(await cloud.Grains.GetGrain<IPortGrain>(orphan.Id).Find());
        Assert.Equal(new ReconcilerReport([], [], [], []), await Reconcile(cloud), SameReport);
    }

    [Fact]
    public async Task A_floating_addresss_port_without_it_and_a_target_without_its_port_are_mended()
    {
        await using var cloud = await Cloud.Start();
        var external = await MakeNetwork(cloud, "198.51.100.0/24", external: true);
        var id = FloatingIpId.New();
        var held = await cloud.Grains.GetGrain<IPortGrain>(PortId.New()).Create(new()
        {
            NetworkId = external.Id,
            DeviceId = id.Text,
            DeviceOwner = DeviceOwners.FloatingIp,
        });
        // Dies before the floating address was written: its port's id is derived, so the same call again finds it.
        await cloud.Grains.GetGrain<IPortGrain>(held.Id).Delete();
        var made = await cloud.Grains.GetGrain<IFloatingIpGrain>(id).Create(new() { ProjectId = Project, FloatingNetworkId = external.Id });

        await cloud.Crash();

        Assert.Empty((await Reconcile(cloud)).FloatingIps);
        var again = await cloud.Grains.GetGrain<IFloatingIpGrain>(id)
            .Create(new() { ProjectId = Project, FloatingNetworkId = external.Id });
        Assert.Equal(made.FloatingIpAddress, again.FloatingIpAddress);
    }

    [Fact]
    public async Task A_dhcp_port_that_was_never_made_is_made()
    {
        await using var cloud = await Cloud.Start();
        var network = await MakeNetwork(cloud, "10.0.0.0/24");
        await cloud.Grains.GetGrain<IPortGrain>(NetworkIds.DhcpPort(network.Id)).Delete();

        await cloud.Crash();

        Assert.Equal([network.Id.Text], (await Reconcile(cloud)).Networks);
        Assert.NotNull(await cloud.Grains.GetGrain<IPortGrain>(NetworkIds.DhcpPort(network.Id)).Find());
    }

    [Fact]
    public async Task Renderings_of_a_node_are_numbered_upwards_over_a_crash()
    {
        await using var cloud = await Cloud.Start();
        var before = await cloud.Grains.GetGrain<INodeNetworkingGrain>("node-x").Render();
        var next = await cloud.Grains.GetGrain<INodeNetworkingGrain>("node-x").Render();
        Assert.True(next.Generation > before.Generation);

        await cloud.Crash();

        Assert.True((await cloud.Grains.GetGrain<INodeNetworkingGrain>("node-x").Render()).Generation > next.Generation);
    }

    private static async Task<ReconcilerReport> Reconcile(Cloud cloud) =>
        await cloud.Grains.GetGrain<INetworkReconcilerGrain>(INetworkReconcilerGrain.Key).Run();

    private static bool SameReport(ReconcilerReport one, ReconcilerReport other) =>
        one.Routers.SequenceEqual(other.Routers) && one.FloatingIps.SequenceEqual(other.FloatingIps) && one.Ports.SequenceEqual(other.Ports)
        && one.Networks.SequenceEqual(other.Networks);

    private static async Task<NetworkState> MakeNetwork(Cloud cloud, string cidr, bool external = false)
    {
        var grain = cloud.Grains.GetGrain<INetworkGrain>(NetworkId.New());
        var network = await grain.Create(new() { ProjectId = Project, Name = "n", External = external });
        await grain.CreateSubnet(SubnetId.New(), new() { ProjectId = Project, IpVersion = 4, Cidr = cidr, EnableDhcp = !external });
        return network;
    }

    private static Task<PortState> MakePort(Cloud cloud, NetworkId network) =>
        cloud.Grains.GetGrain<IPortGrain>(PortId.New()).Create(new() { ProjectId = Project, NetworkId = network });
}
