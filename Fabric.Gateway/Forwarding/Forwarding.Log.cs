namespace Fabric.Gateway.Forwarding;

internal static partial class ForwardingLog
{
    [LoggerMessage(1, LogLevel.Information, "Requests to {Cluster} now go to: {Addresses}")]
    internal static partial void Changed(this ILogger logger, string cluster, string addresses);

    [LoggerMessage(2, LogLevel.Warning, "The members of {Cluster} could not be asked for; those known stay")]
    internal static partial void Unknown(this ILogger logger, Exception error, string cluster);

    [LoggerMessage(3, LogLevel.Warning, "{Method} {Path} was not answered by {Cluster}: {Reason}")]
    internal static partial void NotForwarded(
        this ILogger logger, Exception? error, string method, string path, string cluster, string reason);
}
