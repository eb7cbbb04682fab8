using System.Globalization;
using Orleans.Storage;

namespace Fabric.Grains.Storage.Sqlite;

/// <summary>
/// What one write does inside the writer's transaction. Nobody else writes, so what is checked here stays true until the commit:
/// everything that can be refused is looked at first, and only then is anything changed. What did not change is not written: an update
/// that only moves the status touches one index, not five trees.
/// </summary>
internal static class SqliteRecordWrites
{
    /// <summary>Writes the record when its etag is the one expected, and gives the new etag.</summary>
    public static long Write(SqliteSession session, RecordWrite write, long newEtag)
    {
        var row = Columns.Of(write.Row);
        var stored = Columns.Read(session, write.Key);
        CheckEtag(write.Key, stored?.Etag, write.ExpectedEtag);
        var keys = write.Row.UniqueKeys;
        CheckKeys(session, write.Key, keys);
        if (stored is not { } old)
            Insert(session, write, row, newEtag);
        else
            Update(session, write, row, old, newEtag);
        WriteRefs(session, write.Key, write.Row.Refs, isNew: stored is null);
        WriteKeys(session, write.Key, keys, isNew: stored is null);
        WriteEvents(session, write.Key, row.ProjectId, write.Events);
        return newEtag;
    }

    /// <summary>Removes the record when its etag is the one expected.</summary>
    public static bool Clear(SqliteSession session, RecordKey key, long? expectedEtag, IReadOnlyList<ResourceEvent> events)
    {
        var stored = Columns.Read(session, key);
        CheckEtag(key, stored?.Etag, expectedEtag);
        WriteEvents(session, key, stored?.ProjectId ?? "", events);
        if (stored is not { } old)
            return false;
        using (var delete = session.Statement("DELETE FROM resource WHERE seq = ?1"))
            delete.Bind(1, old.Seq).Run();
        WriteRefs(session, key, [], isNew: false);
        WriteKeys(session, key, [], isNew: false);
        return true;
    }

    private static void CheckEtag(RecordKey key, long? stored, long? expected)
    {
        if (stored == expected)
            return;
        var message = $"The record {key.Kind}/{key.Id} was changed by another writer.";
        throw new InconsistentStateException(message, Text(stored), Text(expected));

        static string? Text(long? etag) => etag?.ToString(CultureInfo.InvariantCulture);
    }

    private static void CheckKeys(SqliteSession session, RecordKey key, IReadOnlyList<string> keys)
    {
        foreach (var unique in keys)
        {
            using var holder = session.Statement("SELECT kind, id FROM resource_unique WHERE key = ?1").Bind(1, unique);
            if (holder.Step() && (holder.Text(0) != key.Kind || holder.Text(1) != key.Id))
                throw new DuplicateKeyException(unique);
        }
    }

    private static void Insert(SqliteSession session, RecordWrite write, Columns row, long etag)
    {
        using var insert = session.Statement("""
            INSERT INTO resource (kind, id, project_id, name, status, created_at, updated_at, etag, doc)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """);
        insert.Bind(1, write.Key.Kind).Bind(2, write.Key.Id).Bind(3, row.ProjectId).Bind(4, row.Name).Bind(5, row.Status)
            .Bind(6, row.CreatedAt).Bind(7, RecordTime.Micros(write.Row.UpdatedAt)).Bind(8, etag).BindUtf8(9, write.Doc.Span).Run();
    }

    /// <summary>SQLite rewrites the index entry of every column that is set, changed or not: so there are three statements.</summary>
    private static void Update(SqliteSession session, RecordWrite write, Columns row, Columns old, long etag)
    {
        var sameStatus = row.Status == old.Status;
        var sameRest = row.ProjectId == old.ProjectId && row.Name == old.Name && row.CreatedAt == old.CreatedAt;
        using var update = session.Statement((sameRest, sameStatus) switch
        {
            (true, true) => "UPDATE resource SET updated_at = ?1, etag = ?2, doc = ?3 WHERE seq = ?4",
            (true, false) => "UPDATE resource SET updated_at = ?1, etag = ?2, doc = ?3, status = ?5 WHERE seq = ?4",
            _ => """
                UPDATE resource SET updated_at = ?1, etag = ?2, doc = ?3, status = ?5, project_id = ?6, name = ?7, created_at = ?8
                WHERE seq = ?4
                """,
        });
        update.Bind(1, RecordTime.Micros(write.Row.UpdatedAt)).Bind(2, etag).BindUtf8(3, write.Doc.Span).Bind(4, old.Seq);
        if (!sameRest || !sameStatus)
            update.Bind(5, row.Status);
        if (!sameRest)
            update.Bind(6, row.ProjectId).Bind(7, row.Name).Bind(8, row.CreatedAt);
        update.Run();
    }

    private static void WriteRefs(SqliteSession session, RecordKey key, IReadOnlyList<ResourceRef> wanted, bool isNew)
    {
        const string Stored = "SELECT name, value FROM resource_ref WHERE kind = ?1 AND id = ?2";
        var old = isNew ? [] : Read(session, key, Stored, static row => new ResourceRef(row.Text(0), row.Text(1)));
        foreach (var gone in old.Except(wanted))
        {
            using var delete = session.Statement("DELETE FROM resource_ref WHERE kind = ?1 AND id = ?2 AND name = ?3 AND value = ?4");
            delete.Bind(1, key.Kind).Bind(2, key.Id).Bind(3, gone.Name).Bind(4, gone.Value).Run();
        }

        foreach (var added in wanted.Except(old))
        {
            using var insert = session.Statement("INSERT INTO resource_ref (kind, id, name, value) VALUES (?1, ?2, ?3, ?4)");
            insert.Bind(1, key.Kind).Bind(2, key.Id).Bind(3, added.Name).Bind(4, added.Value).Run();
        }
    }

    private static void WriteKeys(SqliteSession session, RecordKey key, IReadOnlyList<string> wanted, bool isNew)
    {
        const string Stored = "SELECT key FROM resource_unique WHERE kind = ?1 AND id = ?2";
        var old = isNew ? [] : Read(session, key, Stored, static row => row.Text(0));
        foreach (var gone in old.Except(wanted))
        {
            using var delete = session.Statement("DELETE FROM resource_unique WHERE key = ?1");
            delete.Bind(1, gone).Run();
        }

        foreach (var added in wanted.Except(old))
        {
            using var insert = session.Statement("INSERT INTO resource_unique (key, kind, id) VALUES (?1, ?2, ?3)");
            insert.Bind(1, added).Bind(2, key.Kind).Bind(3, key.Id).Run();
        }
    }

    private static void WriteEvents(SqliteSession session, RecordKey key, string projectId, IReadOnlyList<ResourceEvent> events)
    {
        foreach (var happened in events)
        {
            using var insert = session.Statement(
                "INSERT INTO event (at, type, kind, id, project_id, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
            insert.Bind(1, RecordTime.Micros(happened.At)).Bind(2, happened.Type).Bind(3, key.Kind).Bind(4, key.Id).Bind(5, projectId)
                .Bind(6, happened.Payload).Run();
        }
    }

    private static List<T> Read<T>(SqliteSession session, RecordKey key, string sql, Func<SqliteStatement, T> shape)
    {
        using var rows = session.Statement(sql).Bind(1, key.Kind).Bind(2, key.Id);
        List<T> found = [];
        while (rows.Step())
            found.Add(shape(rows));
        return found;
    }

    /// <summary>A row's indexed columns.</summary>
    private readonly record struct Columns(long Seq, long Etag, string ProjectId, string Name, string Status, long CreatedAt)
    {
        public static Columns Of(ResourceRow row) =>
            new(0, 0, row.ProjectId ?? "", row.Name ?? "", row.Status ?? "", RecordTime.Micros(row.CreatedAt));

        public static Columns? Read(SqliteSession session, RecordKey key)
        {
            using var row = session.Statement(
                "SELECT seq, etag, project_id, name, status, created_at FROM resource WHERE kind = ?1 AND id = ?2");
            return row.Bind(1, key.Kind).Bind(2, key.Id).Step()
                ? new Columns(row.Int64(0), row.Int64(1), row.Text(2), row.Text(3), row.Text(4), row.Int64(5))
                : null;
        }
    }
}
