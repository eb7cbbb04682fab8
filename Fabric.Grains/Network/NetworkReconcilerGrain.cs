using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>
/// Compares records that belong together, and asks the grain that owns a difference to mend it. A grain that is in the middle of its work
/// answers after it, and
/// then finds nothing to mend; so the reconciler needs to know nothing of what is under way.
/// </summary>
[GrainType("network.reconciler")]
internal sealed class NetworkReconcilerGrain(IResourceIndex index, NetworkNodes nodes, TimeProvider time,
    ILogger<NetworkReconcilerGrain> logger)
    : Grain, INetworkReconcilerGrain, IRemindable
{
    private const string RunReminder = "run";

    private static readonly TimeSpan RunPeriod = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RestBetween = TimeSpan.FromSeconds(10);

    private bool started;
    private IGrainTimer? soon;

    public async Task Start()
    {
        if (!started)
        {
            await this.RegisterOrUpdateReminder(RunReminder, RunPeriod, RunPeriod);
            started = true;
        }

        // Two hundred nodes that start together are one run, a moment after the first.
        soon ??= this.RegisterGrainTimer(RunSoon, TimeSpan.FromSeconds(1), RestBetween);
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Run();

    public async Task<ReconcilerReport> Run()
    {
        var ports = await index.List<PortState>(new(PortState.Kind) { Sort = ResourceSort.Id }, CancellationToken.None);
        var networks = await index.List<NetworkState>(new(NetworkState.Kind), CancellationToken.None);
        var routers = await index.List<RouterState>(new(RouterState.Kind), CancellationToken.None);
        var floatingIps = await index.List<FloatingIpState>(new(FloatingIpState.Kind), CancellationToken.None);
        var now = time.GetUtcNow();
        var up = (await nodes.All(CancellationToken.None)).Where(node => node.IsUp(now)).Select(static node => node.Inventory.NodeName)
            .ToHashSet();
        var plan = NetworkReconciliation.Plan(ports, networks, routers, floatingIps, up);
        foreach (var id in plan.Routers)
            await Mend("router", id, () => GrainFactory.GetGrain<IRouterGrain>(id).Repair());
        foreach (var id in plan.FloatingIps)
            await Mend("floating-ip", id, () => GrainFactory.GetGrain<IFloatingIpGrain>(id).Repair());
        foreach (var (id, port) in plan.LostTargets)
            await Mend("floating-ip", id, () => GrainFactory.GetGrain<IFloatingIpGrain>(id).PortGone(port));
        foreach (var id in plan.Ports)
            await Mend("port", id, () => GrainFactory.GetGrain<IPortGrain>(id).Delete());
        foreach (var id in plan.Networks)
            await Mend("network", id, () => GrainFactory.GetGrain<INetworkGrain>(id).Repair());
        return new(plan.Routers, [.. plan.FloatingIps, .. plan.LostTargets.Select(static lost => lost.Id)], plan.Ports, plan.Networks);
    }

    private async Task RunSoon()
    {
        soon?.Dispose();
        soon = null;
        await Run();
    }

    private async Task Mend(string kind, string id, Func<Task> repair)
    {
        logger.Mending(kind, id);
        try
        {
            await repair();
        }
        catch (Exception error) when (error is Fault or TimeoutException or OrleansException)
        {
            // One that cannot be mended now must not keep the others from it; the next run tries again.
            logger.MendingFailed(error, kind, id);
        }
    }
}

/// <summary>What of the records does not fit together. Pure.</summary>
internal static class NetworkReconciliation
{
    public static Mending Plan(
        IReadOnlyList<PortState> ports,
        IReadOnlyList<NetworkState> networks,
        IReadOnlyList<RouterState> routers,
        IReadOnlyList<FloatingIpState> floatingIps,
        IReadOnlySet<string> nodesUp)
    {
        var portsById = ports.ToDictionary(static port => port.Id);
        var networksById = networks.ToDictionary(static network => network.Id);
        var routersById = routers.ToDictionary(static router => router.Id.Text);
        var floatingIds = floatingIps.Select(static floating => floating.Id.Text).ToHashSet();
        var homeless = routers.Where(router => nodesUp.Count > 0 && (router.NodeName is null || !nodesUp.Contains(router.NodeName)));
        var leftovers = ports.Where(port => port.DeviceOwner is DeviceOwners.RouterGateway or DeviceOwners.RouterInterface && !Fits(port));
        return new(
            [.. homeless.Select(static router => router.Id.Text).Concat(leftovers.Select(static port => port.DeviceId)).Distinct()],
            [.. ports.Where(port => port.DeviceOwner == DeviceOwners.FloatingIp && !floatingIds.Contains(port.DeviceId))
                .Select(static port => port.DeviceId)],
            [.. floatingIps.Where(static floating => floating.Target is not null)
                .Where(floating => !portsById.ContainsKey(floating.Target!.PortId))
                .Select(static floating => (floating.Id.Text, floating.Target!.PortId))],
            [.. ports.Where(port => !networksById.ContainsKey(port.NetworkId)).Select(static port => port.Id.Text)],
            [
                .. networks.Where(network => !HasRightDhcpPort(network, portsById)).Select(static network => network.Id)
                    .Concat(ports
                        .Where(port => networksById.TryGetValue(port.NetworkId, out var network) && NeedsReaddressing(port, network))
                        .Select(static port => port.NetworkId))
                    .Distinct().Select(static id => id.Text),
            ]);

        bool Fits(PortState port) => routersById.TryGetValue(port.DeviceId, out var router)
            && (port.DeviceOwner == DeviceOwners.RouterInterface || router.Gateway?.PortId == port.Id)
            && port.HostId == router.NodeName;
    }

    /// <summary>Whether a port has an address in a subnet that is gone, or none in one where its guest makes one itself.</summary>
    public static bool NeedsReaddressing(PortState port, NetworkState network) =>
        port.FixedIps.Any(ip => network.Subnet(ip.SubnetId) is null)
        || AutoSubnets(port, network).Any(subnet => port.FixedIps.All(ip => ip.SubnetId != subnet));

    /// <summary>The subnets in which a port has an address unasked. A port that was made without any address stays so.</summary>
    public static IReadOnlyList<SubnetId> AutoSubnets(PortState port, NetworkState network) =>
        port.DeviceOwner is DeviceOwners.RouterInterface or DeviceOwners.FloatingIp or DeviceOwners.Dhcp
            || (port.FixedIps.Count == 0 && network.Subnets.Any(static subnet => !subnet.IsAutoAddress))
            ? []
            : [.. network.Subnets.Where(subnet => subnet.IsAutoAddress && AddressPool.Serves(subnet, port.DeviceOwner))
                .Select(static subnet => subnet.Id)];

    private static bool HasRightDhcpPort(NetworkState network, Dictionary<PortId, PortState> ports)
    {
        var wanted = network.Subnets.Where(static subnet => subnet.EnableDhcp).Select(static subnet => subnet.Id).ToHashSet();
        var port = ports.GetValueOrDefault(NetworkIds.DhcpPort(network.Id));
        return wanted.Count == 0 ? port is null : port is not null && wanted.SetEquals(port.FixedIps.Select(static ip => ip.SubnetId));
    }

    /// <summary>Whom to ask, by id.</summary>
    internal sealed record Mending(
        IReadOnlyList<string> Routers,
        IReadOnlyList<string> FloatingIps,
        IReadOnlyList<(string Id, PortId Port)> LostTargets,
        IReadOnlyList<string> Ports,
        IReadOnlyList<string> Networks);
}
