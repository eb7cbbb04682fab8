using System.Globalization;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>Reminders in the same database as the records they wake.</summary>
internal sealed class SqliteReminderTable(SqliteDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, etag FROM reminder";

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Rows($"{Columns} WHERE grain_id = ?1", statement => statement.Bind(1, grainId.ToString()));

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        // The range is a piece of a ring: it may go over the end. begin = end is the whole of it.
        var sql = begin < end ? $"{Columns} WHERE hash > ?1 AND hash <= ?2" : $"{Columns} WHERE hash > ?1 OR hash <= ?2";
        return Rows(sql, statement => statement.Bind(1, begin).Bind(2, end));
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName)
    {
        const string Sql = $"{Columns} WHERE grain_id = ?1 AND name = ?2";
        var rows = await Rows(Sql, statement => statement.Bind(1, grainId.ToString()).Bind(2, reminderName));
        return rows.Reminders.FirstOrDefault();
    }

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry) => database.Enqueue<string?>(session =>
    {
        using var upsert = session.Statement("""
            INSERT INTO reminder (grain_id, name, hash, start_at, period, etag) VALUES (?1, ?2, ?3, ?4, ?5, 1)
            ON CONFLICT (grain_id, name) DO UPDATE SET start_at = excluded.start_at, period = excluded.period, etag = etag + 1
            RETURNING etag
            """);
        upsert.Bind(1, entry.GrainId.ToString()).Bind(2, entry.ReminderName).Bind(3, entry.GrainId.GetUniformHashCode())
            .Bind(4, entry.StartAt.Ticks).Bind(5, entry.Period.Ticks).Step();
        var etag = upsert.Int64(0).ToString(CultureInfo.InvariantCulture);
        upsert.Run();
        return etag;
    });

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => database.Enqueue(session =>
    {
        using var delete = session.Statement("DELETE FROM reminder WHERE grain_id = ?1 AND name = ?2 AND etag = ?3 RETURNING 1");
        delete.Bind(1, grainId.ToString()).Bind(2, reminderName).Bind(3, long.Parse(eTag, CultureInfo.InvariantCulture));
        var found = delete.Step();
        delete.Run();
        return found;
    });

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => database.Enqueue(static session =>
    {
        session.Execute("DELETE FROM reminder");
        return true;
    });

    private Task<ReminderTableData> Rows(string sql, Func<SqliteStatement, SqliteStatement> bind) =>
        Task.FromResult(database.Read(session => Rows(session, sql, bind)));

    private static ReminderTableData Rows(SqliteSession session, string sql, Func<SqliteStatement, SqliteStatement> bind)
    {
        using var rows = bind(session.Statement(sql));
        List<ReminderEntry> found = [];
        while (rows.Step())
        {
            found.Add(new()
            {
                GrainId = GrainId.Parse(rows.Text(0)),
                ReminderName = rows.Text(1),
                StartAt = new(rows.Int64(2), DateTimeKind.Utc),
                Period = new(rows.Int64(3)),
                ETag = rows.Int64(4).ToString(CultureInfo.InvariantCulture),
            });
        }

        return new ReminderTableData(found);
    }
}
