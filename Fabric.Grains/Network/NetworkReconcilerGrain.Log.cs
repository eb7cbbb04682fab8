namespace Fabric.Grains.Network;

internal static partial class NetworkReconcilerGrainLog
{
    [LoggerMessage(1, LogLevel.Information, "The records of {Kind} {Id} do not fit together and are mended")]
    internal static partial void Mending(this ILogger logger, string kind, string id);

    [LoggerMessage(2, LogLevel.Warning, "{Kind} {Id} could not be mended now")]
    internal static partial void MendingFailed(this ILogger logger, Exception error, string kind, string id);
}
