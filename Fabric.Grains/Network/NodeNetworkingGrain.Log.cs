namespace Fabric.Grains.Network;

internal static partial class NodeNetworkingGrainLog
{
    [LoggerMessage(1, LogLevel.Warning, "Networking of node {NodeName} could not be applied")]
    internal static partial void ApplyFailed(this ILogger logger, Exception error, string nodeName);
}
