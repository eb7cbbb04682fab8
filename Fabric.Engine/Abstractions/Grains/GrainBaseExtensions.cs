using Orleans.Runtime;
using Orleans.Timers;
using Microsoft.Extensions.DependencyInjection;

namespace Orleans;

/// <summary>What grain code does to itself: timers and leaving.</summary>
public static class GrainBaseExtensions
{
    /// <summary>Lets the running requests finish, then ends this activation; what still waits goes to a new one.</summary>
    public static void DeactivateOnIdle(this IGrainBase grain) => grain.GrainContext.Deactivate(
        new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));

    /// <summary>As DeactivateOnIdle, and lets placement choose anew.</summary>
    public static void MigrateOnIdle(this IGrainBase grain) => grain.GrainContext.Migrate(null);

    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback,
        TState state,
        GrainTimerCreationOptions options) => Registry(grain).RegisterGrainTimer(grain.GrainContext, callback, state, options);

    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback,
        GrainTimerCreationOptions options) =>
        Registry(grain).RegisterGrainTimer(grain.GrainContext, static (call, token) => call(token), callback, options);

    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, GrainTimerCreationOptions options) =>
        Registry(grain).RegisterGrainTimer(grain.GrainContext, static (call, _) => call(), callback, options);

    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state,
        GrainTimerCreationOptions options) => Registry(grain)
            .RegisterGrainTimer(grain.GrainContext, (value, _) => callback(value), state, options);

    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<Task> callback, TimeSpan dueTime, TimeSpan period) =>
        grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));

    public static IGrainTimer RegisterGrainTimer(this IGrainBase grain, Func<CancellationToken, Task> callback, TimeSpan dueTime,
        TimeSpan period) =>
        grain.RegisterGrainTimer(callback, new GrainTimerCreationOptions(dueTime, period));

    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, Task> callback, TState state, TimeSpan dueTime,
        TimeSpan period) => grain.RegisterGrainTimer(callback, state, new GrainTimerCreationOptions(dueTime, period));

    public static IGrainTimer RegisterGrainTimer<TState>(this IGrainBase grain, Func<TState, CancellationToken, Task> callback,
        TState state,
        TimeSpan dueTime, TimeSpan period) => grain.RegisterGrainTimer(callback, state, new GrainTimerCreationOptions(dueTime, period));

    private static ITimerRegistry Registry(IGrainBase grain) => grain.GrainContext is IHasGrainRuntime ours
        ? ours.Runtime.TimerRegistry
        : grain.GrainContext.ActivationServices.GetRequiredService<ITimerRegistry>();
}
