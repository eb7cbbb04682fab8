using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Placement;

internal static partial class ConsumerGrainLog
{
    [LoggerMessage(1, LogLevel.Warning, "No valid host for {Consumer}: {Nodes} nodes known, {Proposed} of them passed the filters")]
    internal static partial void NoValidHost(this ILogger logger, string consumer, int nodes, int proposed);
}
