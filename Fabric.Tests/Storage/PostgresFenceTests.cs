using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Fabric.Tests.Storage;

/// <summary>A process that has lost its place in the cluster writes nothing any more, whatever it had on its way.</summary>
public sealed class PostgresFenceTests : IAsyncLifetime
{
    private readonly PostgresFixture postgres = new();
    private PostgresDatabase member = null!;
    private WritePermit permit;

    public async Task InitializeAsync()
    {
        await postgres.Open();
        member = new PostgresDatabase(postgres.Connection, NullLoggerFactory.Instance, () => permit);
        await member.Open(default);
    }

    public async Task DisposeAsync()
    {
        if (member is not null)
            await member.DisposeAsync();
        await postgres.DisposeAsync();
    }

    [SkippableFact]
    public async Task A_write_that_comes_after_the_end_of_the_lease_waits_for_the_next_one()
    {
        permit = new(0, DateTimeOffset.UtcNow.AddHours(-1));
        var late = Write("a");
        await postgres.Run("SELECT pg_sleep(0.3)");
        Assert.False(late.IsCompleted);
        Assert.Null(await member.Read("test", "a", default));
        permit = new(0, DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(await late, (await member.Read("test", "a", default))!.Etag);
    }

    [SkippableFact]
    public async Task What_was_asked_for_in_a_former_life_is_not_done_in_the_next()
    {
        permit = new(0, DateTimeOffset.UtcNow.AddHours(-1));
        var former = Write("a");
        permit = new(1, DateTimeOffset.UtcNow.AddHours(1));
        Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => former)).Kind);
        Assert.Null(await member.Read("test", "a", default));
        await Write("a");
    }

    [SkippableFact]
    public async Task Who_judges_the_members_waits_for_what_has_begun()
    {
        await using var source = NpgsqlDataSource.Create($"{postgres.Connection};Pooling=false");
        await using var blocker = await source.OpenConnectionAsync();
        await using var transaction = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("INSERT INTO resource_unique VALUES ('k', 'test', 'other')", blocker))
            await hold.ExecuteNonQueryAsync();
        permit = new(0, DateTimeOffset.UtcNow.AddHours(1));
        var begun = Write("a", "k");
        const string Locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted";
        await Eventually.True(async () => (long)(await postgres.Run(Locks))! > 0, "the write has begun");
        var judged = postgres.Run("SELECT pg_advisory_xact_lock(hashtext('orleans_lease'))");
        await postgres.Run("SELECT pg_sleep(0.3)");
        Assert.False(judged.IsCompleted);
        await transaction.RollbackAsync();
        await judged;
        Assert.NotNull(await member.Read("test", "a", default));
        await begun;
    }

    [SkippableFact]
    public async Task A_session_that_was_lost_is_ended_before_its_writes_are_sent_again()
    {
        // Enough to have all connections open.
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Write($"{i}")));
        const string Writers = "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE query LIKE '%fabric_write%' "
            + "AND datname = current_database() AND pid <> pg_backend_pid()";
        var writers = $"{await postgres.Run(Writers)}".Split(',')
            .Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture)).ToList();
        writers.ForEach(static writer => PrivatePostgres.Signal("STOP", writer));
        var written = Write("b");
        try
        {
            await Eventually.True(() => written.IsCompleted, "the write is given up", TimeSpan.FromSeconds(60));
        }
        finally
        {
            writers.ForEach(static writer => PrivatePostgres.Signal("CONT", writer));
        }

        Assert.NotNull(await Record.ExceptionAsync(() => written));
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Write($"after {i}")));
        var after = $"{await postgres.Run(Writers)}".Split(',');
        // Those that nobody had asked anything may live on.
        Assert.Contains(writers, writer => !after.Contains($"{writer}"));
    }

    private Task<long> Write(string id, params string[] keys) => member.Write(
        new() { Key = new("test", id), ExpectedEtag = null, Row = new TestRecord { Keys = keys }.ToRow(), Doc = "1"u8.ToArray() }, default);
}
