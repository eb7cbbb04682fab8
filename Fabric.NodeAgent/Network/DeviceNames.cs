using System.Globalization;
using Fabric.Grains.Kernel;

namespace Fabric.NodeAgent.Network;

/// <summary>
/// Names of the host's devices, made from ids alone, so that who makes a device and who uses it need not talk. A Linux interface name
/// has at most 15 characters; ours have 13: a two-letter mark and eleven digits of the id, in which two ids of one host never meet
/// (44 random bits).
/// </summary>
internal static class DeviceNames
{
    private const int IdDigits = 11;

    /// <summary>The bridge that is a network on this host.</summary>
    public static string Bridge(NetworkId network) => "fb" + Digits(network.Value);

    /// <summary>The tap by which a guest's port is plugged into its network's bridge.</summary>
    public static string Tap(PortId port) => "ft" + Digits(port.Value);

    private static string Digits(Guid id) => id.ToString("N", CultureInfo.InvariantCulture)[..IdDigits];
}
