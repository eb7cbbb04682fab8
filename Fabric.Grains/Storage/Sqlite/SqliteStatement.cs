using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>A prepared statement, used again and again by one thread at a time. Disposing gives it back, with nothing bound and no read
/// open.</summary>
internal sealed class SqliteStatement(sqlite3 connection, string sql) : IDisposable
{
    private readonly sqlite3_stmt handle = Prepare(connection, sql);
    private bool inUse;

    /// <summary>Begins a use.</summary>
    public SqliteStatement Begin()
    {
        if (inUse)
            throw new InvalidOperationException($"The statement is in use: {sql}");
        inUse = true;
        return this;
    }

    public SqliteStatement Bind(int position, string value)
    {
        Check(raw.sqlite3_bind_text(handle, position, value));
        return this;
    }

    public SqliteStatement Bind(int position, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, position, value));
        return this;
    }

    /// <summary>Binds text that is UTF-8 already.</summary>
    public SqliteStatement BindUtf8(int position, ReadOnlySpan<byte> value)
    {
        Check(raw.sqlite3_bind_text(handle, position, value));
        return this;
    }

    /// <summary>Moves to the next row; false after the last.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code is raw.SQLITE_ROW or raw.SQLITE_DONE)
            return code == raw.SQLITE_ROW;
        throw SqliteSession.Error(connection, code);
    }

    /// <summary>Runs a statement that has no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    /// <summary>The bytes of a text; gone with the next step.</summary>
    public ReadOnlySpan<byte> Utf8(int column) => raw.sqlite3_column_blob(handle, column);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The answer repeats the last step's error, which was thrown already.
        raw.sqlite3_reset(handle);
        raw.sqlite3_clear_bindings(handle);
        inUse = false;
    }

    /// <summary>Frees it for good.</summary>
    public void Free() => handle.Dispose();

    private static sqlite3_stmt Prepare(sqlite3 connection, string sql)
    {
        var code = raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle);
        return code == raw.SQLITE_OK ? handle : throw SqliteSession.Error(connection, code, sql);
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw SqliteSession.Error(connection, code);
    }
}
