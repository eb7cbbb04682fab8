using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// One connection with its prepared statements, used by one thread at a time. Straight on SQLite's C API: through ADO.NET a single-row
/// read costs several times what SQLite itself takes, and every list copies each document once more.
/// </summary>
internal sealed class SqliteSession : IDisposable
{
    private const int BusyMilliseconds = 30_000;
    private readonly sqlite3 connection;
    private readonly Dictionary<string, SqliteStatement> statements = [];

    static SqliteSession() => Batteries_V2.Init();

    /// <summary>Opens the database file.</summary>
    /// <param name="path">The file; made when it is not there.</param>
    /// <param name="readOnly">True for a reader: nothing it does can change anything.</param>
    public SqliteSession(string path, bool readOnly)
    {
        const int Flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out connection, Flags, null);
        if (code != raw.SQLITE_OK)
            throw Error(connection, code, path);
        raw.sqlite3_busy_timeout(connection, BusyMilliseconds);
        EnterWal();
        Execute("PRAGMA synchronous = FULL");
        Execute("PRAGMA temp_store = MEMORY");
        Execute("PRAGMA foreign_keys = OFF");
        Execute("PRAGMA mmap_size = 67108864");
        // Readers are many and short: what they share is the page cache of the system, through the memory map.
        Execute(readOnly ? "PRAGMA cache_size = -1024" : "PRAGMA cache_size = -16384");
        if (readOnly)
            Execute("PRAGMA query_only = ON");
    }

    /// <summary>A prepared statement, made at its first use. Dispose it to give it back.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
            statements.Add(sql, statement = new(connection, sql));
        return statement.Begin();
    }

    /// <summary>Runs statements that are not worth keeping.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(connection, sql);
        if (code != raw.SQLITE_OK)
            throw Error(connection, code, sql);
    }

    /// <summary>Undoes the open transaction, if one is: some errors have ended it already.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(connection) == 0)
            Execute("ROLLBACK");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in statements.Values)
            statement.Free();
        statements.Clear();
        connection.Dispose();
    }

    /// <summary>The first connection to a new file turns it to WAL, under a lock for which SQLite lets nobody wait, whatever the busy
    /// timeout says: two that open at once would refuse each other.</summary>
    private void EnterWal()
    {
        const string Sql = "PRAGMA journal_mode = WAL";
        const int Pause = 5;
        for (var waited = 0; ; waited += Pause)
        {
            var code = raw.sqlite3_exec(connection, Sql);
            if (code == raw.SQLITE_OK)
                return;
            if (code != raw.SQLITE_BUSY || waited >= BusyMilliseconds)
                throw Error(connection, code, Sql);
            Thread.Sleep(Pause);
        }
    }

    internal static SqliteException Error(sqlite3? connection, int code, string? about = null)
    {
        var message = connection is null ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(connection).utf8_to_string();
        var extended = connection is null ? code : raw.sqlite3_extended_errcode(connection);
        return new(about is null ? $"SQLite: {message}" : $"SQLite: {message} ({about})", code, extended);
    }
}
