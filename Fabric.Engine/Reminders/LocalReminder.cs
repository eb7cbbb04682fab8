using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// One reminder that this silo ticks. Its moments are on the calendar, its waiting is not: whatever is done to the clock meanwhile, a tick
/// comes when the time has passed that lay before it, and the next at most a period later.
/// </summary>
internal sealed class LocalReminder : IDisposable
{
    // The longest time a system timer can be set to is some 49 days; a reminder further off is looked at again then.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    // A tick whose silo died under way finds its grain on another one within this.
    private const int Attempts = 8;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly SiloRuntime _silo;
    private readonly ReminderService _service;
    private readonly ReminderEntry _entry;
    private readonly ITimer _timer;
    private DateTime _next;
    private long _waitedFrom;
    private TimeSpan _wait;
    private int _failed;
    private volatile bool _disposed;

    internal LocalReminder(SiloRuntime silo, ReminderService service, ReminderEntry entry)
    {
        _silo = silo;
        _service = service;
        _entry = entry;
        AdoptedAt = silo.Clock.Now;
        // What was due while nobody knew whose it was is rung late.
        var since = Now - service.MovingTime;
        _next = since < entry.StartAt ? entry.StartAt : TickAfter(entry.StartAt, entry.Period, since);
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
        WaitFor(_next - Now);
    }

    /// <summary>The first multiple of the period, counted from the start, that is later than a moment.</summary>
    internal static DateTime TickAfter(DateTime start, TimeSpan period, DateTime moment) =>
        moment < start ? start : start + TimeSpan.FromTicks((((moment - start).Ticks / period.Ticks) + 1) * period.Ticks);

    private void Due()
    {
        // Timers come a little early at times, and far-off reminders wait in pieces.
        var left = _wait - _silo.Clock.Time.GetElapsedTime(_waitedFrom);
        if (left > TimeSpan.Zero && Now < _next && !_disposed)
            WaitFor(left);
        else if (_service.OtherOwner(_entry.GrainId) is not null)
            _service.Forget(_entry.GrainId, _entry.ReminderName);
        else
            _ = Fire();
    }

    private void WaitFor(TimeSpan wait)
    {
        _wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        _waitedFrom = _silo.Clock.Time.GetTimestamp();
        _timer.Change(_wait > LongestWait ? LongestWait : _wait, Timeout.InfiniteTimeSpan);
    }

    private async Task Fire()
    {
        try
        {
            var began = Now;
            var status = new TickStatus(_entry.StartAt, _entry.Period, began);
            await _silo.References.GetGrain<IRemindable>(_entry.GrainId).ReceiveReminder(_entry.ReminderName, status);
            _service.Metrics.Delivered(began - _next);
        }
        catch (SiloUnavailableException) when (++_failed < Attempts && !_disposed)
        {
            _timer.Change(RetryPause, Timeout.InfiniteTimeSpan);
            return;
        }
        catch (Exception failure)
        {
            _silo.Log.ReminderFailed(failure, _entry.ReminderName, _entry.GrainId);
        }

        // Only now: ticks of one reminder do not pile up behind a slow grain.
        _failed = 0;
        var now = Now;
        // A clock that was set back is not waited for; one that is a little behind has not been set.
        _next = now > _next || _next - now >= _entry.Period ? now : _next;
        _next = TickAfter(_entry.StartAt, _entry.Period, _next);
        if (!_disposed)
            WaitFor(_next - now < _entry.Period ? _next - now : _entry.Period);
    }
}
