using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// The one thread that writes. While the disk makes one transaction durable, the next writes gather in the queue; then they all go into
/// one transaction and share its fsync (group commit), so that throughput grows with concurrency and a lone write waits for nobody. A
/// write's task completes after the commit.
///
/// A write that is refused (conflict, duplicate key) says so before it changes anything, and fails alone. After any other error the
/// transaction is rolled back and each of its writes is tried again in a transaction of its own, so that a write that cannot be done
/// fails alone too.
/// </summary>
internal sealed partial class SqliteWriter : IDisposable
{
    /// <summary>More than this in one transaction makes the first wait for the last without saving a noticeable share of an
    /// fsync.</summary>
    private const int MaxBatch = 512;

    /// <summary>Beyond this the disk is minutes behind: refusing is kinder than queueing.</summary>
    private const int MaxQueued = 20_000;

    private readonly BlockingCollection<SqliteJob> queue = new(MaxQueued);
    private readonly Func<SqliteSession> open;
    private readonly Action<IReadOnlyList<SqliteJob>> committed;
    private readonly ILogger logger;
    private readonly Thread thread;
    private volatile bool abandoned;

    /// <summary>Starts the thread.</summary>
    /// <param name="open">Opens the connection, on the thread.</param>
    /// <param name="committed">Called after each commit, before the callers hear of it.</param>
    /// <param name="logger">Hears of errors.</param>
    public SqliteWriter(Func<SqliteSession> open, Action<IReadOnlyList<SqliteJob>> committed, ILogger logger)
    {
        this.open = open;
        this.committed = committed;
        this.logger = logger;
        thread = new(Work) { IsBackground = true, Name = "sqlite writer" };
        thread.Start();
    }

    /// <summary>Queues work; the task completes when it is durable.</summary>
    public Task<T> Enqueue<T>(Func<SqliteSession, T> work, string? kind = null)
    {
        var job = new SqliteJob<T>(work, kind);
        if (queue.IsAddingCompleted || abandoned)
            throw new ObjectDisposedException(nameof(SqliteWriter));
        if (!queue.TryAdd(job))
            throw Fault.Unavailable("The database cannot keep up with the writes; try again later.");
        return job.Task;
    }

    /// <summary>Stops as a crash would: what is not committed yet never will be, and its callers hear an error.</summary>
    public void Abandon()
    {
        abandoned = true;
        Dispose();
    }

    /// <summary>Finishes what is queued, then stops.</summary>
    public void Dispose()
    {
        queue.CompleteAdding();
        if (Thread.CurrentThread != thread)
            thread.Join();
    }

    private void Work()
    {
        using var session = open();
        var batch = new List<SqliteJob>(MaxBatch);
        foreach (var first in queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < MaxBatch && queue.TryTake(out var next))
                batch.Add(next);
            Commit(session, batch);
            batch.Clear();
        }
    }

    private void Commit(SqliteSession session, List<SqliteJob> batch)
    {
        if (abandoned)
        {
            batch.ForEach(static job => job.Fail(new ObjectDisposedException(nameof(SqliteWriter))));
            return;
        }

        try
        {
            CommitTogether(session, batch);
        }
        catch (Exception failure) when (batch.Count > 1)
        {
            LogBatchFailed(failure, batch.Count);
            foreach (var job in batch)
                CommitAlone(session, job);
        }
        catch (Exception failure)
        {
            LogBatchFailed(failure, batch.Count);
            batch[0].Fail(failure);
        }
    }

    private void CommitTogether(SqliteSession session, List<SqliteJob> batch)
    {
        Begin(session);
        try
        {
            foreach (var job in batch)
                job.Run(session);
            End(session);
        }
        catch (Exception)
        {
            session.Rollback();
            throw;
        }

        committed(batch);
        foreach (var job in batch)
            job.Complete();
    }

    private void CommitAlone(SqliteSession session, SqliteJob job)
    {
        try
        {
            CommitTogether(session, [job]);
        }
        catch (Exception failure)
        {
            job.Fail(failure);
        }
    }

    private static void Begin(SqliteSession session)
    {
        using var begin = session.Statement("BEGIN IMMEDIATE");
        begin.Run();
    }

    private static void End(SqliteSession session)
    {
        using var commit = session.Statement("COMMIT");
        commit.Run();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction of {Count} writes failed")]
    private partial void LogBatchFailed(Exception failure, int count);
}

/// <summary>Work that waits for the writer.</summary>
internal abstract class SqliteJob(string? kind)
{
    /// <summary>The kind of record that it changed, if it did.</summary>
    public string? Changed => WasRefused ? null : kind;

    /// <summary>True when it was done to the end without changing anything.</summary>
    protected abstract bool WasRefused { get; }

    /// <summary>Does it, within the transaction. Remembers a refusal; throws what must end the transaction.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Tells the caller: it is durable, or was refused.</summary>
    public abstract void Complete();

    /// <summary>Tells the caller that nothing of it was done.</summary>
    public abstract void Fail(Exception failure);
}

/// <inheritdoc/>
internal sealed class SqliteJob<T>(Func<SqliteSession, T> work, string? kind) : SqliteJob(kind)
{
    // The caller's continuation must never run on the writer's thread: it would hold up every other write.
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;
    private Exception? refusal;

    public Task<T> Task => completion.Task;

    /// <inheritdoc/>
    protected override bool WasRefused => refusal is not null;

    /// <inheritdoc/>
    public override void Run(SqliteSession session)
    {
        refusal = null;
        try
        {
            result = work(session);
        }
        catch (Exception failure) when (failure is Orleans.Storage.InconsistentStateException or DuplicateKeyException or Fault)
        {
            refusal = failure;
        }
    }

    /// <inheritdoc/>
    public override void Complete()
    {
        if (refusal is null)
            completion.SetResult(result!);
        else
            completion.SetException(refusal);
    }

    /// <inheritdoc/>
    public override void Fail(Exception failure) => completion.TrySetException(failure);
}
