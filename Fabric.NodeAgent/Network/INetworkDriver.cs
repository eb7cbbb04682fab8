using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// Realises <see cref="DesiredNetworking"/> on one host. Whole state in, level-triggered: each call makes the host as wanted from whatever
/// it is. One call works at a time; when several wait, the newest wanted state is realised once and answers all of them.
/// </summary>
public interface INetworkDriver : IAsyncDisposable
{
    /// <summary>Makes networks, ports and routers as wanted, and removes others of ours. Returns when the host is so. A generation older
    /// than one that was applied is dropped; the same one again checks the host and repairs what differs.</summary>
    Task Apply(DesiredNetworking networking, CancellationToken ct);

    /// <summary>A bridge for the network, so that a guest may be plugged in before the network's state has arrived here. Until
    /// <see cref="Apply"/> knows the guest's port, nothing passes its tap. Returns the bridge's name.</summary>
    Task<string> EnsureBridge(NetworkId network, int mtu, CancellationToken ct);

    /// <summary>What is there of ours.</summary>
    Task<ObservedNetworking> Observe(CancellationToken ct);

    /// <summary>Removes all that is ours on the host, whoever made it.</summary>
    Task Cleanup(CancellationToken ct);
}

/// <summary>What a driver has on its host.</summary>
public sealed record ObservedNetworking
{
    /// <summary>Networks with a bridge.</summary>
    public required IReadOnlySet<NetworkId> Networks { get; init; }

    /// <summary>Networks whose DHCP server runs.</summary>
    public required IReadOnlySet<NetworkId> DhcpNetworks { get; init; }

    /// <summary>Routers with a namespace.</summary>
    public required IReadOnlySet<RouterId> Routers { get; init; }

    /// <summary>Routers that advertise themselves to IPv6 networks.</summary>
    public required IReadOnlySet<RouterId> Advertisers { get; init; }

    /// <summary>Taps for which rules stand, whether or not the tap is plugged in, see <see cref="DeviceNames.Tap"/>.</summary>
    public required IReadOnlySet<string> Taps { get; init; }
}
