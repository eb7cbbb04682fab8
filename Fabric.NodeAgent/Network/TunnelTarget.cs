using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// A network's VXLAN device, the member of its bridge behind which the network's ports on other hosts are. Broadcasts, and frames to
/// addresses not heard of yet, go to each of the other hosts that have ports of the network (head-end replication: no multicast needed
/// between the hosts); where an address is, the device learns from what it receives. So only the first and the last port that a host has
/// of a network is news to the others, not each.
/// </summary>
/// <param name="Local">This host's end point.</param>
/// <param name="Peers">The other hosts' end points, sorted.</param>
internal sealed record TunnelTarget(
    NetworkId Network, string Name, string Bridge, int Vni, int Mtu, string Local, IReadOnlyList<string> Peers)
{
    /// <summary>VXLAN's own (RFC 7348); the kernel's default is another, older than the RFC.</summary>
    internal const int Port = 4789;

    /// <summary>The VNI has 24 bits.</summary>
    private const int MostVni = 0xffffff;

    /// <summary>Tells one set of peers from another. Stands in the alias once the device's entries were made completely.</summary>
    internal string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(Peers)))[..16];

    /// <summary>Null when there is no other host to reach, or no way.</summary>
    internal static TunnelTarget? Of(DesiredNetwork network, NetworkOptions options)
    {
        if (network.PhysicalNetwork is not null || network.Vni is < 1 or > MostVni || EndPoint(options.TunnelAddress) is not { } local)
            return null;

        var peers = network.Vteps.Select(EndPoint).OfType<string>().Where(peer => peer != local)
            .Distinct().Order(StringComparer.Ordinal).ToList();
        return peers.Count == 0 ? null : new(
            network.Id, DeviceNames.Tunnel(network.Id), DeviceNames.Bridge(network.Id), network.Vni, network.Mtu, local, peers);
    }

    private static string? EndPoint(string? text) =>
        Cidr.Address4(text) is { } address && !IPAddress.IsLoopback(address) ? address.ToString() : null;
}
