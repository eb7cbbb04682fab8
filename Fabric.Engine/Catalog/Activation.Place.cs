using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// An activation's right to its place. It begins to live only where the current view has it, and after every silo that may have had it
/// before has let go. It may write only while its silo's lease lasts, and never once its silo has become another.
/// </summary>
internal sealed partial class Activation
{
    private bool _acquiring;
    private bool _abandoned;

    /// <summary>Its silo has not become another since.</summary>
    internal bool IsOfThisLife => _epoch == _silo.Epoch;

    /// <summary>Its records may be written now.</summary>
    internal bool MayWrite => _silo.Lease.IsHeld && IsOfThisLife;

    /// <summary>The view is still the one that placed it here, and no other silo can have an activation of it. Looked at after the catalog
    /// has it: a view that comes later finds it there and ends it.</summary>
    private bool IsPlaceSure => Owner is not null || _silo.HandOver is not { } handOver
        || (_silo.Membership.Current.Version == _placedIn && handOver.IsClear);

    /// <summary>Waits until the lease is renewed: an outage of the database stalls writes. A fenced silo does not write.</summary>
    internal async Task UntilMayWrite(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        using var timer = _silo.Clock.Time.CreateTimer(static source => ((CancellationTokenSource)source!).CancelIfAlive(), limit,
            _silo.ResponseTimeout, Timeout.InfiniteTimeSpan);
        while (!MayWrite)
        {
            if (_silo.Lease.IsFenced || !IsOfThisLife)
                throw new SiloUnavailableException($"Silo {_silo.Address} has lost its lease: {GrainId} must not write.");
            try
            {
                var changed = _silo.Lease.Changed(limit.Token);
                if (!MayWrite)
                    await changed;
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                throw new SiloUnavailableException($"Silo {_silo.Address} could not renew its lease: {GrainId} must not write.");
            }
        }
    }

    /// <summary>Gives up a life that has not begun; false when it has.</summary>
    internal bool AbandonUnborn()
    {
        lock (_ready)
            return _abandoned |= _acquiring;
    }

    private async Task<bool> AcquirePlace()
    {
        lock (_ready)
            _acquiring = true;
        using var limit = new CancellationTokenSource();
        using var timer = _silo.Clock.Time.CreateTimer(static source => ((CancellationTokenSource)source!).CancelIfAlive(), limit,
            _silo.ActivationTimeout, Timeout.InfiniteTimeSpan);
        try
        {
            var version = _placedIn;
            do
            {
                await _silo.HandOver!.Acquire(GrainId, limit.Token);
                version = _silo.Membership.Current.Version;
                if (_abandoned || !await _silo.Placement.BelongsHere(this))
                    return false;
            }
            while (_silo.Membership.Current.Version != version || !_silo.HandOver.MayBegin(version));
        }
        catch (OperationCanceledException)
        {
            throw new SiloUnavailableException($"{GrainId} cannot begin on silo {_silo.Address}: the silo that had it does not let go.");
        }

        lock (_ready)
        {
            _acquiring = false;
            return !_abandoned;
        }
    }
}
