using System.Globalization;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>Reminders in the same database as the records they wake, for silos that each own a range of the ring.</summary>
internal sealed class PostgresReminderTable(PostgresDatabase database) : IReminderTable
{
    private const string Columns = "SELECT grain_id, name, start_at, period, etag FROM reminder";

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(GrainId grainId) => Rows($"{Columns} WHERE grain_id = $1", grainId.ToString());

    /// <inheritdoc/>
    public Task<ReminderTableData> ReadRows(uint begin, uint end)
    {
        // The range is a piece of a ring: it may go over the end. begin = end is the whole of it.
        var both = begin < end ? "AND" : "OR";
        return Rows($"{Columns} WHERE hash > $1 {both} hash <= $2", (long)begin, (long)end);
    }

    /// <inheritdoc/>
    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await Rows($"{Columns} WHERE grain_id = $1 AND name = $2", grainId.ToString(), reminderName)).Reminders.FirstOrDefault();

    /// <inheritdoc/>
    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        const string Sql = """
            INSERT INTO reminder (grain_id, name, hash, start_at, period, etag) VALUES ($1, $2, $3, $4, $5, 1)
            ON CONFLICT (grain_id, name)
                DO UPDATE SET start_at = excluded.start_at, period = excluded.period, etag = reminder.etag + 1
            RETURNING etag
            """;
        return Change<string?>(async connection =>
        {
            await using var command = connection.Command(Sql,
                entry.GrainId.ToString(), entry.ReminderName, (long)entry.GrainId.GetUniformHashCode(),
                entry.StartAt.Ticks, entry.Period.Ticks);
            return ((long)(await command.ExecuteScalarAsync())!).ToString(CultureInfo.InvariantCulture);
        });
    }

    /// <inheritdoc/>
    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Change(async connection =>
    {
        await using var command = connection.Command(
            "DELETE FROM reminder WHERE grain_id = $1 AND name = $2 AND etag = $3",
            grainId.ToString(), reminderName, long.Parse(eTag, CultureInfo.InvariantCulture));
        return await command.ExecuteNonQueryAsync() > 0;
    });

    /// <inheritdoc/>
    public Task TestOnlyClearTable() => Change(static async connection =>
    {
        await using var command = connection.Command("DELETE FROM reminder");
        return await command.ExecuteNonQueryAsync();
    });

    private Task<T> Change<T>(Func<NpgsqlConnection, Task<T>> change) => database.Connections.Change(change, CancellationToken.None);

    private async Task<ReminderTableData> Rows(string sql, params object[] values) => await database.Connections.Read(async connection =>
    {
        await using var command = connection.Command(sql, values);
        await using var rows = await command.ExecuteReaderAsync();
        List<ReminderEntry> found = [];
        while (await rows.ReadAsync())
        {
            found.Add(new()
            {
                GrainId = GrainId.Parse(rows.GetString(0)),
                ReminderName = rows.GetString(1),
                StartAt = new(rows.GetInt64(2), DateTimeKind.Utc),
                Period = new(rows.GetInt64(3)),
                ETag = rows.GetInt64(4).ToString(CultureInfo.InvariantCulture),
            });
        }

        return new ReminderTableData(found);
    }, CancellationToken.None);
}
