using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

internal static partial class NetworkGrainLog
{
    [LoggerMessage(1, LogLevel.Warning, "Network {NetworkId} has no DHCP port as its subnets ask for")]
    internal static partial void NoDhcpPort(this ILogger logger, Exception error, NetworkId networkId);

    [LoggerMessage(2, LogLevel.Warning, "Port {PortId} has not the addresses that its network's subnets ask for")]
    internal static partial void NotReaddressed(this ILogger logger, Exception error, PortId portId);
}
