using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>The outbox in the table <c>event</c>. Many transactions write at once and commit in any order. An event's number is made of its
/// transaction's, so a reader that stops below the oldest transaction still running never sees a smaller number later.</summary>
internal sealed class PostgresOutbox(PostgresDatabase database, TimeProvider time) : IOutbox
{
    /// <summary>A consumer that was away for longer than this has more to worry about than missed events.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>Few enough not to hold up other writes.</summary>
    private const int PruneBatch = 2_000;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OutboxEvent>> Read(string consumer, int max, CancellationToken ct)
    {
        const string Sql = """
            SELECT seq, at, type, kind, id, project_id, payload FROM event
            WHERE seq > coalesce((SELECT seq FROM event_cursor WHERE consumer = $1), 0)
              AND seq < ((SELECT base FROM event_base) + pg_snapshot_xmin(pg_current_snapshot())::text::bigint) << 16
            ORDER BY seq LIMIT $2
            """;
        return await database.Connections.Read(async connection =>
        {
            await using var command = connection.Command(Sql, consumer, (long)max);
            await using var rows = await command.ExecuteReaderAsync();
            List<OutboxEvent> events = [];
            while (await rows.ReadAsync())
                events.Add(Event(rows));
            return events;
        }, ct);
    }

    /// <inheritdoc/>
    public Task Advance(string consumer, long seq, CancellationToken ct)
    {
        const string Sql = """
            INSERT INTO event_cursor (consumer, seq) VALUES ($1, $2)
            ON CONFLICT (consumer) DO UPDATE SET seq = greatest(event_cursor.seq, excluded.seq)
            """;
        return database.Connections.Change(connection => connection.Run(Sql, [consumer, seq]), ct);
    }

    /// <inheritdoc/>
    public async Task<bool> Prune(CancellationToken ct)
    {
        // Another silo's round passes over what this one has locked, and the other way round.
        const string Sql = """
            DELETE FROM event WHERE seq = ANY (ARRAY(SELECT seq FROM event ORDER BY seq LIMIT $2 FOR UPDATE SKIP LOCKED))
              AND (at < $1 OR seq <= (SELECT coalesce(min(seq), 0) FROM event_cursor))
            """;
        var tooOld = RecordTime.Micros(time.GetUtcNow() - Retention);
        return await database.Connections.Change(connection => connection.Run(Sql, [tooOld, (long)PruneBatch]), ct) == PruneBatch;
    }

    private static OutboxEvent Event(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5) is { Length: > 0 } project ? project : null,
        new(row.GetString(2), RecordTime.Of(row.GetInt64(1)), row.GetString(6)));
}
