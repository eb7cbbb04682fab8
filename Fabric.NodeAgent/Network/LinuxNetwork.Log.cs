namespace Fabric.NodeAgent.Network;

public sealed partial class LinuxNetwork
{
    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Networking of generation {Generation} applied: {Networks} networks, {Ports} ports, {Routers} routers; "
            + "{Commands} commands, {Namespaces} namespaces configured, {Processes} processes, {Milliseconds} ms.")]
    private partial void LogApplied(
        long generation, int networks, int ports, int routers, int commands, int namespaces, int processes, long milliseconds);

    [LoggerMessage(Level = LogLevel.Information, Message = "All of ours is gone from the host (tag {Tag}).")]
    private partial void LogCleaned(string tag);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The host changed under the plan (attempt {Attempt}): {Reason}")]
    private partial void LogPlanAgain(int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old connections could not be forgotten: {Reason}")]
    private partial void LogFlushFailed(string reason);
}
