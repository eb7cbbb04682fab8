using System.Globalization;
using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Fabric.Grains.Storage.Postgres;

/// <summary>Records in a PostgreSQL database, which many processes share. Reads take a connection of a pool; writes go to
/// <see cref="PostgresWriter"/>.</summary>
internal sealed class PostgresDatabase : IRecordDatabase, IAsyncDisposable
{
    private readonly PostgresVersions versions;
    private readonly Lazy<PostgresWriter> writer;

    /// <summary>Says where the server is; nothing is opened yet.</summary>
    public PostgresDatabase(string connectionString, ILoggerFactory loggers, Func<WritePermit>? permit = null)
    {
        Connections = new(connectionString, loggers);
        versions = new(Connections);
        writer = new(() => new(Connections, permit ?? NoEnd, loggers.CreateLogger<PostgresWriter>()));
    }

    /// <summary>The way to the server, for what else is kept there.</summary>
    public PostgresConnections Connections { get; }

    /// <inheritdoc/>
    public async Task Open(CancellationToken ct)
    {
        try
        {
            await Connections.Read(static connection => PostgresMigrations.Run(connection), Timeout.InfiniteTimeSpan, ct);
        }
        catch (PostgresException refused) when (refused.SqlState is ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName
            or PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new DatabaseRefusedException($"the database cannot be used: {refused.MessageText}", refused);
        }
        catch (Fault away) when (away.Kind == FaultKind.Unavailable)
        {
            throw new DatabaseRefusedException("the database does not answer", away);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredRecord?> Read(string kind, string id, CancellationToken ct)
    {
        const string Sql = "SELECT etag, doc FROM resource WHERE kind = $1 AND id = $2";
        if (!PostgresQuery.CanHold(id))
            return null;
        return await Connections.Read(
            connection => One(connection, Sql, [kind, id], static row => new StoredRecord(row.GetInt64(0), Doc(row, 1))), ct);
    }

    /// <inheritdoc/>
    public Task<long> Write(RecordWrite write, CancellationToken ct) => writer.Value.Enqueue(new(write, writer.Value.Life));

    /// <inheritdoc/>
    public Task Clear(RecordKey key, long? expectedEtag, IReadOnlyList<ResourceEvent> events, CancellationToken ct) =>
        writer.Value.Enqueue(new(key, expectedEtag, events, writer.Value.Life));

    /// <inheritdoc/>
    public async ValueTask Visit(ResourceQuery query, int? limit, bool withDocs, RecordVisitor visit, CancellationToken ct)
    {
        // A question may be asked again when the server was lost, but not to a visitor who has seen part of the answer.
        var begun = false;
        await Connections.Read(async connection =>
        {
            if (begun)
                throw Fault.Unavailable("The database went away in the middle of a list; try again.");
            var marker = query.Paging?.Marker is { } id ? await Marker(connection, query, id) : null;
            var asked = PostgresQuery.Rows(query, marker, limit, withDocs);
            if (asked.MatchesNothing)
                return false;
            await using var command = asked.Command(connection);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                begun = true;
                if (!(withDocs ? visit("", rows.GetInt64(0), Doc(rows, 1)) : visit(rows.GetString(0), 0, [])))
                    break;
            }

            return true;
        }, ct);
    }

    /// <inheritdoc/>
    public ValueTask<int> Count(ResourceQuery query, CancellationToken ct) => Connections.Read(async connection =>
    {
        var asked = PostgresQuery.Count(query);
        if (asked.MatchesNothing)
            return 0;
        await using var command = asked.Command(connection);
        return (int)(long)(await command.ExecuteScalarAsync())!;
    }, ct);

    /// <inheritdoc/>
    public async ValueTask<RecordKey?> FindByUniqueKey(string key, CancellationToken ct)
    {
        const string Sql = "SELECT kind, id FROM resource_unique WHERE key = $1";
        if (!PostgresQuery.CanHold(key))
            return null;
        return await Connections.Read(
            connection => One(connection, Sql, [key], static row => (RecordKey?)new RecordKey(row.GetString(0), row.GetString(1))), ct);
    }

    /// <inheritdoc/>
    public ValueTask<long> Version(string kind, CancellationToken ct) => versions.Read([kind], ct);

    /// <inheritdoc/>
    public bool VersionsAreAtHand => false;

    /// <inheritdoc/>
    public ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct) => versions.Read(kinds, ct);

    /// <inheritdoc/>
    public async Task Abandon()
    {
        if (writer.IsValueCreated)
            await writer.Value.Abandon();
        await Connections.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (writer.IsValueCreated)
            await writer.Value.Finish();
        await Connections.DisposeAsync();
    }

    private static WritePermit NoEnd() => default;

    private static async Task<object> Marker(NpgsqlConnection connection, ResourceQuery query, string id)
    {
        var sql = $"SELECT {PostgresQuery.Column(query.Sort)} FROM resource WHERE kind = $1 AND id = $2";
        var found = PostgresQuery.CanHold(id) ? await One(connection, sql, [query.Kind, id], static row => row.GetValue(0)) : null;
        return found
            ?? throw Fault.BadRequest("MarkerNotFound", string.Create(CultureInfo.InvariantCulture, $"Marker {id} could not be found."));
    }

    private static async Task<T?> One<T>(NpgsqlConnection connection, string sql, string[] values, Func<NpgsqlDataReader, T> shape)
    {
        await using var command = connection.Command(sql, values);
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? shape(row) : default;
    }

    private static byte[] Doc(NpgsqlDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
