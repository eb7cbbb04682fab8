using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Timers;

namespace Fabric.Engine;

/// <summary>
/// Rings the reminders in this silo's ranges of the ring. The table is the truth, and each silo reads its own ranges of it alone: all of
/// them when it starts and from time to time after, and what a new view gives it as soon as it has the view. Whoever registers a reminder
/// writes the row and then tells the owner, who may be another silo.
/// A reminder ticks at its start and then at multiples of its period. Ticks that fell into a time when no silo ran are skipped. What was
/// due while a range went from one silo to another is rung by the new owner, though the old one may have rung it too: a tick may come
/// twice, but a silo's death loses none. One that could not be delivered is tried again for a while, and followed by the next one.
/// </summary>
internal sealed class ReminderService : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(GrainId, string), LocalReminder> _local = [];
    private readonly SemaphoreSlim _reading = new(1);
    private readonly SiloRuntime _silo;
    private readonly IReminderTable _table;
    private readonly ReminderOptions _options;
    private ITimer? _refresh;
    private ITimer? _again;
    private ReminderRing? _ring;
    private ReminderRing? _read;
    private SiloAddress? _reader;
    private volatile bool _stopped;

    public ReminderService(SiloRuntime silo, IReminderTable table, IOptions<ReminderOptions> options, MembershipSettings membership)
    {
        _silo = silo;
        _table = table;
        _options = options.Value;
        // A dead silo's last tick was before its lease ended, and the others noticed no later than this.
        MovingTime = membership.Duration + membership.Grace + (2 * membership.StoreLimit);
        Metrics = new ReminderMetrics(silo, this);
    }

    /// <summary>How long it may take until a range has its new owner.</summary>
    internal TimeSpan MovingTime { get; }

    internal ReminderMetrics Metrics { get; }

    internal int Count => _local.Count;

    internal ReminderRing Ring => _ring ?? new ReminderRing(_silo.Membership.Current.Control);

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ReminderService), ServiceLifecycleStage.Active, Start, Stop);

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime,
        TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < _options.MinimumReminderPeriod)
            throw new ArgumentException($"Cannot register reminder {reminderName}: its period {period} is less than the minimum of "
                + $"{_options.MinimumReminderPeriod}.", nameof(period));
        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = _silo.Clock.Time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = (await _table.UpsertRow(entry))!;
        if (OtherOwner(callingGrainId) is { } owner)
            await Tell(owner, keeper => keeper.Registered(entry));
        else
            Adopt(entry);
        return new GrainReminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        if (reminder is not GrainReminder ours)
            throw new ArgumentException("This reminder was not registered here.", nameof(reminder));
        if (!await _table.RemoveRow(callingGrainId, ours.ReminderName, ours.ETag))
            throw new ReminderException($"Could not unregister reminder {ours.ReminderName} of {callingGrainId}: it was changed or "
                + $"removed meanwhile.");
        if (OtherOwner(callingGrainId) is { } owner)
            await Tell(owner, keeper => keeper.Removed(callingGrainId, ours.ReminderName));
        Forget(callingGrainId, ours.ReminderName);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await _table.ReadRow(callingGrainId, reminderName) is { } row ? new GrainReminder(row.ReminderName, row.ETag) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId)
    {
        var rows = await _table.ReadRows(callingGrainId);
        return [.. rows.Reminders.Select(row => new GrainReminder(row.ReminderName, row.ETag))];
    }

    public void Dispose()
    {
        _stopped = true;
        _refresh?.Dispose();
        _again?.Dispose();
        foreach (var reminder in _local.Values)
            reminder.Dispose();
    }

    /// <summary>Rings a reminder from now on, until the ring gives it to another silo.</summary>
    internal void Adopt(ReminderEntry entry)
    {
        if (_stopped)
            return;
        var key = (entry.GrainId, entry.ReminderName);
        if (_local.TryGetValue(key, out var known) && known.ETag == entry.ETag)
            return;
        Forget(entry.GrainId, entry.ReminderName);
        var reminder = new LocalReminder(_silo, this, entry);
        _local[key] = reminder;
        reminder.Schedule();
    }

    internal void Forget(GrainId grain, string name)
    {
        if (_local.TryRemove((grain, name), out var reminder))
            reminder.Dispose();
    }

    internal bool Rings(GrainId grain, string name) => _local.ContainsKey((grain, name));

    /// <summary>The silo that rings a grain's reminders; null when it is this one.</summary>
    internal SiloAddress? OtherOwner(GrainId grain) =>
        Ring.Owner(grain.GetUniformHashCode()) is { } owner && !owner.Equals(_silo.Address) ? owner : null;

    private async Task Start(CancellationToken token)
    {
        await _table.StartAsync(token);
        _silo.Membership.Changed += OnViewChanged;
        TakeRing(_silo.Membership.Current);
        await Read(all: true);
        var period = _options.RefreshReminderListPeriod;
        var time = _silo.Clock.Time;
        _refresh = time.CreateTimer(static state => _ = ((ReminderService)state!).ReadSafely(all: true), this, period, period);
        _again = time.CreateTimer(static state => _ = ((ReminderService)state!).ReadSafely(all: true), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    private async Task Stop(CancellationToken token)
    {
        _silo.Membership.Changed -= OnViewChanged;
        Dispose();
        await _table.StopAsync(token);
    }

    private void OnViewChanged(MembershipView view)
    {
        if (!TakeRing(view))
            return;
        _ = Task.Run(() => ReadSafely(all: false));
        // Somebody who had not heard of the new view may have told the old owner of a reminder meanwhile.
        _again?.Change(MovingTime, Timeout.InfiniteTimeSpan);
    }

    /// <summary>False when the view has no other owners for anything.</summary>
    private bool TakeRing(MembershipView view)
    {
        if (_ring is { } known && known.Silos.SequenceEqual(view.Control))
            return false;
        _ring = new ReminderRing(view.Control);
        return true;
    }

    private async Task ReadSafely(bool all)
    {
        try
        {
            await Read(all);
        }
        catch (ObjectDisposedException) when (_stopped)
        {
            // The table went with the silo.
        }
        catch (Exception failure)
        {
            // The store is away: go on with what is known, and read again soon.
            _silo.Log.RemindersUnreadable(failure);
            if (!_stopped)
                _again?.Change(RetryPause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Reads all ranges of this silo, or those that came to it since it last read; gives up what went to others.</summary>
    private async Task Read(bool all)
    {
        await _reading.WaitAsync();
        try
        {
            var (ring, self, began) = (Ring, _silo.Address, _silo.Clock.Now);
            foreach (var (grain, name) in _local.Keys.Where(key => OtherOwner(key.Item1) is not null))
                Forget(grain, name);
            // As another life of itself a silo has read nothing yet.
            var known = all || !self.Equals(_reader) ? null : _read;
            var seen = new HashSet<(GrainId, string)>();
            foreach (var range in ring.RangesOf(self, known))
            {
                foreach (var row in (await _table.ReadRows(range.Begin, range.End)).Reminders)
                {
                    seen.Add((row.GrainId, row.ReminderName));
                    Adopt(row);
                }
            }

            (_read, _reader) = (ring, self);
            // What is no longer in the table was removed elsewhere; but what was registered while we read is just not in our picture.
            foreach (var (key, _) in _local.Where(each => all && each.Value.AdoptedAt < began && !seen.Contains(each.Key)))
                Forget(key.Item1, key.Item2);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>A silo that is not there now reads its ranges when it comes, as does whoever has them after it.</summary>
    private async Task Tell(SiloAddress owner, Func<IReminderKeeper, Task> what)
    {
        try
        {
            await what(_silo.References.GetGrain<IReminderKeeper>(owner.ToParsableString()));
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            _silo.Log.ReminderUntold(failure.Message, owner);
        }
    }

    private sealed record GrainReminder(string ReminderName, string ETag) : IGrainReminder;
}
