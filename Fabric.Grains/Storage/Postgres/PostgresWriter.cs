using System.Collections.Concurrent;
using System.Threading.Channels;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>
/// Pipelined group commit. A few lanes, each with a connection of its own, take what has gathered in one queue and send it as one call of
/// <c>fabric_write_1</c>, which is one transaction: while the disk makes the transaction of one lane durable, the next lane's is on its
/// way. A lone write finds a free lane and waits for nobody; many share a round trip and an fsync.
///
/// A write that is refused is refused by the function and fails alone. When a whole transaction was rolled back, each of its writes is
/// tried again by itself. When the connection was lost the answer is not known: the same writes are sent again, with the same etags, and
/// one that was done before is recognised by its own etag in the row. Only when the server stays away is a write given up.
/// </summary>
internal sealed partial class PostgresWriter
{
    /// <summary>More in one transaction makes the first wait for the last without saving a noticeable share of a round trip.</summary>
    private const int MaxBatch = 256;

    /// <summary>Beyond this the disk is minutes behind: refusing is kinder than queueing.</summary>
    private const int MaxQueued = 20_000;

    /// <summary>One is being made durable, one is executed, one is on the wire. More only make smaller transactions.</summary>
    private const int Lanes = 3;

    /// <summary>How often a transaction that lost to another (deadlock, lock timeout) is tried again.</summary>
    private const int MostAttempts = 5;

    /// <summary>What fabric_write_2 says when it came too late. The lease may have been renewed since.</summary>
    private const string LeaseOver = "FB001";

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);

    private readonly Channel<PostgresWrite> queue = Channel.CreateBounded<PostgresWrite>(MaxQueued);
    // The lane that came to rest last is woken first: its connection, and the server's process behind it, are still warm.
    private readonly ConcurrentStack<TaskCompletionSource> resting = new();
    private readonly PostgresConnections connections;
    private readonly Func<WritePermit> permit;
    private readonly ILogger logger;
    private readonly Task[] lanes;
    private volatile bool abandoned;
    private volatile bool finished;

    /// <summary>Starts the lanes; none opens a connection before its first write.</summary>
    public PostgresWriter(PostgresConnections connections, Func<WritePermit> permit, ILogger logger)
    {
        this.permit = permit;
        this.connections = connections;
        this.logger = logger;
        lanes = [.. Enumerable.Range(0, Lanes).Select(_ => Task.Run(Work))];
    }

    /// <summary>The life of the process in which a write is asked for now.</summary>
    public int Life => permit().Life;

    /// <summary>Queues a write; the task completes when it is durable.</summary>
    public Task<long> Enqueue(PostgresWrite write)
    {
        if (queue.Writer.TryWrite(write))
        {
            WakeOne();
            return write.Task;
        }

        ObjectDisposedException.ThrowIf(finished, this);
        throw Fault.Unavailable("The database cannot keep up with the writes; try again later.");
    }

    /// <summary>Stops as a crash would: what is not sent yet never will be, and nobody hears of what is.</summary>
    public Task Abandon()
    {
        abandoned = true;
        return Finish();
    }

    /// <summary>Finishes what is queued, then stops.</summary>
    public Task Finish()
    {
        finished = true;
        queue.Writer.TryComplete();
        while (WakeOne())
        {
            // Each sees that there will be no more.
        }

        return Task.WhenAll(lanes);
    }

    private async Task Work()
    {
        var lane = new PostgresLane(connections);
        List<PostgresWrite> batch = new(MaxBatch);
        while (await Fill(batch))
        {
            batch.Sort(static (left, right) =>
            {
                var order = string.CompareOrdinal(left.Key.Kind, right.Key.Kind);
                return order != 0 ? order : string.CompareOrdinal(left.Key.Id, right.Key.Id);
            });
            await Commit(lane, batch);
            batch.Clear();
        }

        await lane.DisposeAsync();
    }

    /// <summary>Takes what has gathered; waits for something to come. False when nothing will any more.</summary>
    private async ValueTask<bool> Fill(List<PostgresWrite> batch)
    {
        while (true)
        {
            while (batch.Count < MaxBatch && queue.Reader.TryRead(out var next))
                batch.Add(next);
            if (batch.Count > 0)
                return true;
            if (queue.Reader.Completion.IsCompleted)
                return false;
            var woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            resting.Push(woken);
            // What came after the last look found nobody at rest.
            if (queue.Reader.Count > 0 || finished)
                WakeOne();
            await woken.Task;
        }
    }

    private bool WakeOne()
    {
        var found = resting.TryPop(out var lane);
        lane?.SetResult();
        return found;
    }

    private async Task Commit(PostgresLane lane, List<PostgresWrite> batch)
    {
        var attempts = 0;
        for (var pause = FirstPause; batch.Count > 0; pause = PostgresConnections.NextPause(pause))
        {
            if (abandoned)
            {
                batch.ForEach(static write => write.Fail(new ObjectDisposedException(nameof(PostgresWriter))));
                return;
            }

            try
            {
                // Read anew for each attempt: what another life asked for must not go under this one's lease.
                var (life, until) = permit();
                Outlive(batch, life);
                if (batch.Count > 0)
                    await lane.Send(batch, until);
                return;
            }
            catch (PostgresException over) when (over.SqlState == LeaseOver)
            {
                batch.ForEach(static write => write.Missed(false));
                GiveUpOverdue(batch, over);
            }
            catch (NpgsqlException failure) when (lane.IsLost || PostgresConnections.IsOutage(failure))
            {
                batch.ForEach(write => write.Missed(lane.IsLost));
                // Whoever lost a race runs again soon: it is the server's word that nothing was done.
                if (lane.IsLost)
                    GiveUpOverdue(batch, failure);
                else if (++attempts > MostAttempts)
                    GiveUp(batch, failure);
            }
            catch (Exception failure) when (batch.Count > 1)
            {
                LogBatchFailed(failure, batch.Count);
                foreach (var write in batch)
                    await Commit(lane, [write]);
                return;
            }
            catch (Exception failure)
            {
                batch[0].Fail(failure);
                return;
            }

            await Task.Delay(pause);
        }
    }

    private static void Outlive(List<PostgresWrite> batch, int life)
    {
        foreach (var write in batch.Where(write => write.Life != life))
            write.Outlive();
        batch.RemoveAll(write => write.Life != life);
    }

    /// <summary>The server is away. Those in the queue wait for it too, and their callers' patience ends no later for that.</summary>
    private void GiveUpOverdue(List<PostgresWrite> batch, Exception failure)
    {
        for (var queued = queue.Reader.Count; queued > 0 && queue.Reader.TryPeek(out var oldest) && oldest.IsOverdue; queued--)
        {
            if (queue.Reader.TryRead(out var next))
                batch.Add(next);
        }

        // Looked at once: one whose time ended between two looks would be told nothing.
        var overdue = batch.ToLookup(static write => write.IsOverdue);
        batch.Clear();
        batch.AddRange(overdue[false]);
        if (overdue.Contains(true))
            GiveUp([.. overdue[true]], failure);
    }

    private void GiveUp(List<PostgresWrite> writes, Exception failure)
    {
        var gone = connections.Gone(failure);
        writes.ForEach(write => write.GiveUp(gone));
        writes.Clear();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction of {Count} writes failed")]
    private partial void LogBatchFailed(Exception failure, int count);
}
