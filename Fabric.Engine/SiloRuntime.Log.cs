using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Fabric.Engine;

internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Warning, "Activation of {GrainId} failed")]
    internal static partial void ActivationFailed(this ILogger log, Exception failure, GrainId grainId);

    [LoggerMessage(2, LogLevel.Warning, "Deactivation of {GrainId} failed")]
    internal static partial void DeactivationFailed(this ILogger log, Exception failure, GrainId grainId);

    [LoggerMessage(3, LogLevel.Error, "A timer of {GrainId} failed")]
    internal static partial void TimerFailed(this ILogger log, Exception failure, GrainId grainId);

    [LoggerMessage(4, LogLevel.Warning, "Observer {GrainId} failed on a call that nobody awaits")]
    internal static partial void ObserverFailed(this ILogger log, Exception failure, GrainId grainId);

    [LoggerMessage(5, LogLevel.Warning, "Reminder {Name} of {GrainId} was not delivered; it comes again with its next tick")]
    internal static partial void ReminderFailed(this ILogger log, Exception failure, string name, GrainId grainId);

    [LoggerMessage(6, LogLevel.Error, "Reminders could not be read; the ones already known keep ticking")]
    internal static partial void RemindersUnreadable(this ILogger log, Exception failure);

    [LoggerMessage(7, LogLevel.Information, "Silo {Name} at {Address} is active")]
    internal static partial void SiloActive(this ILogger log, string name, SiloAddress address);
}
