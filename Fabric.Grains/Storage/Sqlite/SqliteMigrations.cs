namespace Fabric.Grains.Storage.Sqlite;

/// <summary>The migrations of a SQLite file: all in one exclusive transaction, so that a second process waits and then finds nothing to do,
/// and a crash half-way leaves the old schema.</summary>
internal static class SqliteMigrations
{
    /// <summary>Brings the schema up to date. A database from a newer Fabric is refused.</summary>
    public static void Run(SqliteSession session)
    {
        session.Execute("BEGIN EXCLUSIVE");
        try
        {
            session.Execute("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT");
            foreach (var (number, name, sql) in Migration.Missing(Migration.All("Sqlite"), Last(session)))
            {
                session.Execute(sql);
                using var log = session.Statement("INSERT INTO migration (number, name) VALUES (?1, ?2)");
                log.Bind(1, number).Bind(2, name).Run();
            }

            session.Execute("COMMIT");
        }
        finally
        {
            session.Rollback();
        }
    }

    private static int Last(SqliteSession session)
    {
        using var last = session.Statement("SELECT coalesce(max(number), 0) FROM migration");
        return last.Step() ? (int)last.Int64(0) : 0;
    }
}
