namespace Fabric.Grains.Storage.Sqlite;

/// <summary>The outbox in the table <c>event</c>. There is one writer, so numbers become visible in their order, without gaps to wait
/// for.</summary>
internal sealed class SqliteOutbox(SqliteDatabase database, TimeProvider time) : IOutbox
{
    /// <summary>A consumer that was away for longer than this has more to worry about than missed events.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Few enough not to hold up other writes.</summary>
    private const int PruneBatch = 2_000;

    /// <inheritdoc/>
    public Task<IReadOnlyList<OutboxEvent>> Read(string consumer, int max, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<OutboxEvent>>(database.Read(session =>
        {
            using var rows = session.Statement("""
                SELECT seq, at, type, kind, id, project_id, payload FROM event
                WHERE seq > coalesce((SELECT seq FROM event_cursor WHERE consumer = ?1), 0) ORDER BY seq LIMIT ?2
                """).Bind(1, consumer).Bind(2, max);
            List<OutboxEvent> events = [];
            while (rows.Step())
                events.Add(Event(rows));
            return events;
        }));

    /// <inheritdoc/>
    public Task Advance(string consumer, long seq, CancellationToken ct) => database.Enqueue(session =>
    {
        using var move = session.Statement("""
            INSERT INTO event_cursor (consumer, seq) VALUES (?1, ?2)
            ON CONFLICT (consumer) DO UPDATE SET seq = max(seq, excluded.seq)
            """);
        move.Bind(1, consumer).Bind(2, seq).Run();
        return true;
    });

    /// <inheritdoc/>
    public Task<bool> Prune(CancellationToken ct)
    {
        var tooOld = RecordTime.Micros(time.GetUtcNow() - Retention);
        return database.Enqueue(session =>
        {
            using var prune = session.Statement("""
                DELETE FROM event
                WHERE seq IN (SELECT seq FROM event ORDER BY seq LIMIT ?1)
                  AND (at < ?2 OR seq <= coalesce((SELECT min(seq) FROM event_cursor), 0))
                RETURNING seq
                """).Bind(1, PruneBatch).Bind(2, tooOld);
            var removed = 0;
            while (prune.Step())
                removed++;
            return removed == PruneBatch;
        });
    }

    private static OutboxEvent Event(SqliteStatement row) => new(
        row.Int64(0),
        row.Text(3),
        row.Text(4),
        row.Text(5) is { Length: > 0 } project ? project : null,
        new(row.Text(2), RecordTime.Of(row.Int64(1)), row.Text(6)));
}
