namespace Fabric.Engine;

/// <summary>
/// How long this silo may act for the cluster. Three questions with three prices: may a turn begin (one volatile read against a clock that
/// the caller has read anyway), may a record be written (reads the lease's own clock, which counts suspension), is the silo fenced.
/// A silo that is alone has a lease without end.
/// </summary>
internal sealed class SiloLease(EngineClock clock)
{
    // Two renewals and a little: one that fails does not make an outage.
    private const long ReachedRecently = 1250;

    private readonly LeaseClock _leaseClock = new(clock.Time);
    private long _heldUntil = long.MaxValue;
    private long _turnsUntil = long.MaxValue;
    private long _reachedAt = long.MaxValue;
    private long _missedSaidAt = long.MinValue / 2;
    private long _storeUntil;
    private volatile bool _fenced;
    private volatile TaskCompletionSource _renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody says that the lease is over; it should be looked at now.</summary>
    internal event Action? Doubted;

    /// <summary>The clock of leases.</summary>
    internal long Now => _leaseClock.Now;

    /// <summary>The silo gave itself up: it does nothing until it has joined again.</summary>
    internal bool IsFenced => _fenced;

    /// <summary>Records may be written.</summary>
    internal bool IsHeld
    {
        get
        {
            var until = Volatile.Read(ref _heldUntil);
            return until == long.MaxValue || (!_fenced && Now < until);
        }
    }

    /// <summary>The end of the lease on the store's clock; null for a lease without end.</summary>
    internal DateTimeOffset? StoreUntil =>
        Volatile.Read(ref _storeUntil) is var ticks and not 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>How long records may still be written, in milliseconds.</summary>
    internal long Remaining => Volatile.Read(ref _heldUntil) is var until && until == long.MaxValue ? long.MaxValue : until - Now;

    /// <summary>A turn may begin at this moment of the engine's clock.</summary>
    internal bool MayAct(long engineNow) => engineNow < Volatile.Read(ref _turnsUntil);

    /// <summary>When this silo last told another that it does not reach the store.</summary>
    internal long MissedSaidAt => Volatile.Read(ref _missedSaidAt);

    /// <summary>For the ears of others: the last renewal is not long ago. Who says no has to be silent as a judge for a while.</summary>
    internal bool SaysItReachesStore()
    {
        var reached = Volatile.Read(ref _reachedAt);
        var now = Now;
        if (reached == long.MaxValue || now - reached < ReachedRecently)
            return true;
        Volatile.Write(ref _missedSaidAt, now);
        return false;
    }

    /// <summary>The store granted the lease until then, by our clock and by its own, to a question asked at that moment.</summary>
    internal void Renew(long asked, long until, DateTimeOffset storeUntil)
    {
        _fenced = false;
        Volatile.Write(ref _storeUntil, storeUntil.UtcTicks);
        Volatile.Write(ref _reachedAt, asked);
        Volatile.Write(ref _heldUntil, until);
        ActUntil(until);
        Interlocked.Exchange(ref _renewed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>Without a lease, but sure until then that nobody else can act in its place.</summary>
    internal void ActUntil(long until)
    {
        if (!_fenced)
            Volatile.Write(ref _turnsUntil, clock.Now + Math.Max(0, until - Now));
    }

    internal void Fence()
    {
        _fenced = true;
        Volatile.Write(ref _heldUntil, 0);
        Volatile.Write(ref _turnsUntil, long.MinValue);
        // Whoever waits to write has waited for nothing.
        Interlocked.Exchange(ref _renewed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    internal void Doubt() => Doubted?.Invoke();

    /// <summary>Waits for the next renewal, or for the end of it all.</summary>
    internal Task Changed(CancellationToken token) => _renewed.Task.WaitAsync(token);
}
