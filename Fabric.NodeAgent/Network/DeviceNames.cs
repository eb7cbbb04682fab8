using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Network;

/// <summary>Names of what we make on a host. The kernel takes at most 15 characters for a device, so a name is two letters and the first
/// eleven digits of an id: 44 random bits, enough for the few thousand devices of one host. Whether a device is ours is never told by
/// its name but by its alias, see <see cref="DeviceAlias"/>.</summary>
public static class DeviceNames
{
    /// <summary>Prefix of the guests' taps.</summary>
    public const string TapPrefix = "ft";

    /// <summary>Prefix of the bridges.</summary>
    public const string BridgePrefix = "fb";

    /// <summary>Prefix of a router's legs on projects' networks, the same on both ends.</summary>
    public const string RouterLegPrefix = "fr";

    /// <summary>Prefix of a router's leg on an external network.</summary>
    public const string GatewayLegPrefix = "fg";

    /// <summary>Prefix of the host's own leg on an external network.</summary>
    public const string HostLegPrefix = "fh";

    /// <summary>Prefix of the bridge's ends of the DHCP namespaces' legs.</summary>
    public const string DhcpLegPrefix = "fd";

    /// <summary>Prefix of the tunnels to other nodes.</summary>
    public const string TunnelPrefix = "fv";

    /// <summary>The DHCP namespace's end of its leg.</summary>
    public const string DhcpInner = "ns0";

    /// <summary>A network's bridge.</summary>
    public static string Bridge(NetworkId network) => BridgePrefix + Short(network.Value);

    /// <summary>A guest port's tap, which libvirt makes and plugs into <see cref="Bridge"/>.</summary>
    public static string Tap(PortId port) => TapPrefix + Short(port.Value);

    /// <summary>The namespace that serves DHCP and metadata on a network. All hosts that are namespaces of one machine share the list of
    /// names, and may have the same network: there the host's name stands in it.</summary>
    public static string DhcpNamespace(NetworkId network, string? host = null) => OnHost("fdhcp-" + network.Text, host);

    /// <summary>The bridge's end of the DHCP namespace's leg.</summary>
    public static string DhcpLeg(NetworkId network) => DhcpLegPrefix + Short(network.Value);

    /// <summary>A network's tunnel to the other nodes that have ports of it.</summary>
    public static string Tunnel(NetworkId network) => TunnelPrefix + Short(network.Value);

    /// <summary>A router's namespace; with the host's name as above.</summary>
    public static string RouterNamespace(RouterId router, string? host = null) => OnHost("frouter-" + router.Text, host);

    /// <summary>A router's leg on a project's network.</summary>
    public static string RouterLeg(PortId port) => RouterLegPrefix + Short(port.Value);

    /// <summary>A router's leg on an external network.</summary>
    public static string GatewayLeg(PortId port) => GatewayLegPrefix + Short(port.Value);

    /// <summary>The host's own leg on an external network: the end that has the address.</summary>
    public static string HostLeg(NetworkId network) => HostLegPrefix + Short(network.Value);

    /// <summary>The bridge's end of <see cref="HostLeg"/>.</summary>
    public static string HostLegPeer(NetworkId network) => "fp" + Short(network.Value);

    private static string OnHost(string name, string? host) => host is null ? name : $"{name}-{host}";

    /// <summary>The eleven digits that stand for an id in a name.</summary>
    internal static string Short(Guid id) => id.ToString("N")[..11];
}

/// <summary>
/// The mark that all our devices bear as their alias: <c>fabric:TAG:ROLE:OWNER:VALUE</c>. The tag stands for one data directory, so two
/// clouds on one machine leave each other's devices alone. The value is what must survive the agent: a bridge's conntrack zone, or the
/// hash of the configuration that was applied completely behind a leg. So one listing of links tells nearly all of the host's state.
/// </summary>
internal sealed record DeviceAlias(string Tag, string Role, string Owner, string Value)
{
    internal const string BridgeRole = "bridge";
    internal const string DhcpRole = "dhcp";
    internal const string RouterRole = "router";
    internal const string HostRole = "host";
    internal const string TunnelRole = "tunnel";

    /// <summary>The tag of a data directory.</summary>
    internal static string TagOf(string directory) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(directory))))[..8];

    internal static DeviceAlias? Parse(string? text) => text?.Split(':') switch
    {
        ["fabric", var tag, var role, var owner, var value] => new(tag, role, owner, value),
        _ => null,
    };

    public override string ToString() => $"fabric:{Tag}:{Role}:{Owner}:{Value}";
}
