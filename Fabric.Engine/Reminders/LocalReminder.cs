using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>One reminder that this silo ticks.</summary>
internal sealed class LocalReminder : IDisposable
{
    // The longest time a system timer can be set to is some 49 days; a reminder further off is looked at again then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly SiloRuntime _silo;
    private readonly ReminderEntry _entry;
    private readonly ITimer _timer;
    private DateTime _next;
    private volatile bool _disposed;

    internal LocalReminder(SiloRuntime silo, ReminderEntry entry)
    {
        _silo = silo;
        _entry = entry;
        AdoptedAt = silo.Clock.Now;
        _next = Now <= entry.StartAt ? entry.StartAt : TickAfter(entry.StartAt, entry.Period, Now);
        // Ticks must not run in the context of whoever registered the reminder.
        using (ExecutionContext.SuppressFlow())
            _timer = silo.Clock.Time.CreateTimer(static state => ((LocalReminder)state!).Due(), this, Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
    }

    internal string ETag => _entry.ETag;

    internal long AdoptedAt { get; }

    private DateTime Now => _silo.Clock.Time.GetUtcNow().UtcDateTime;

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    internal void Schedule()
    {
        if (_disposed)
            return;
        var wait = _next - Now;
        _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The first multiple of the period, counted from the start, that is later than a moment.</summary>
    internal static DateTime TickAfter(DateTime start, TimeSpan period, DateTime moment) =>
        start + TimeSpan.FromTicks((((moment - start).Ticks / period.Ticks) + 1) * period.Ticks);

    private void Due()
    {
        // Timers come a little early at times, and far-off reminders wait in pieces.
        if (Now < _next)
            Schedule();
        else
            _ = Fire();
    }

    private async Task Fire()
    {
        try
        {
            var status = new TickStatus(_entry.StartAt, _entry.Period, Now);
            await _silo.References.GetGrain<IRemindable>(_entry.GrainId).ReceiveReminder(_entry.ReminderName, status);
        }
        catch (Exception failure)
        {
            _silo.Log.ReminderFailed(failure, _entry.ReminderName, _entry.GrainId);
        }
        finally
        {
            // Only now: ticks of one reminder do not pile up behind a slow grain.
            _next = TickAfter(_entry.StartAt, _entry.Period, Now > _next ? Now : _next);
            Schedule();
        }
    }
}
