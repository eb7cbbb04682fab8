using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;
using Orleans.Timers;

namespace Fabric.Engine;

/// <summary>
/// A timer of an activation. A tick is a request like any other: it waits its turn in the mailbox, unless it was made to interleave. The
/// next
/// period starts when the tick's work is done, so ticks of one timer never pile up.
/// </summary>
internal abstract class GrainTimer : IGrainTimer
{
    private static readonly TimeSpan SoonAgain = TimeSpan.FromMilliseconds(500);

    private readonly Activation _activation;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ITimer _timer;
    private readonly bool _keepAlive;
    private TimeSpan _period;
    private bool _ticking;
    private bool _changed;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _period = options.Period;
        _keepAlive = options.KeepAlive;
        Method = options.Interleave ? TimerTick.Interleaving : TimerTick.Ordinary;
        // The callback must not run in the context of whoever registered the timer.
        using (ExecutionContext.SuppressFlow())
            _timer = activation.Silo.Clock.Time.CreateTimer(static state => ((GrainTimer)state!).Due(), this, Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
        activation.Add(this);
    }

    internal GrainMethod Method { get; }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ObjectDisposedException.ThrowIf(_stopped.IsCancellationRequested, this);
        _period = period;
        _changed = _ticking;
        _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (_stopped.IsCancellationRequested)
            return;
        _timer.Dispose();
        _activation.Remove(this);
        _stopped.Cancel();
    }

    internal void Start(TimeSpan dueTime) => _timer.Change(dueTime, Timeout.InfiniteTimeSpan);

    internal async Task Tick()
    {
        if (_stopped.IsCancellationRequested)
            return;
        _ticking = true;
        _changed = false;
        try
        {
            if (_keepAlive)
                _activation.TouchForTimer();
            await Call(_stopped.Token);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Disposed while it ran, and it listened.
        }
        catch (Exception failure)
        {
            // A timer has no caller who could hear of it, and the next tick is due all the same.
            _activation.Silo.Log.TimerFailed(failure, _activation.GrainId);
        }
        finally
        {
            _ticking = false;
            if (!_stopped.IsCancellationRequested && !_changed && _period >= TimeSpan.Zero)
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    protected abstract Task Call(CancellationToken token);

    /// <summary>Tries again soon: the silo may not act at the moment.</summary>
    internal void Postpone()
    {
        if (!_stopped.IsCancellationRequested)
            _timer.Change(SoonAgain, Timeout.InfiniteTimeSpan);
    }

    private void Due()
    {
        if (!_stopped.IsCancellationRequested)
            _activation.Post(new TimerTick(this) { Target = _activation.GrainReference });
    }
}

/// <summary>A timer with its callback and state.</summary>
internal sealed class GrainTimer<TState>(Activation activation, Func<TState, CancellationToken, Task> callback, TState state,
    GrainTimerCreationOptions options) : GrainTimer(activation, options)
{
    protected override Task Call(CancellationToken token) => callback(state, token);
}

/// <summary>One tick as a message.</summary>
internal sealed class TimerTick(GrainTimer timer) : TaskRequest
{
    internal static readonly GrainMethod Ordinary = new(typeof(IGrainTimer), "Tick", "Tick", GrainMethodOptions.OneWay, 0, []);
    internal static readonly GrainMethod Interleaving =
        new(typeof(IGrainTimer), "Tick", "Tick", GrainMethodOptions.OneWay | GrainMethodOptions.AlwaysInterleave, 0, []);

    public override GrainMethod Method => timer.Method;

    internal override bool IsInternal => true;

    internal void Postpone() => timer.Postpone();

    protected override Task InvokeOn(object target) => timer.Tick();
}

/// <summary>Makes timers.</summary>
internal sealed class TimerRegistry : ITimerRegistry
{
    public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime,
        TimeSpan period) =>
        RegisterGrainTimer(grainContext, (value, _) => callback(value), state,
            new GrainTimerCreationOptions(dueTime, period) { Interleave = true });

    public IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state,
        GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        if (grainContext is not Activation activation)
            throw new ArgumentException("Only grains have timers.", nameof(grainContext));
        var timer = new GrainTimer<TState>(activation, callback, state, options);
        timer.Start(options.DueTime);
        return timer;
    }
}
