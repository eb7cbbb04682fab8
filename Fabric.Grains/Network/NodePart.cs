using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>All records that one node's networking is made from.</summary>
internal sealed record NodePart
{
    /// <summary>Ports bound to the node.</summary>
    public IReadOnlyList<PortState> Ports { get; init; } = [];

    /// <summary>Routers that live there.</summary>
    public IReadOnlyList<RouterState> Routers { get; init; } = [];

    /// <summary>All ports of those routers.</summary>
    public IReadOnlyList<PortState> RouterPorts { get; init; } = [];

    /// <summary>Floating addresses that those routers translate.</summary>
    public IReadOnlyList<FloatingIpState> FloatingIps { get; init; } = [];

    /// <summary>Every network that one of the above is on.</summary>
    public IReadOnlyList<NetworkState> Networks { get; init; } = [];

    /// <summary>The tunnel end points of the other nodes that have ports of those networks.</summary>
    public IReadOnlyDictionary<NetworkId, IReadOnlyList<string>> Vteps { get; init; } =
        new Dictionary<NetworkId, IReadOnlyList<string>>();

    /// <summary>The DHCP ports of those networks.</summary>
    public IReadOnlyDictionary<NetworkId, PortState> DhcpPorts { get; init; } = new Dictionary<NetworkId, PortState>();

    /// <summary>The security groups of the ports.</summary>
    public IReadOnlyDictionary<SecurityGroupId, SecurityGroupState> Groups { get; init; } =
        new Dictionary<SecurityGroupId, SecurityGroupState>();

    /// <summary>The members' addresses of every group that a rule lets in, as blocks of one.</summary>
    public IReadOnlyDictionary<SecurityGroupId, IReadOnlyList<string>> Members { get; init; } =
        new Dictionary<SecurityGroupId, IReadOnlyList<string>>();
}
