using System.Net;
using System.Net.Sockets;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>
/// Between which nodes a network has tunnels: those that have ports of it bound to them. It follows the ports alone, never heartbeats: a
/// node that is not heard of may well have guests that run, and a control plane that ails must not part them from the others. Of a node
/// that is gone for good nothing stays, as its ports are bound elsewhere or deleted with its servers.
/// </summary>
internal sealed class NetworkVteps(IResourceIndex index)
{
    /// <summary>The other nodes' end points for each network; two questions to the index, however many networks.</summary>
    public async Task<IReadOnlyDictionary<NetworkId, IReadOnlyList<string>>> Of(
        string nodeName, IEnumerable<NetworkState> networks, CancellationToken ct)
    {
        var hosts = new Dictionary<NetworkId, HashSet<string>>();
        foreach (var some in networks.Where(IsOverlay).Select(static network => network.Id.Text).Chunk(1000))
        {
            foreach (var port in await index.List<PortState>(
                new ResourceQuery(PortState.Kind) { Sort = ResourceSort.Id }.WithRef(PortState.NetworkRef, some), ct))
            {
                if (port.HostId is { } host && host != nodeName)
                    (hosts.TryGetValue(port.NetworkId, out var known) ? known : hosts[port.NetworkId] = []).Add(host);
            }
        }

        if (hosts.Count == 0)
            return new Dictionary<NetworkId, IReadOnlyList<string>>();
        var addresses = await Addresses(hosts.Values.SelectMany(static some => some).Append(nodeName), ct);
        var own = addresses.GetValueOrDefault(nodeName);
        return hosts.ToDictionary(
            static pair => pair.Key,
            pair => (IReadOnlyList<string>)[.. pair.Value.Select(addresses.GetValueOrDefault).OfType<string>()
                .Where(address => address != own).Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>The nodes to which a port's coming or going means a tunnel more or less, its own aside. Nobody when another port keeps
    /// things as they are; and of a port that comes only one that is active counts for that, because of two that come at once each could
    /// else leave it to the other.</summary>
    public async Task<IReadOnlySet<string>> ToldOf(PortState? before, PortState? after)
    {
        var hosts = new HashSet<string>(StringComparer.Ordinal);
        if (before?.HostId == after?.HostId)
            return hosts;
        var network = (before ?? after)!.NetworkId;
        if (!await IsTheOnly(network, before?.HostId, any: true) && !await IsTheOnly(network, after?.HostId, any: false))
            return hosts;
        var query = new ResourceQuery(PortState.Kind).WithRef(PortState.NetworkRef, network.Text);
        hosts.UnionWith((await index.List<PortState>(query, CancellationToken.None)).Select(static port => port.HostId).OfType<string>());
        hosts.ExceptWith(new[] { before?.HostId, after?.HostId }.OfType<string>());
        return hosts;
    }

    private async Task<bool> IsTheOnly(NetworkId network, string? host, bool any) => host is not null && await index.Count(
        new ResourceQuery(PortState.Kind) { Statuses = any ? null : [PortStatus.Active] }
            .WithRef(PortState.NetworkRef, network.Text).WithRef(PortState.HostRef, host),
        CancellationToken.None) == 0;

    private async Task<Dictionary<string, string>> Addresses(IEnumerable<string> nodes, CancellationToken ct)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var some in nodes.Distinct().Chunk(1000))
        {
            foreach (var node in await index.List<HypervisorState>(
                new(HypervisorState.Kind) { Names = some, Sort = ResourceSort.Id }, ct))
            {
                if (IsReachable(node.Inventory.HostIp))
                    found[node.Inventory.NodeName] = node.Inventory.HostIp;
            }
        }

        return found;
    }

    private static bool IsOverlay(NetworkState network) => network.PhysicalNetwork is null;

    // A node of a cloud of one machine says 127.0.0.1, by which no other can reach it.
    private static bool IsReachable(string address) => IPAddress.TryParse(address, out var ip)
        && ip.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(ip);
}
