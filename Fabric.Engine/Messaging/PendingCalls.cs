using Fabric.Engine.CodeGeneration;

namespace Fabric.Engine;

/// <summary>
/// The calls that wait for an answer, so that a deadline can give up on them. One linked list per core behind its own lock: adding and
/// removing are a few pointer writes. There is one timer, set to the earliest deadline seen; when it fires, the lists are walked, expired
/// calls answered with TimeoutException, and the timer set anew. So an idle engine has no timer running, and a test that moves time forward
/// sees exactly the calls time out that should.
/// </summary>
internal sealed class PendingCalls : IDisposable
{
    // Deadlines that fall together are swept together.
    private const long SweepGranularity = 10;

    private readonly EngineClock _clock;
    private readonly EngineMetrics _metrics;
    private readonly Shard[] _shards;
    private readonly ITimer _timer;
    private readonly Lock _sweepGate = new();
    private long _nextSweep = long.MaxValue;

    internal PendingCalls(EngineClock clock, EngineMetrics metrics)
    {
        _clock = clock;
        _metrics = metrics;
        _shards = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Shard())];
        _timer = clock.Time.CreateTimer(static state => ((PendingCalls)state!).Sweep(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many calls have been sent so far.</summary>
    internal long Sent => _shards.Sum(shard => Volatile.Read(ref shard.Sent));

    internal int Count => _shards.Sum(shard => Volatile.Read(ref shard.Count));

    internal void Add(GrainRequest request)
    {
        var shard = _shards[Thread.GetCurrentProcessorId() % _shards.Length];
        lock (shard)
        {
            request.Pending = this;
            request.PendingShard = shard;
            request.NextPending = shard.Head;
            if (shard.Head is { } head)
                head.PreviousPending = request;
            shard.Head = request;
            shard.Count++;
            shard.Sent++;
        }

        if (request.Deadline < Volatile.Read(ref _nextSweep))
            SweepAt(request.Deadline);
    }

    internal void Remove(GrainRequest request)
    {
        if (request.PendingShard is not Shard shard)
            return;
        lock (shard)
        {
            if (request.PendingShard is null)
                return;
            request.PendingShard = null;
            if (request.PreviousPending is { } previous)
                previous.NextPending = request.NextPending;
            else
                shard.Head = request.NextPending;
            if (request.NextPending is { } next)
                next.PreviousPending = request.PreviousPending;
            request.NextPending = request.PreviousPending = null;
            shard.Count--;
        }

        if (request.SentAt != 0)
            _metrics.RequestEnded(request.SentAt);
    }

    internal void CountCanceled(GrainRequest request) => _metrics.RequestCanceled(request);

    /// <summary>All calls that match, for a silo that died or stops.</summary>
    internal List<GrainRequest> Find(Func<GrainRequest, bool> matches)
    {
        var found = new List<GrainRequest>();
        foreach (var shard in _shards)
        {
            lock (shard)
            {
                for (var request = shard.Head; request is not null; request = request.NextPending)
                {
                    if (matches(request))
                        found.Add(request);
                }
            }
        }

        return found;
    }

    public void Dispose() => _timer.Dispose();

    private void SweepAt(long deadline)
    {
        lock (_sweepGate)
        {
            if (deadline >= _nextSweep)
                return;
            _nextSweep = deadline;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, deadline - _clock.Now)), Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep()
    {
        lock (_sweepGate)
            _nextSweep = long.MaxValue;
        var now = _clock.Now;
        foreach (var expired in Find(request => request.IsExpired(now)))
        {
            _metrics.RequestTimedOut(expired);
            // In this order: what the callee makes of the cancellation must not overtake the timeout.
            expired.Fail(new TimeoutException($"No answer to {expired} within its deadline. It may still run."));
            expired.TryCancel();
        }

        var earliest = long.MaxValue;
        Find(request =>
        {
            earliest = Math.Min(earliest, request.Deadline);
            return false;
        });
        if (earliest != long.MaxValue)
            SweepAt(Math.Max(earliest, now + SweepGranularity));
    }

    internal sealed class Shard
    {
        internal GrainRequest? Head;
        internal int Count;
        internal long Sent;
    }
}
