using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Network;

/// <summary>The network of one node. Every verb says the state wanted, so calling it twice is calling it once.</summary>
internal interface INetworkDriver
{
    /// <summary>The bridge of a network, empty if need be, so that a guest can be plugged in before its network is applied.</summary>
    Task EnsureBridge(NetworkId network, CancellationToken ct);

    /// <summary>Networks, ports and routers as wanted and no others of ours, applied as a whole. Drops a value older than the one applied last.</summary>
    Task Apply(DesiredNetworking networking, CancellationToken ct);

    /// <summary>Removes everything on the host that bears this data directory's mark. For the end of a host's service, not for its restart.</summary>
    Task Cleanup(CancellationToken ct);
}
