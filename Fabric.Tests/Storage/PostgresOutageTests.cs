using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Orleans.Storage;

namespace Fabric.Tests.Storage;

/// <summary>The server dies, stops answering, comes back.</summary>
public sealed class PostgresOutageTests
{
    /// <summary>What patience there is, and the time that one attempt at a server that does not answer may take.</summary>
    private static readonly TimeSpan Bound = PostgresConnections.Patience + TimeSpan.FromSeconds(20);

    [SkippableFact]
    public async Task A_server_that_is_killed_under_load_and_comes_back_has_every_answered_write()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var database = await PostgresFixture.Open(await postgres.CreateDatabase());
        ConcurrentDictionary<string, (long Etag, int Version)> answered = [];
        using var enough = new CancellationTokenSource();
        var writers = Task.WhenAll(Enumerable.Range(0, 30).Select(writer =>
            Task.Run(() => Update(database, $"{writer}", answered, enough.Token))));
        for (var crash = 0; crash < 3; crash++)
        {
            var before = answered.Values.Sum(static one => one.Version);
            await Eventually.True(
                () => writers.IsCompleted || answered.Values.Sum(static one => one.Version) > before + 300, "writes are answered");
            await postgres.Kill();
            await postgres.Restart();
        }

        await enough.CancelAsync();
        await writers;
        foreach (var (id, (etag, version)) in answered)
        {
            var stored = await database.Read("test", id, default);
            Assert.Equal((etag, $"{version}"), (stored!.Etag, Encoding.UTF8.GetString(stored.Doc)));
        }
    }

    [SkippableFact]
    public async Task While_the_server_is_away_all_fails_as_unavailable_in_bounded_time_and_heals_by_itself()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var database = await PostgresFixture.Open(await postgres.CreateDatabase());
        var etag = await Write(database, "a", null, "1");
        await postgres.Stop();
        var began = Stopwatch.GetTimestamp();
        Task[] reads =
        [
            database.Read("test", "a", default).AsTask(),
            database.Version("test", default).AsTask(),
            database.Count(new("test"), default).AsTask(),
            new ResourceIndex(database).ListIds(new("test"), default),
            new PostgresReminderTable(database).ReadRows(0, 0),
            new PostgresOutbox(database, TimeProvider.System).Advance("c", 1, default),
        ];
        var writes = Enumerable.Range(0, 400).Select(i => Record.ExceptionAsync(() => Write(database, $"new{i}", null, "1"))).ToList();
        foreach (var one in reads)
            Assert.Equal(FaultKind.Unavailable, (await Assert.ThrowsAsync<Fault>(() => one)).Kind);
        // What went into a connection that was open a moment ago may have been done, for all that its writer can know.
        foreach (var failure in await Task.WhenAll(writes))
            Assert.True(failure is Fault { Kind: FaultKind.Unavailable } or InconsistentStateException, $"{failure}");
        Assert.True(Stopwatch.GetElapsedTime(began) < Bound, "They failed too late.");
        await postgres.Restart();
        Assert.Equal(etag, (await database.Read("test", "a", default))!.Etag);
        await Write(database, "a", etag, "2");
        Assert.Equal(1, await database.Count(new("test"), default));
    }

    [SkippableFact]
    public async Task A_write_whose_answer_never_comes_is_told_as_unknown_and_one_that_was_not_sent_did_not_happen()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var database = await PostgresFixture.Open(await postgres.CreateDatabase());
        // Enough to have all connections open.
        var etags = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => Write(database, $"{i}", null, "1")));
        postgres.Freeze();
        var failures = await Task.WhenAll(Enumerable.Range(0, 1_000)
            .Select(i => Record.ExceptionAsync(() => Write(database, $"{i}", etags[i], "2").WaitAsync(Bound))));
        postgres.Thaw();
        Assert.Contains(failures, static failure => failure is InconsistentStateException);
        for (var i = 0; i < failures.Length; i++)
        {
            if (failures[i] is InconsistentStateException)
                continue;
            Assert.Equal(FaultKind.Unavailable, Assert.IsType<Fault>(failures[i]).Kind);
            Assert.Equal(etags[i], (await database.Read("test", $"{i}", default))!.Etag);
        }
    }

    [SkippableFact]
    public async Task A_pause_of_the_server_is_a_pause_and_nothing_fails()
    {
        await using var postgres = await PrivatePostgres.Start();
        await using var database = await PostgresFixture.Open(await postgres.CreateDatabase());
        var etag = await Write(database, "a", null, "1");
        await postgres.Stop();
        var written = Write(database, "a", etag, "2");
        var read = database.Version("test", default).AsTask();
        await postgres.Restart();
        await written;
        Assert.True(await read >= 1);
    }

    /// <summary>Writes one record again and again. Each write is answered with its etag, also one whose first attempt met the crash: or
    /// the next would be refused.</summary>
    private static async Task Update(
        PostgresDatabase database, string id, ConcurrentDictionary<string, (long Etag, int Version)> answered, CancellationToken enough)
    {
        long? etag = null;
        for (var version = 1; !enough.IsCancellationRequested; version++)
        {
            etag = await Write(database, id, etag, $"{version}");
            answered[id] = (etag.Value, version);
        }
    }

    private static Task<long> Write(IRecordDatabase database, string id, long? expected, string doc) => database.Write(
        new()
        {
            Key = new("test", id),
            ExpectedEtag = expected,
            Row = new TestRecord { Keys = [id] }.ToRow(),
            Doc = Encoding.UTF8.GetBytes(doc),
        },
        default);
}
