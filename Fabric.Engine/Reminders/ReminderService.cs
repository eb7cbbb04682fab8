using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Timers;

namespace Fabric.Engine;

/// <summary>
/// Ticks the reminders that this silo owns. The table is the truth: it is read when the silo starts and from time to time after, because
/// other silos write to it too. A reminder ticks at its start and then at multiples of its period. Ticks that fell into a time when no
/// silo ran
/// are skipped; a tick that could not be delivered is followed by the next one all the same.
/// A reminder belongs to the silo on which its grain is placed, so a view change moves ticks without any hand-shake, and whoever registers
/// one, which is the grain itself, does so where it will tick.
/// </summary>
internal sealed class ReminderService(SiloRuntime silo, IReminderTable table, IOptions<ReminderOptions> options)
    : IReminderRegistry, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly ConcurrentDictionary<(GrainId, string), LocalReminder> _local = [];
    private ITimer? _refresh;
    private volatile bool _stopped;

    internal int Count => _local.Count;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ReminderService), ServiceLifecycleStage.Active, Start, Stop);

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime,
        TimeSpan period)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reminderName);
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        if (period < options.Value.MinimumReminderPeriod)
            throw new ArgumentException($"Cannot register reminder {reminderName}: its period {period} is less than the minimum of "
                + $"{options.Value.MinimumReminderPeriod}.", nameof(period));
        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = silo.Clock.Time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = (await table.UpsertRow(entry))!;
        Adopt(entry);
        return new GrainReminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        if (reminder is not GrainReminder ours)
            throw new ArgumentException("This reminder was not registered here.", nameof(reminder));
        if (!await table.RemoveRow(callingGrainId, ours.ReminderName, ours.ETag))
            throw new ReminderException($"Could not unregister reminder {ours.ReminderName} of {callingGrainId}: it was changed or "
                + $"removed meanwhile.");
        Forget(callingGrainId, ours.ReminderName);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await table.ReadRow(callingGrainId, reminderName) is { } row ? new GrainReminder(row.ReminderName, row.ETag) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId)
    {
        var rows = await table.ReadRows(callingGrainId);
        return [.. rows.Reminders.Select(row => new GrainReminder(row.ReminderName, row.ETag))];
    }

    public void Dispose()
    {
        _stopped = true;
        _refresh?.Dispose();
        foreach (var reminder in _local.Values)
            reminder.Dispose();
    }

    private async Task Start(CancellationToken token)
    {
        await table.StartAsync(token);
        await Refresh();
        silo.Membership.Changed += OnViewChanged;
        var period = options.Value.RefreshReminderListPeriod;
        _refresh = silo.Clock.Time.CreateTimer(static state => _ = ((ReminderService)state!).RefreshSafely(), this, period, period);
    }

    private async Task Stop(CancellationToken token)
    {
        silo.Membership.Changed -= OnViewChanged;
        Dispose();
        await table.StopAsync(token);
    }

    private void OnViewChanged(MembershipView view) => _ = RefreshSafely();

    private async Task RefreshSafely()
    {
        try
        {
            await Refresh();
        }
        catch (Exception failure)
        {
            // The store is away: go on with what is known, and read again next time.
            silo.Log.RemindersUnreadable(failure);
        }
    }

    private async Task Refresh()
    {
        var began = silo.Clock.Now;
        var rows = await table.ReadRows(0, 0);
        var seen = new HashSet<(GrainId, string)>();
        foreach (var row in rows.Reminders.Where(row => IsMine(row.GrainId)))
        {
            seen.Add((row.GrainId, row.ReminderName));
            Adopt(row);
        }

        // What is no longer in the table was removed elsewhere; but what was registered while we read is just not in our picture.
        foreach (var (key, reminder) in _local)
        {
            if (!seen.Contains(key) && reminder.AdoptedAt < began)
                Forget(key.Item1, key.Item2);
        }
    }

    private bool IsMine(GrainId grain) => silo.Placement.IsPlacedHere(grain);

    private void Adopt(ReminderEntry entry)
    {
        if (_stopped || !IsMine(entry.GrainId))
            return;
        var key = (entry.GrainId, entry.ReminderName);
        if (_local.TryGetValue(key, out var known) && known.ETag == entry.ETag)
            return;
        Forget(entry.GrainId, entry.ReminderName);
        var reminder = new LocalReminder(silo, entry);
        _local[key] = reminder;
        reminder.Schedule();
    }

    private void Forget(GrainId grain, string name)
    {
        if (_local.TryRemove((grain, name), out var reminder))
            reminder.Dispose();
    }

    private sealed record GrainReminder(string ReminderName, string ETag) : IGrainReminder;
}
