using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>Reads one node's part from the index.</summary>
internal sealed class NodePartReader(IResourceIndex index, NetworkLookups lookups, NetworkVteps vteps, TimeProvider time)
{
    /// <summary>A group's members read so short a time ago are read by others too. Shorter than the delay with which nodes are told of
    /// members, so that
    /// the rendering after the last change sees it.</summary>
    private static readonly TimeSpan MembersFreshness = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<SecurityGroupId, MemberRead> members = new();

    public async Task<NodePart> Read(string nodeName, CancellationToken ct)
    {
        var ports = await index.List<PortState>(new ResourceQuery(PortState.Kind) { Sort = ResourceSort.Id }.WithRef(PortState.HostRef,
            nodeName), ct);
        var routers = await index.List<RouterState>(
            new ResourceQuery(RouterState.Kind) { Sort = ResourceSort.Id }.WithRef(RouterState.NodeRef, nodeName), ct);
        var routerPorts = new List<PortState>();
        var floatingIps = new List<FloatingIpState>();
        foreach (var some in routers.Select(static router => router.Id.Text).Chunk(1000))
        {
            routerPorts.AddRange(await index.List<PortState>(
                new ResourceQuery(PortState.Kind) { Sort = ResourceSort.Id }.WithRef(PortState.DeviceRef, some), ct));
            floatingIps.AddRange(await index.List<FloatingIpState>(
                new ResourceQuery(FloatingIpState.Kind) { Sort = ResourceSort.Id }.WithRef(FloatingIpState.RouterRef, some), ct));
        }

        var networks = await lookups.Networks(ports.Concat(routerPorts).Select(static port => port.NetworkId), ct);
        var groups = await Groups(ports, ct);
        return new()
        {
            Ports = ports,
            Routers = routers,
            RouterPorts = routerPorts,
            FloatingIps = floatingIps,
            Networks = [.. networks.Values.OrderBy(static network => network.Id.Text, StringComparer.Ordinal)],
            Vteps = await vteps.Of(nodeName, networks.Values, ct),
            DhcpPorts = await DhcpPorts(networks.Keys, ct),
            Groups = groups,
            Members = await Members(groups.Values, ct),
        };
    }

    private async Task<IReadOnlyDictionary<NetworkId, PortState>> DhcpPorts(IEnumerable<NetworkId> networks, CancellationToken ct)
    {
        var found = new Dictionary<NetworkId, PortState>();
        foreach (var some in networks.Select(static id => NetworkIds.DhcpPort(id).Text).Chunk(1000))
        {
            foreach (var port in await index.List<PortState>(new(PortState.Kind) { Ids = some }, ct))
                found[port.NetworkId] = port;
        }

        return found;
    }

    private async Task<Dictionary<SecurityGroupId, SecurityGroupState>> Groups(IEnumerable<PortState> ports, CancellationToken ct)
    {
        var found = new Dictionary<SecurityGroupId, SecurityGroupState>();
        foreach (var some in ports.SelectMany(static port => port.SecurityGroups).Select(static id => id.Text).Distinct().Chunk(1000))
        {
            foreach (var group in await index.List<SecurityGroupState>(new(SecurityGroupState.Kind) { Ids = some }, ct))
                found[group.Id] = group;
        }

        return found;
    }

    private async Task<IReadOnlyDictionary<SecurityGroupId, IReadOnlyList<string>>> Members(
        IEnumerable<SecurityGroupState> groups,
        CancellationToken ct)
    {
        var found = new Dictionary<SecurityGroupId, IReadOnlyList<string>>();
        foreach (var id in groups.SelectMany(static group => group.Rules).Select(static rule => rule.RemoteGroupId)
            .OfType<SecurityGroupId>().Distinct())
            found[id] = await Members(id, ct);
        return found;
    }

    private async Task<IReadOnlyList<string>> Members(SecurityGroupId group, CancellationToken ct)
    {
        var version = await index.Version(PortState.Kind, ct);
        if (members.TryGetValue(group, out var last) && (last.Version == version || time.GetElapsedTime(last.ReadAt) < MembersFreshness)
            && !last.Addresses.IsFaulted)
            return await last.Addresses;
        var read = new MemberRead(version, time.GetTimestamp(), ReadMembers(group));
        members[group] = read;
        return await read.Addresses;
    }

    private async Task<IReadOnlyList<string>> ReadMembers(SecurityGroupId group)
    {
        var query = new ResourceQuery(PortState.Kind) { Sort = ResourceSort.Id }.WithRef(PortState.GroupRef, group.Text);
        var ports = await index.List<PortState>(query, CancellationToken.None);
        return [.. ports.SelectMany(static port => port.FixedIps).Select(static ip => Cidr.Parse(ip.IpAddress).ToString()).Distinct()
            .Order(StringComparer.Ordinal)];
    }

    private sealed record MemberRead(long Version, long ReadAt, Task<IReadOnlyList<string>> Addresses);
}
