using Fabric.Engine.CodeGeneration;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The life of an activation. Creating: only the start action is ready, requests wait. Valid: requests run. Leaving: no request starts any
/// more, the running ones finish, then OnDeactivateAsync runs. Gone: the catalog has forgotten it, and what still waited is sent again, to
/// a new activation. The catalog forgets an activation only after OnDeactivateAsync, so two lives of one grain never overlap in a silo.
/// </summary>
internal sealed partial class Activation
{
    private volatile LifeState _state = LifeState.Creating;
    private DeactivationReason _leaving;
    private bool _ending;
    private bool _leaveAtOnce;
    private bool _hasScope;
    private ActivationLifecycle? _lifecycle;
    private TaskCompletionSource? _deactivated;
    private List<GrainTimer>? _timers;
    private long _keepUntil;

    private enum LifeState
    {
        Creating,
        Valid,
        Leaving,
        Gone,
    }

    public Task Deactivated
    {
        get
        {
            lock (_ready)
            {
                _deactivated ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (_state == LifeState.Gone)
                    _deactivated.TrySetResult();
                return _deactivated.Task;
            }
        }
    }

    internal bool IsGone => _state == LifeState.Gone;

    private ActivationLifecycle Lifecycle => _lifecycle ??= new ActivationLifecycle();

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        bool wake;
        lock (_ready)
        {
            if (_state is LifeState.Leaving or LifeState.Gone)
                return;
            _leaving = deactivationReason;
            if (_state == LifeState.Creating)
            {
                // Life has to begin before it can end; BeginLife looks at this.
                _leaveAtOnce = true;
                return;
            }

            _state = LifeState.Leaving;
            EndWhenQuiet();
            wake = Wake();
        }

        if (wake)
            Schedule();
    }

    /// <summary>Starts to collect an idle activation; false when a request came in between.</summary>
    internal bool CollectIfIdle(long now, long age)
    {
        bool wake;
        lock (_ready)
        {
            if (_state != LifeState.Valid || _accepted > 0 || _ready.Count > 0 || now - LastUsed < age || now < _keepUntil)
                return false;
            _leaving = new DeactivationReason(DeactivationReasonCode.ActivationIdle, "No request for the collection age.");
            _state = LifeState.Leaving;
            EndWhenQuiet();
            wake = Wake();
        }

        if (wake)
            Schedule();
        return true;
    }

    internal void DelayDeactivation(TimeSpan span) => _keepUntil = span <= TimeSpan.Zero ? 0 : _silo.Clock.After(span);

    internal void TouchForTimer() => LastUsed = _silo.Clock.Now;

    internal void Add(GrainTimer timer)
    {
        lock (_ready)
            (_timers ??= []).Add(timer);
    }

    internal void Remove(GrainTimer timer)
    {
        lock (_ready)
            _timers?.Remove(timer);
    }

    /// <summary>Under the lock.</summary>
    private void EndWhenQuiet()
    {
        if (_state != LifeState.Leaving || _running > 0 || _ending)
            return;
        _ending = true;
        _ready.Enqueue(new EndLife(_leaving));
    }

    private void BeginLife() => _ = LiveOrFail();

    private async Task LiveOrFail()
    {
        try
        {
            if (!IsPlaceSure && !await AcquirePlace())
            {
                await Fall(new DeactivationReason(DeactivationReasonCode.Migrating, "The grain belongs to another silo."));
                return;
            }

            _scope = _silo.Services.CreateAsyncScope();
            _hasScope = true;
            GrainInstance = Class.Create(this);
            using var limit = new CancellationTokenSource();
            var started = StartStages(limit.Token);
            if (!started.IsCompletedSuccessfully)
            {
                using var timer = _silo.Clock.Time.CreateTimer(static source => ((CancellationTokenSource)source!).CancelIfAlive(), limit,
                    _silo.ActivationTimeout, Timeout.InfiniteTimeSpan);
                await started;
            }
        }
        catch (Exception failure)
        {
            _silo.Log.ActivationFailed(failure, GrainId);
            Class.Figures.CountFailed();
            await Fall(new DeactivationReason(DeactivationReasonCode.ActivationFailed, failure, "The activation failed."));
            return;
        }

        _silo.Catalog.CountCreated();
        Class.Figures.CountCreated();
        lock (_ready)
        {
            _state = _leaveAtOnce ? LifeState.Leaving : LifeState.Valid;
            AdmitWaiting();
            EndWhenQuiet();
        }
    }

    private async Task StartStages(CancellationToken token)
    {
        if (_lifecycle is { } before)
            await before.Start(GrainLifecycleStage.First, GrainLifecycleStage.Activate, token);
        if (GrainInstance is IGrainBase grain)
            await grain.OnActivateAsync(token);
        if (_lifecycle is { } after)
            await after.Start(GrainLifecycleStage.Activate, GrainLifecycleStage.Last, token);
    }

    private void BeginEnd(EndLife end) => _ = Leave(end.Reason);

    private async Task Leave(DeactivationReason reason)
    {
        StopTimers();
        using var limit = new CancellationTokenSource();
        using (_silo.Clock.Time.CreateTimer(
            static source => ((CancellationTokenSource)source!).CancelIfAlive(), limit, _silo.DeactivationTimeout,
            Timeout.InfiniteTimeSpan))
        {
            try
            {
                if (GetComponent<EnumeratorStore>() is { } enumerations)
                    await enumerations.StopAll();
                if (_lifecycle is { } first)
                    await first.Stop(GrainLifecycleStage.Last, GrainLifecycleStage.Activate, limit.Token);
                if (GrainInstance is IGrainBase grain)
                    await grain.OnDeactivateAsync(reason, limit.Token);
                if (_lifecycle is { } last)
                    await last.Stop(GrainLifecycleStage.Activate, GrainLifecycleStage.First, limit.Token);
            }
            catch (Exception failure)
            {
                _silo.Log.DeactivationFailed(failure, GrainId);
            }
        }

        await Fall(reason);
    }

    /// <summary>The end of every life, failed or lived: forget, dispose, and deal with what still waits.</summary>
    private async Task Fall(DeactivationReason reason)
    {
        StopTimers();
        await DisposeInstance();
        var born = _state != LifeState.Creating;
        _silo.Catalog.Remove(this);
        List<GrainRequest> orphans;
        lock (_ready)
        {
            _state = LifeState.Gone;
            orphans = TakeWaiting();
            _deactivated?.TrySetResult();
        }

        if (born)
        {
            _silo.Catalog.CountDestroyed();
            Class.Figures.CountDestroyed();
        }
        foreach (var orphan in orphans)
        {
            // A timer's tick dies with its timer.
            if (orphan.IsInternal)
                continue;
            if (reason.ReasonCode == DeactivationReasonCode.ActivationFailed)
                orphan.Fail(reason.Exception!);
            else if (IsOfThisLife)
                _silo.Router.Route(orphan);
            else
                // Whoever sent it has been told that this silo was gone, and has gone on: it must not begin in another life.
                _silo.Router.Refuse(orphan);
        }
    }

    private async Task DisposeInstance()
    {
        try
        {
            if (GrainInstance is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else if (GrainInstance is IDisposable disposable)
                disposable.Dispose();
            if (_hasScope)
                await _scope.DisposeAsync();
        }
        catch (Exception failure)
        {
            _silo.Log.DeactivationFailed(failure, GrainId);
        }
    }

    private void StopTimers()
    {
        GrainTimer[] timers;
        lock (_ready)
        {
            timers = _timers is null ? [] : [.. _timers];
            _timers = null;
        }

        foreach (var timer in timers)
            timer.Dispose();
    }
}
