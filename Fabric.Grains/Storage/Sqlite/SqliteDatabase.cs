using System.Collections.Concurrent;
using System.Globalization;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// Records in one SQLite file: the embedded default, owned by one process. Reads run on the caller's thread, each on a connection that
/// nobody else uses meanwhile: a page in memory is nearer than a thread switch. Writes go to <see cref="SqliteWriter"/>.
/// </summary>
internal sealed class SqliteDatabase : IRecordDatabase, IAsyncDisposable
{
    /// <summary>As many readers as can run, and some that wait for the disk.</summary>
    private static readonly int MaxIdleReaders = Environment.ProcessorCount * 4;

    private readonly string path;
    private readonly ConcurrentBag<SqliteSession> readers = [];
    private readonly ConcurrentDictionary<string, long> versions = new(StringComparer.Ordinal);
    private readonly Lazy<SqliteWriter> writer;

    // Etags and versions never come twice, over restarts too: they count on from the clock, in steps far finer than writes can follow
    // each other.
    private readonly long firstVersion;
    private long lastEtag;
    private volatile bool closed;

    /// <summary>Names the file; nothing is opened yet.</summary>
    public SqliteDatabase(string path, TimeProvider time, ILogger<SqliteDatabase> logger)
    {
        this.path = path;
        firstVersion = lastEtag = time.GetUtcNow().UtcTicks;
        writer = new(() => new(() => new(path, readOnly: false), Committed, logger));
    }

    /// <inheritdoc/>
    public Task Open(CancellationToken ct) => Task.Run(() =>
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory)
            Directory.CreateDirectory(directory);
        using var session = new SqliteSession(path, readOnly: false);
        SqliteMigrations.Run(session);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }, ct);

    /// <inheritdoc/>
    public ValueTask<StoredRecord?> Read(string kind, string id, CancellationToken ct) => new(Read(session =>
    {
        using var row = session.Statement("SELECT etag, doc FROM resource WHERE kind = ?1 AND id = ?2").Bind(1, kind).Bind(2, id);
        return row.Step() ? new StoredRecord(row.Int64(0), row.Utf8(1).ToArray()) : null;
    }));

    /// <inheritdoc/>
    public Task<long> Write(RecordWrite write, CancellationToken ct) =>
        Enqueue(session => SqliteRecordWrites.Write(session, write, ++lastEtag), write.Key.Kind);

    /// <inheritdoc/>
    public Task Clear(RecordKey key, long? expectedEtag, IReadOnlyList<ResourceEvent> events, CancellationToken ct) =>
        Enqueue(session => SqliteRecordWrites.Clear(session, key, expectedEtag, events), key.Kind);

    /// <inheritdoc/>
    public ValueTask Visit(ResourceQuery query, int? limit, bool withDocs, RecordVisitor visit, CancellationToken ct)
    {
        Read(session =>
        {
            var marker = query.Paging?.Marker is { } id ? Marker(session, query, id) : null;
            using var rows = SqliteQuery.Rows(query, marker, limit, withDocs).Prepare(session);
            while (rows.Step())
            {
                ct.ThrowIfCancellationRequested();
                if (!visit(withDocs ? "" : rows.Text(0), withDocs ? rows.Int64(0) : 0, withDocs ? rows.Utf8(1) : []))
                    break;
            }

            return true;
        });
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<int> Count(ResourceQuery query, CancellationToken ct) => new(Read(session =>
    {
        using var row = SqliteQuery.Count(query).Prepare(session);
        return row.Step() ? (int)row.Int64(0) : 0;
    }));

    /// <inheritdoc/>
    public ValueTask<RecordKey?> FindByUniqueKey(string key, CancellationToken ct) => new(Read(session =>
    {
        using var row = session.Statement("SELECT kind, id FROM resource_unique WHERE key = ?1").Bind(1, key);
        return row.Step() ? new RecordKey(row.Text(0), row.Text(1)) : (RecordKey?)null;
    }));

    /// <inheritdoc/>
    public ValueTask<long> Version(string kind, CancellationToken ct) => new(versions.GetValueOrDefault(kind, firstVersion));

    /// <inheritdoc/>
    public bool VersionsAreAtHand => true;

    /// <inheritdoc/>
    public ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct)
    {
        var sum = 0L;
        for (var at = 0; at < kinds.Count; at++)
            sum += versions.GetValueOrDefault(kinds[at], firstVersion);
        return new(sum);
    }

    /// <summary>Runs a read on a connection of its own.</summary>
    public T Read<T>(Func<SqliteSession, T> work)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (!readers.TryTake(out var session))
            session = new(path, readOnly: true);
        try
        {
            return work(session);
        }
        finally
        {
            GiveBack(session);
        }
    }

    /// <summary>Queues a write; the task completes when it is durable.</summary>
    public Task<T> Enqueue<T>(Func<SqliteSession, T> work, string? kind = null)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        return writer.Value.Enqueue(work, kind);
    }

    /// <inheritdoc/>
    public Task Abandon()
    {
        closed = true;
        if (writer.IsValueCreated)
            writer.Value.Abandon();
        CloseReaders();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        closed = true;
        if (writer.IsValueCreated)
            writer.Value.Dispose();
        CloseReaders();
        return ValueTask.CompletedTask;
    }

    private static object Marker(SqliteSession session, ResourceQuery query, string id)
    {
        var column = SqliteQuery.Column(query.Sort);
        using var row = session.Statement($"SELECT {column} FROM resource WHERE kind = ?1 AND id = ?2").Bind(1, query.Kind).Bind(2, id);
        if (!row.Step())
            throw Fault.BadRequest("MarkerNotFound", string.Create(CultureInfo.InvariantCulture, $"Marker {id} could not be found."));
        return query.Sort is ResourceSort.CreatedAt or ResourceSort.UpdatedAt ? row.Int64(0) : row.Text(0);
    }

    private void Committed(IReadOnlyList<SqliteJob> jobs)
    {
        foreach (var job in jobs)
        {
            if (job.Changed is { } kind)
                versions.AddOrUpdate(kind, static (_, first) => first + 1, static (_, last, _) => last + 1, firstVersion);
        }
    }

    private void GiveBack(SqliteSession session)
    {
        if (closed || readers.Count >= MaxIdleReaders)
            session.Dispose();
        else
            readers.Add(session);
    }

    private void CloseReaders()
    {
        while (readers.TryTake(out var session))
            session.Dispose();
    }
}
