using System.Collections.Concurrent;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Npgsql;
using Orleans.Storage;

namespace Fabric.Tests.Storage;

/// <summary>Several processes on one database: what SQLite never meets.</summary>
public sealed class PostgresWritersTests : IAsyncLifetime
{
    private const string Kind = "test";

    private readonly PostgresFixture postgres = new();
    private PostgresDatabase other = null!;

    public async Task InitializeAsync()
    {
        await postgres.Open();
        other = await PostgresFixture.Open(postgres.Connection);
    }

    public async Task DisposeAsync()
    {
        if (other is not null)
            await other.DisposeAsync();
        await postgres.DisposeAsync();
    }

    [SkippableFact]
    public async Task Of_two_processes_that_write_a_record_at_once_exactly_one_wins()
    {
        var etag = await Write(postgres.Database, "a", null);
        for (var round = 0; round < 100; round++)
        {
            var expected = etag;
            var both = new[] { postgres.Database, other }.Select(one => Task.Run(() => Write(one, "a", expected))).ToList();
            await Task.WhenAll(both.Select(static write => Record.ExceptionAsync(() => write)));
            var won = Assert.Single(both, static write => write.IsCompletedSuccessfully);
            Assert.IsType<InconsistentStateException>(Assert.Single(both, write => write != won).Exception!.InnerException);
            etag = won.Result;
            Assert.Equal(etag, (await other.Read(Kind, "a", default))!.Etag);
        }
    }

    [SkippableFact]
    public async Task Of_many_that_make_a_record_or_take_a_key_at_once_exactly_one_does()
    {
        for (var round = 0; round < 50; round++)
        {
            var (id, key) = ($"r{round}", $"k{round}");
            var made = Enumerable.Range(0, 6).Select(i => Task.Run(() => Write(i % 2 == 0 ? postgres.Database : other, id, null))).ToList();
            await Task.WhenAll(made.Select(static write => Record.ExceptionAsync(() => write)));
            _ = Assert.Single(made, static write => write.IsCompletedSuccessfully);
            var taken = Enumerable.Range(0, 6)
                .Select(i => Task.Run(() => Write(i % 2 == 0 ? postgres.Database : other, $"{key}-{i}", null, new() { Keys = [key] })))
                .ToList();
            await Task.WhenAll(taken.Select(static write => Record.ExceptionAsync(() => write)));
            _ = Assert.Single(taken, static write => write.IsCompletedSuccessfully);
            Assert.All(taken.Where(static write => write.IsFaulted), static write =>
                Assert.IsType<DuplicateKeyException>(write.Exception!.InnerException));
        }

        Assert.Equal(100, await other.Count(new(Kind), default));
    }

    [SkippableFact]
    public async Task A_version_read_after_a_write_was_answered_by_another_process_is_greater()
    {
        var seen = await other.Version(Kind, default);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var before = await other.Version(Kind, default);
                await Write(postgres.Database, $"{writer}-{i}", null);
                Assert.True(await other.Version(Kind, default) > before);
            }
        })));
        Assert.True(await other.Version(Kind, default) > seen);
        Assert.Equal(0, await other.Version("nothing of the kind", default));
    }

    [SkippableFact]
    public async Task A_write_that_cannot_be_done_fails_alone()
    {
        var writes = Enumerable.Range(0, 200)
            .Select(i => Write(postgres.Database, $"{i}", null, new() { Name = i % 50 == 7 ? "no text has a \0 in it" : "fine" })).ToList();
        await Task.WhenAll(writes.Select(static write => Record.ExceptionAsync(() => write)));
        Assert.Equal(4, writes.Count(static write => write.Exception?.InnerException is PostgresException));
        Assert.Equal(196, await other.Count(new(Kind) { Names = ["fine"] }, default));
    }

    [SkippableFact]
    public async Task A_reader_of_the_outbox_waits_for_a_transaction_that_began_earlier_and_commits_later()
    {
        await using var source = NpgsqlDataSource.Create(postgres.Connection);
        await using var connection = await source.OpenConnectionAsync();
        await using var early = await connection.BeginTransactionAsync();
        await using (var insert = new NpgsqlCommand("""
            INSERT INTO event VALUES ((pg_current_xact_id()::text::bigint << 16) + 1, 0, 'early', 'k', 'i', '', '{}')
            """, connection))
            await insert.ExecuteNonQueryAsync();
        await Write(postgres.Database, "a", null, new() { Events = [new("late", DateTimeOffset.UtcNow, "{}")] });
        var plain = new PostgresOutbox(other, TimeProvider.System);
        Assert.Empty(await plain.Read("c", 10, default));
        await early.CommitAsync();
        Assert.Equal(["early", "late"], (await postgres.Outbox.Read("c", 10, default)).Select(static one => one.Event.Type));
    }

    [SkippableFact]
    public async Task A_reader_who_follows_many_writers_sees_every_event_once()
    {
        const int Each = 40;
        var outbox = new PostgresOutbox(other, TimeProvider.System);
        var writers = Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < Each; i++)
            {
                var happened = new ResourceEvent($"{writer}-{i}", DateTimeOffset.UtcNow, "{}");
                await Write(writer % 2 == 0 ? postgres.Database : other, $"{writer}-{i}", null, new() { Events = [happened] });
            }
        })));
        List<string> seen = [];
        await Eventually.True(async () =>
        {
            for (IReadOnlyList<OutboxEvent> some; (some = await outbox.Read("c", 7, default)).Count > 0;)
            {
                seen.AddRange(some.Select(static one => one.Event.Type));
                await outbox.Advance("c", some[^1].Seq, default);
            }

            return writers.IsCompleted && seen.Count >= 20 * Each;
        }, () => $"all events are seen; {seen.Count} were", TimeSpan.FromSeconds(60));
        await writers;
        Assert.Equal(20 * Each, seen.Distinct().Count());
        Assert.Equal(20 * Each, seen.Count);
        foreach (var ofOne in seen.GroupBy(static type => type.Split('-')[0]))
            Assert.Equal(Enumerable.Range(0, Each).Select(i => $"{ofOne.Key}-{i}"), ofOne);
    }

    [SkippableFact]
    public async Task Events_go_on_after_those_that_came_with_the_data_from_another_server()
    {
        await postgres.Run("INSERT INTO event VALUES (1::bigint << 50, 0, 'from elsewhere', 'k', 'i', '', '{}')");
        await postgres.Reopen();
        await Write(postgres.Database, "a", null, new() { Events = [new("ours", DateTimeOffset.UtcNow, "{}")] });
        Assert.Equal(["from elsewhere", "ours"], (await postgres.Outbox.Read("c", 10, default)).Select(static one => one.Event.Type));
    }

    [SkippableFact]
    public async Task Connections_that_are_cut_under_load_lose_no_write_and_double_none()
    {
        ConcurrentDictionary<string, long> answered = [];
        using var enough = new CancellationTokenSource();
        var writers = Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                var happened = new ResourceEvent("made", DateTimeOffset.UtcNow, "{}");
                answered[$"{writer}-{i}"] = await Write(
                    postgres.Database, $"{writer}-{i}", null, new() { Keys = [$"{writer}-{i}"], Events = [happened] });
            }
        })));
        for (var cut = 0; cut < 15; cut++)
        {
            var before = answered.Count;
            await Eventually.True(() => answered.Count > before + 20 || writers.IsCompleted, "writes are answered");
            await postgres.Run("""
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE application_name = 'fabric' AND datname = current_database()
                """);
        }

        await enough.CancelAsync();
        // Each was answered with its etag, or the task would have failed: the second attempt knew what the first had done.
        await writers;
        var index = new ResourceIndex(other);
        Assert.Equal(answered.Keys.Order(StringComparer.Ordinal),
            await index.ListIds(new(Kind) { Sort = ResourceSort.Id, Descending = false }, default));
        foreach (var (id, etag) in answered)
            Assert.Equal(etag, (await other.Read(Kind, id, default))!.Etag);
        Assert.Equal((long)answered.Count, await postgres.Run("SELECT count(*) FROM event"));
    }

    [SkippableFact]
    public async Task Closing_finishes_what_is_queued_and_a_late_write_is_refused()
    {
        var writes = Enumerable.Range(0, 500).Select(i => Write(postgres.Database, $"{i}", null)).ToList();
        var closed = postgres.Database;
        await postgres.Reopen();
        await Task.WhenAll(writes);
        Assert.Equal(500, await other.Count(new(Kind), default));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Write(closed, "late", null));
    }

    private static Task<long> Write(IRecordDatabase database, string id, long? expected, TestRecord? record = null)
    {
        record ??= new();
        return database.Write(
            new()
            {
                Key = new(Kind, id),
                ExpectedEtag = expected,
                Row = record.ToRow(),
                Doc = "{}"u8.ToArray(),
                Events = record.Events,
            },
            default);
    }
}
