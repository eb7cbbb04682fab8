namespace Fabric.Gateway.Http;

internal static partial class RouteExecutorLog
{
    [LoggerMessage(1, LogLevel.Error, "{Service} {Method} {Path} failed unexpectedly")]
    internal static partial void RequestFailed(this ILogger logger, Exception error, string service, string method, string path);

    [LoggerMessage(2, LogLevel.Warning, "{Service} {Method} {Path} could not be served: something it needs is down or too busy")]
    internal static partial void DependencyFailed(this ILogger logger, Exception error, string service, string method, string path);

    [LoggerMessage(3, LogLevel.Debug, "{Service} {Method} {Path}: the client has gone")]
    internal static partial void ClientGone(this ILogger logger, string service, string method, string path);
}
