using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Network;

public sealed class NetworkChurnTests
{
    private static readonly ProjectId Project = new("churn-project");

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(23)]
    public async Task Whatever_was_under_way_when_the_process_died_the_records_fit_together_after(int doneBefore)
    {
        await using var cloud = await Cloud.Start(nodes: 2);
        var external = cloud.Grains.GetGrain<INetworkGrain>(NetworkId.New());
        var world = await external.Create(new() { ProjectId = Project, External = true });
        await external.CreateSubnet(SubnetId.New(),
            new() { ProjectId = Project, IpVersion = 4, Cidr = "198.51.100.0/24", EnableDhcp = false });
        var done = 0;
        var churns = Enumerable.Range(0, 6)
            .Select(at => Record.ExceptionAsync(() => Churn(cloud.Grains, world.Id, at, () => Interlocked.Increment(ref done)))).ToArray();
        await Eventually.True(() => Volatile.Read(ref done) >= doneBefore, "something was done");

        await cloud.Crash();

        // Each churn ended with the process; what it was told last is not asked.
        await Task.WhenAll(churns);
        var reconciler = cloud.Grains.GetGrain<INetworkReconcilerGrain>(INetworkReconcilerGrain.Key);
        await reconciler.Run();
        var second = await reconciler.Run();
        Assert.Empty(second.Routers.Concat(second.FloatingIps).Concat(second.Ports).Concat(second.Networks));
        await CheckAll(cloud.Index);
        await TakeAllAway(cloud);
    }

    private static async Task Churn(IGrainFactory grains, NetworkId external, int at, Action step)
    {
        for (var round = 0; ; round++)
        {
            var network = grains.GetGrain<INetworkGrain>(NetworkId.New());
            var id = (await network.Create(new() { ProjectId = Project })).Id;
            var subnet = SubnetId.New();
            await network.CreateSubnet(subnet, new() { ProjectId = Project, IpVersion = 4, Cidr = $"10.{at}.{round % 200}.0/24" });
            var port = await grains.GetGrain<IPortGrain>(PortId.New()).Create(new() { ProjectId = Project, NetworkId = id });
            step();
            var router = grains.GetGrain<IRouterGrain>(RouterId.New());
            await router.Create(new() { ProjectId = Project, Gateway = new() { NetworkId = external } });
            await router.AddInterface(new(subnet, null));
            var floating = grains.GetGrain<IFloatingIpGrain>(FloatingIpId.New());
            await floating.Create(new() { ProjectId = Project, FloatingNetworkId = external, PortId = port.Id });
            step();
            if (round % 3 == 2)
                continue;
            await grains.GetGrain<IPortGrain>(port.Id).Delete();
            await floating.Delete();
            await router.RemoveInterface(new(subnet, null));
            await router.Delete();
            await network.Delete();
            step();
        }
    }

    private static async Task CheckAll(IResourceIndex index)
    {
        var ports = await index.List<PortState>(new(PortState.Kind), default);
        var networks = (await index.List<NetworkState>(new(NetworkState.Kind), default)).ToDictionary(static network => network.Id);
        var taken = ports.SelectMany(static port => port.FixedIps.Select(ip => (port.NetworkId, ip.IpAddress))).ToArray();
        Assert.Equal(taken.Length, taken.Distinct().Count());
        Assert.All(ports, port => Assert.All(port.FixedIps, ip => Assert.NotNull(networks[port.NetworkId].Subnet(ip.SubnetId))));
        var floating = await index.List<FloatingIpState>(new(FloatingIpState.Kind), default);
        Assert.All(floating, address => Assert.Contains(ports,
            port => port.DeviceId == address.Id.Text && port.FixedIps.Any(ip => ip.IpAddress == address.FloatingIpAddress)));
    }

    /// <summary>What is left can be taken away in the usual order: nothing holds on to something that is not there.</summary>
    private static async Task TakeAllAway(Cloud cloud)
    {
        foreach (var id in await cloud.Index.ListIds(new(FloatingIpState.Kind), default))
            await cloud.Grains.GetGrain<IFloatingIpGrain>(id).Delete();
        var ports = await cloud.Index.List<PortState>(new(PortState.Kind), default);
        foreach (var leg in ports.Where(static port => port.DeviceOwner == DeviceOwners.RouterInterface))
            await cloud.Grains.GetGrain<IRouterGrain>(leg.DeviceId).RemoveInterface(new(null, leg.Id));
        foreach (var id in await cloud.Index.ListIds(new(RouterState.Kind), default))
            await cloud.Grains.GetGrain<IRouterGrain>(id).Delete();
        foreach (var port in ports.Where(static port => !port.IsTrusted))
            await cloud.Grains.GetGrain<IPortGrain>(port.Id).Delete();
        foreach (var id in await cloud.Index.ListIds(new(NetworkState.Kind), default))
            await cloud.Grains.GetGrain<INetworkGrain>(id).Delete();
        Assert.Equal(0, await cloud.Index.Count(new(PortState.Kind), default));
    }
}
