using Npgsql;
using NpgsqlTypes;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>One writer's connection, which it keeps: with a number of its own among all writers of the database, a block of etags, and the
/// one statement, prepared.</summary>
internal sealed class PostgresWriterSession(PostgresConnections connections) : IAsyncDisposable
{
    private const int EtagsPerBlock = 10_000;

    /// <summary>Writers' numbers are advisory locks of this class, so that a number is free again when its owner is gone.</summary>
    private const string NumberLock = "1717658231";

    private const string Claim = $"""
        SELECT n, nextval('etag_block') FROM generate_series(0, 1023) n WHERE pg_try_advisory_lock({NumberLock}, n) LIMIT 1
        """;

    private const string Write =
        "SELECT nth, stored, taken FROM fabric_write_2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

    /// <summary>What a session that was lost had on its way must not come after what this one writes.</summary>
    private const string EndFormer =
        "SELECT pg_terminate_backend(pid, 3000) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2";

    private const string Self = "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()";

    private NpgsqlConnection? connection;
    private NpgsqlCommand? write;
    private int number;
    private long nextEtag;
    private long endOfEtags;
    private (int Pid, DateTime Start) self;

    /// <summary>True when the server can be asked.</summary>
    public bool IsOpen => connection is { FullState: System.Data.ConnectionState.Open };

    /// <summary>Connects, and ends what is left of the session before.</summary>
    public async Task Open(PostgresWriterSession? former)
    {
        connection = await connections.OpenWriter();
        if (former is { self.Pid: not 0 })
            await End(former.self);
        await using (var ask = connection.Command(Self))
        await using (var row = await ask.ExecuteReaderAsync())
        {
            if (await row.ReadAsync())
                self = (row.GetInt32(0), row.GetDateTime(1));
        }

        await using var claim = connection.Command(Claim);
        await using (var row = await claim.ExecuteReaderAsync())
        {
            if (!await row.ReadAsync())
                throw new NpgsqlException("More than a thousand writers are connected to one database.");
            (number, nextEtag) = (row.GetInt32(0), row.GetInt64(1));
            endOfEtags = nextEtag + EtagsPerBlock;
        }

        write = Prepared(connection);
        await write.PrepareAsync();
    }

    /// <summary>Sends the writes as one transaction, for a writer whose lease ends then. Gives those that were refused, by their place:
    /// with the etag that is stored, or the key that is taken.</summary>
    public async Task<Dictionary<int, (long? Stored, string? Taken)>> Send(
        IReadOnlyList<PostgresWrite> batch, DateTimeOffset? leaseUntil)
    {
        foreach (var one in batch.Where(static one => one.Row is not null && one.Etag is null))
            one.Etag = await NextEtag();
        Bind(batch, leaseUntil);
        foreach (var one in batch)
            one.IsSent = true;
        Dictionary<int, (long? Stored, string? Taken)> refused = [];
        await using var rows = await write!.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            long? stored = await rows.IsDBNullAsync(1) ? null : rows.GetInt64(1);
            refused.Add((int)rows.GetInt64(0) - 1, (stored, await rows.IsDBNullAsync(2) ? null : rows.GetString(2)));
        }

        // The rows come before the commit; its success is told at the end of the answer alone.
        await rows.NextResultAsync();
        return refused;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (write is not null)
            await write.DisposeAsync();
        if (connection is not null)
            await connection.DisposeAsync();
    }

    private async Task End((int Pid, DateTime Start) other)
    {
        await using var end = connection!.Command(EndFormer);
        end.Parameters.Add(new() { Value = other.Pid });
        end.Parameters.Add(new() { Value = other.Start });
        if (await end.ExecuteScalarAsync() is false)
            throw new NpgsqlException("A session that was lost does not end.");
    }

    private async Task<long> NextEtag()
    {
        if (nextEtag == endOfEtags)
        {
            await using var block = connection!.Command("SELECT nextval('etag_block')");
            nextEtag = (long)(await block.ExecuteScalarAsync())!;
            endOfEtags = nextEtag + EtagsPerBlock;
        }

        return nextEtag++;
    }

    private static NpgsqlCommand Prepared(NpgsqlConnection connection)
    {
        const NpgsqlDbType Texts = NpgsqlDbType.Array | NpgsqlDbType.Text;
        const NpgsqlDbType Numbers = NpgsqlDbType.Array | NpgsqlDbType.Bigint;
        NpgsqlDbType[] types =
        [
            NpgsqlDbType.Bigint, NpgsqlDbType.Integer, Texts, Texts, Numbers, Numbers, Texts, Texts, Texts, Numbers, Numbers, Texts, Texts,
            Texts, Texts,
        ];
        var command = new NpgsqlCommand(Write, connection);
        foreach (var type in types)
            command.Parameters.Add(new() { NpgsqlDbType = type });
        return command;
    }

    private void Bind(IReadOnlyList<PostgresWrite> batch, DateTimeOffset? leaseUntil)
    {
        object[] values =
        [
            leaseUntil is { } until ? RecordTime.Micros(until) : DBNull.Value,
            number,
            All(static one => one.Key.Kind),
            All(static one => one.Key.Id),
            All(static one => one.Expected),
            All(static one => one.Etag),
            All(static one => one.Row is null ? null : one.Row.ProjectId ?? ""),
            All(static one => one.Row?.Name ?? ""),
            All(static one => one.Row?.Status ?? ""),
            All(static one => one.Row is { } row ? RecordTime.Micros(row.CreatedAt) : 0),
            All(static one => one.Row is { } row ? RecordTime.Micros(row.UpdatedAt) : 0),
            All(static one => one.Refs),
            All(static one => one.Keys),
            All(static one => one.Events),
            All(static one => one.Doc),
        ];
        for (var i = 0; i < values.Length; i++)
            write!.Parameters[i].Value = values[i];

        T[] All<T>(Func<PostgresWrite, T> column)
        {
            var all = new T[batch.Count];
            for (var i = 0; i < all.Length; i++)
                all[i] = column(batch[i]);
            return all;
        }
    }
}
