using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>Tells the nodes that a change touches them. A notice that is lost is made good by the nodes' periodic rendering, so nobody
/// waits for one.</summary>
internal sealed class NodeNotices(IGrainFactory grains, IResourceIndex index, NetworkVteps vteps)
{
    /// <summary>A node's part changed.</summary>
    public Task Node(string? nodeName) => nodeName is null ? Task.CompletedTask : grains.GetGrain<INodeNetworkingGrain>(nodeName).Changed();

    /// <summary>What is true of all ports of a network changed.</summary>
    public Task Network(NetworkId network) => HostsOf(new ResourceQuery(PortState.Kind).WithRef(PortState.NetworkRef, network.Text));

    /// <summary>A router, its legs or its floating addresses changed.</summary>
    public async Task Router(string router) =>
        await Node((await index.Find<RouterState>(RouterState.Kind, router, CancellationToken.None))?.NodeName);

    /// <summary>The rules of groups changed: the nodes of their ports.</summary>
    public Task Groups(IReadOnlyList<string> groups) => groups.Count == 0
        ? Task.CompletedTask
        : HostsOf(new ResourceQuery(PortState.Kind).WithRef(PortState.GroupRef, groups));

    /// <summary>A port came, went or got other addresses: its node, its router, the nodes whose tunnels it needs or needed, and whoever
    /// lets its groups in.</summary>
    public async Task Port(PortState? before, PortState? after)
    {
        foreach (var host in new[] { before?.HostId, after?.HostId }.Distinct())
            await Node(host);
        foreach (var router in new[] { before, after }.Where(IsRouters).Select(static port => port!.DeviceId).Distinct())
            await Router(router);
        foreach (var host in await vteps.ToldOf(before, after))
            await Node(host);
        if (SameMembership(before, after))
            return;
        foreach (var group in (before?.SecurityGroups ?? []).Union(after?.SecurityGroups ?? []))
            await grains.GetGrain<ISecurityGroupGrain>(group).MembersChanged();
    }

    private async Task HostsOf(ResourceQuery ports)
    {
        var hosts = (await index.List<PortState>(ports, CancellationToken.None)).Select(static port => port.HostId).ToHashSet();
        foreach (var host in hosts)
            await Node(host);
    }

    private static bool IsRouters(PortState? port) =>
        port is { DeviceOwner: DeviceOwners.RouterInterface or DeviceOwners.RouterGateway, DeviceId.Length: > 0 };

    private static bool SameMembership(PortState? before, PortState? after) =>
        (before?.SecurityGroups ?? []).SequenceEqual(after?.SecurityGroups ?? [])
            && (before?.FixedIps ?? []).SequenceEqual(after?.FixedIps ?? []);
}
