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

    [LoggerMessage(8, LogLevel.Warning, "Connection with silo {Silo} ended: its bytes are not as they should be")]
    internal static partial void ConnectionMalformed(this ILogger log, Exception failure, SiloAddress silo);

    [LoggerMessage(9, LogLevel.Debug, "Silo {Silo} cannot be reached: {Why}")]
    internal static partial void DialFailed(this ILogger log, string why, SiloAddress silo);

    [LoggerMessage(10, LogLevel.Warning, "A connection from {Peer} was refused: {Why}")]
    internal static partial void HandshakeFailed(this ILogger log, string why, System.Net.EndPoint? peer);

    [LoggerMessage(11, LogLevel.Error, "Connections cannot be accepted")]
    internal static partial void AcceptFailed(this ILogger log, Exception failure);

    [LoggerMessage(12, LogLevel.Warning, "The membership store cannot be reached: {Why}")]
    internal static partial void MembershipUnreachable(this ILogger log, string why);

    [LoggerMessage(13, LogLevel.Error, "The membership loop failed; it goes on")]
    internal static partial void MembershipFailed(this ILogger log, Exception failure);

    [LoggerMessage(14, LogLevel.Error, "Silo {Address} fences itself: {Why}. It does nothing until it has joined again")]
    internal static partial void SiloFenced(this ILogger log, SiloAddress address, string why);

    [LoggerMessage(15, LogLevel.Information, "Silo {Owner} was not told of a reminder, and will read of it: {Why}")]
    internal static partial void ReminderUntold(this ILogger log, string why, SiloAddress owner);

    [LoggerMessage(7, LogLevel.Information, "Silo {Name} at {Address} is active")]
    internal static partial void SiloActive(this ILogger log, string name, SiloAddress address);
}
