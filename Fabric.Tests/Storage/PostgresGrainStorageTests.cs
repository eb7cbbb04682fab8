using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fabric.Tests.Storage;

/// <summary>The contract on PostgreSQL.</summary>
public sealed class PostgresGrainStorageTests : GrainStorageContract
{
    private readonly PostgresFixture postgres = new();

    private protected override IRecordDatabase Database => postgres.Database;

    private protected override IOutbox Outbox => postgres.Outbox;

    public override Task InitializeAsync() => postgres.Open();

    public override Task DisposeAsync() => postgres.DisposeAsync().AsTask();
}

/// <summary>A database of a test's own on the server that tests share.</summary>
internal sealed class PostgresFixture : IAsyncDisposable
{
    private PostgresDatabase? database;

    public PostgresDatabase Database => database!;

    public string Connection { get; private set; } = "";

    public IOutbox Outbox => new SettledOutbox(Connection, new PostgresOutbox(Database, TimeProvider.System));

    /// <summary>Another process, so to speak, on the same database.</summary>
    public static async Task<PostgresDatabase> Open(string connection)
    {
        var opened = new PostgresDatabase(connection, NullLoggerFactory.Instance);
        await opened.Open(default);
        return opened;
    }

    public async Task Open()
    {
        Connection = await PrivatePostgres.Database();
        database = await Open(Connection);
    }

    public async Task Reopen()
    {
        await Database.DisposeAsync();
        database = await Open(Connection);
    }

    /// <summary>Runs a statement of the test's own.</summary>
    public async Task<object?> Run(string sql)
    {
        await using var source = NpgsqlDataSource.Create(Connection + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
            await database.DisposeAsync();
    }

    /// <summary>An event is shown when no older transaction runs on the server any more, and tests of other classes have theirs: waits for
    /// those that had begun before it was asked.</summary>
    private sealed class SettledOutbox(string connection, IOutbox outbox) : IOutbox
    {
        public async Task<IReadOnlyList<OutboxEvent>> Read(string consumer, int max, CancellationToken ct)
        {
            await using var source = NpgsqlDataSource.Create(connection + ";Pooling=false");
            var now = await Number(source, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint");
            await Eventually.True(
                async () => await Number(source, "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint") >= now,
                "older transactions have ended");
            return await outbox.Read(consumer, max, ct);
        }

        public Task Advance(string consumer, long seq, CancellationToken ct) => outbox.Advance(consumer, seq, ct);

        public Task<bool> Prune(CancellationToken ct) => outbox.Prune(ct);

        private static async Task<long> Number(NpgsqlDataSource source, string sql)
        {
            await using var command = source.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }
}
