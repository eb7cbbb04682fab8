namespace Fabric.Gateway.Policy;

internal static partial class PolicyFilesLog
{
    [LoggerMessage(1, LogLevel.Information, "The rules of {Service} were read again")]
    internal static partial void Reloaded(this ILogger logger, string service);

    [LoggerMessage(2, LogLevel.Error, "The rules of {Service} stay as they were: {Reason}")]
    internal static partial void Unusable(this ILogger logger, string service, string reason);

    [LoggerMessage(3, LogLevel.Warning, "A rule of {Service} lets nobody in, or not as it was meant: {Problem}")]
    internal static partial void Wrong(this ILogger logger, string service, string problem);

    [LoggerMessage(4, LogLevel.Warning, "{Service} has no rule {Rule}, and no other rule refers to it")]
    internal static partial void Unknown(this ILogger logger, string service, string rule);
}
