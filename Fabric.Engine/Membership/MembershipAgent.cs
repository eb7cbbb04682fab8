using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// This silo's part in the membership: joins, renews its lease, takes over new views, declares others dead, leaves. When its lease is over
/// and it cannot be sure that nobody acts in its place, it fences itself: no turn begins, no call leaves, nothing is written, and it joins
/// again as a new life with nothing of the old one.
/// </summary>
internal sealed class MembershipAgent : IAsyncDisposable
{
    private static readonly TimeSpan CleanPeriod = TimeSpan.FromHours(1);

    private readonly SiloRuntime _silo;
    private readonly IMembershipStore _store;
    private readonly MembershipSettings _settings;
    private readonly SiloTransport _transport;
    private readonly Func<SiloAddress, SiloStatus, SiloMember> _describe;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private ITimer? _watch;
    private Task _running = Task.CompletedTask;
    private Task _listening = Task.CompletedTask;
    private long _cleanAt;
    private volatile bool _leaving;

    internal MembershipAgent(SiloRuntime silo, IMembershipStore store, MembershipSettings settings, SiloTransport transport,
        Func<SiloAddress, SiloStatus, SiloMember> describe)
    {
        _silo = silo;
        _store = store;
        _settings = settings;
        _transport = transport;
        _describe = describe;
        silo.Lease.Doubted += Wake;
    }

    private LeaseTerms Terms => _settings.Terms;

    private SiloLease Lease => _silo.Lease;

    private long Millis(TimeSpan span) => (long)span.TotalMilliseconds;

    /// <summary>Enters the cluster; returns when the others may place grains here.</summary>
    internal async Task Join(CancellationToken token)
    {
        await _store.Initialize(token).ConfigureAwait(false);
        await EnterAtLast(token).ConfigureAwait(false);
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(RenewLoop, CancellationToken.None);
            _listening = Task.Run(ListenLoop, CancellationToken.None);
            var quantum = _settings.Period / 4;
            _watch = _silo.Clock.Time.CreateTimer(static state => ((MembershipAgent)state!).Watch(), this, quantum, quantum);
        }
    }

    /// <summary>Tells the others where this silo stands; false when the store could not be reached.</summary>
    internal async Task<bool> Announce(SiloStatus status)
    {
        _leaving |= status != SiloStatus.Active;
        try
        {
            await Learn(store => store.SetStatus(_silo.Address, status, default), _stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (IsUnreachable(failure))
        {
            _silo.Log.MembershipUnreachable(failure.Message);
            return false;
        }
    }

    /// <summary>Lets the lease run out without a word, as a killed process does.</summary>
    internal void Abandon()
    {
        _leaving = true;
        _stop.CancelIfAlive();
        _watch?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Abandon();
        Lease.Doubted -= Wake;
        await Task.WhenAll(_running, _listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    internal static bool IsUnreachable(Exception failure) =>
        failure is System.Data.Common.DbException or IOException or TimeoutException or OperationCanceledException
            or System.Net.Sockets.SocketException or OrleansException;

    /// <summary>
    /// A store that stands still for a moment must not end a process that starts. What was asked in vain may have been done: others may
    /// know this silo as active already, so it joins as another life, as a silo does whose lease has ended.
    /// </summary>
    private async Task EnterAtLast(CancellationToken token)
    {
        var limit = Lease.Now + Millis(_settings.JoinLimit);
        for (var again = false; ; again = true)
        {
            try
            {
                await (again ? Rejoin() : Enter(token)).ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (IsUnreachable(failure) && Lease.Now < limit && !token.IsCancellationRequested)
            {
                _silo.Log.MembershipUnreachable(failure.Message);
                Fence("it could not join");
            }

            await Task.Delay(_settings.Period, token).ConfigureAwait(false);
        }
    }

    private async Task Enter(CancellationToken token)
    {
        var member = _describe(_silo.Address, SiloStatus.Joining);
        await Learn(store => store.Join(member, Terms, default), token).ConfigureAwait(false);
        // A member whom the others cannot reach, or who cannot reach them, helps nobody; but one of them may be about to be declared dead.
        var limit = Lease.Now + Millis(_settings.ConnectLimit);
        while (Lease.Now < limit && _silo.Membership.Current.Active.Any(each => _transport.LinkTo(each) is { IsConnected: false }))
            await Task.Delay(TimeSpan.FromMilliseconds(20), token).ConfigureAwait(false);
        var asked = Lease.Now;
        var renewal = await AskToRenew(token).ConfigureAwait(false);
        if (renewal.IsDead)
            throw new SiloUnavailableException($"Silo {_silo.Address} was declared dead while it joined.");
        Lease.Renew(asked, asked + Millis(_settings.Duration - _settings.Margin), renewal.Until);
        await Learn(store => store.SetStatus(_silo.Address, SiloStatus.Active, default), token).ConfigureAwait(false);
    }

    private async Task RenewLoop()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (Lease.IsFenced && !_leaving)
                    await Rejoin().ConfigureAwait(false);
                else
                    await Attend().ConfigureAwait(false);
            }
            catch (Exception failure) when (IsUnreachable(failure))
            {
                if (!_stop.IsCancellationRequested)
                    _silo.Log.MembershipUnreachable(failure.Message);
            }
            catch (Exception bug)
            {
                // The loop must live: without it the silo fences itself, which is safe, and never comes back, which is not good.
                _silo.Log.MembershipFailed(bug);
            }

            await ((Task)_wake.WaitAsync(_settings.Period, _stop.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Attend()
    {
        if (await RenewOnce(_stop.Token).ConfigureAwait(false) is not { } renewal)
            return;
        // Whoever was told that this silo does not reach the store relies on not being judged by it for the grace.
        if (renewal.SomeLapsed && Lease.Now > Lease.MissedSaidAt + Millis(_settings.Grace))
            await Learn(store => store.DeclareLapsedDead(_silo.Address, Terms, default), _stop.Token).ConfigureAwait(false);
        else if (renewal.Version > _silo.Membership.Current.Version)
            await Learn(static store => store.Read(default), _stop.Token).ConfigureAwait(false);
        if (Lease.Now < _cleanAt)
            return;
        _cleanAt = Lease.Now + Millis(CleanPeriod);
        await Learn(async store =>
        {
            await store.RemoveDead(_settings.DeadKept, default).ConfigureAwait(false);
            return await store.Read(default).ConfigureAwait(false);
        }, _stop.Token).ConfigureAwait(false);
    }

    /// <summary>Null when this silo is dead to the others, and has fenced itself.</summary>
    private async Task<Renewal?> RenewOnce(CancellationToken token)
    {
        // From before the question: the store may have granted it at any moment since, and we must not count on the latest.
        var asked = Lease.Now;
        var renewal = await AskToRenew(token).ConfigureAwait(false);
        if (renewal.IsDead)
        {
            Fence("it was declared dead");
            return null;
        }

        // A silo that fenced itself while it asked stays fenced: its activations are gone.
        if (!Lease.IsFenced)
            Lease.Renew(asked, asked + Millis(_settings.Duration - _settings.Margin), renewal.Until);
        return renewal;
    }

    private async Task<Renewal> AskToRenew(CancellationToken token)
    {
        var time = _silo.Clock.Time as ClusterTime;
        var asked = time?.Steady ?? 0;
        var renewal = await _store.Ask(_settings, store => store.Renew(_silo.Address, Terms, default), token).ConfigureAwait(false);
        if (!renewal.IsDead)
            time?.Learn(asked, renewal.Now, time.Steady);
        return renewal;
    }

    /// <summary>
    /// Between renewals, on its own timer, because the store may take its time. A lease that is over is excused while every other silo has
    /// said within the grace that it does not reach the store either: then the store is away for all, and who said so declares nobody dead
    /// before the grace is over, though the store came back at once. Records are not written meanwhile; calls go on.
    /// </summary>
    private void Watch()
    {
        if (Lease.IsFenced || Lease.Remaining > Millis(_settings.Period))
            return;
        var sure = Lease.Now + Millis(_settings.Grace);
        var self = _silo.Address;
        foreach (var member in _silo.Membership.Current.Members)
        {
            if (member.Status is SiloStatus.Dead or SiloStatus.Joining || member.Address.Equals(self))
                continue;
            sure = Math.Min(sure, (_transport.LinkTo(member.Address)?.Exchange.StoreMissedAt ?? 0) + Millis(_settings.Grace));
        }

        // A little before the end, so that no call falls into a gap.
        if (sure > Lease.Now + Math.Max(0, Lease.Remaining))
            Lease.ActUntil(sure);
        else if (!Lease.IsHeld)
            Fence("its lease is over");
    }

    private void Fence(string why)
    {
        if (Lease.IsFenced)
            return;
        Lease.Fence();
        _silo.Log.SiloFenced(_silo.Address, why);
        _silo.GiveUp();
        Wake();
    }

    /// <summary>Generations come from the machine's clock, which may have been ahead in an earlier life: the store knows all.</summary>
    private async Task Rejoin()
    {
        var view = await _store.Ask(_settings, static store => store.Read(default), _stop.Token).ConfigureAwait(false);
        var last = view.Members.Select(static member => member.Address).Append(_silo.Address)
            .Where(each => each.Endpoint.Equals(_silo.Address.Endpoint)).Max(static each => each.Generation);
        _silo.BecomeAnother(SiloAddress.New(_silo.Address.Endpoint, Math.Max(SiloAddress.AllocateNewGeneration(), last + 1)));
        _transport.Reset("this silo joins again");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_settings.StoreLimit + _settings.ConnectLimit);
        await Enter(limit.Token).ConfigureAwait(false);
        _silo.Log.SiloActive(_silo.Name, _silo.Address);
    }

    private async Task ListenLoop()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _store.Listen(Wake, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (IsUnreachable(failure))
            {
                // Polling goes on; and the store is asked again.
                await Task.Delay(_settings.Period, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    private async Task Learn(Func<IMembershipStore, Task<MembershipView>> question, CancellationToken token) =>
        _silo.Membership.Replace(await _store.Ask(_settings, question, token).ConfigureAwait(false));
}
