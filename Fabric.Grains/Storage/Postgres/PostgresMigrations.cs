using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>The migrations of a PostgreSQL database: all in one transaction under an advisory lock, so that of many silos that start at
/// once one does it, the others wait and find nothing to do, and a crash half-way leaves the old schema.</summary>
internal static class PostgresMigrations
{
    /// <summary>Any number that others don't use on purpose: "fabric" as bytes.</summary>
    private const long Lock = 0x666162726963;

    // Transactions begin to count anew on another server (a dump that was restored). Every event that is seen was written by a
    // transaction below the snapshot's end; if one was not, its number comes from elsewhere, and ours go on after it.
    private const string GoOnNumbering = """
        UPDATE event_base SET base = seen.last - pg_snapshot_xmin(pg_current_snapshot())::text::bigint + 1
        FROM (SELECT greatest((SELECT max(seq) FROM event), (SELECT max(seq) FROM event_cursor)) >> 16 AS last) seen
        WHERE seen.last >= base + pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        """;

    /// <summary>Brings the schema up to date. A database from a newer Fabric is refused.</summary>
    public static async Task<bool> Run(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        // Whoever waits for the lock may wait longer than for a row, and a change of a large table takes its time.
        await connection.Run("SET LOCAL lock_timeout = 0", []);
        await connection.Run("SET LOCAL statement_timeout = 0", []);
        await connection.Run($"SELECT pg_advisory_xact_lock({Lock})", []);
        await connection.Run("CREATE TABLE IF NOT EXISTS migration (number integer PRIMARY KEY, name text NOT NULL)", []);
        await using var last = connection.Command("SELECT coalesce(max(number), 0) FROM migration");
        var done = (int)(await last.ExecuteScalarAsync())!;
        foreach (var (number, name, sql) in Migration.Missing(Migration.All("Postgres"), done))
        {
            await connection.Run(sql, []);
            await connection.Run("INSERT INTO migration (number, name) VALUES ($1, $2)", [number, name]);
        }

        await connection.Run(GoOnNumbering, []);
        await transaction.CommitAsync();
        return true;
    }
}
