using Fabric.Grains.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Fabric.Tests.Storage;

/// <summary>The one thread that writes.</summary>
public sealed class SqliteWriterTests : IAsyncLifetime
{
    private readonly SqliteFixture sqlite = new();

    public Task InitializeAsync() => sqlite.Database.Open(default);

    public Task DisposeAsync() => sqlite.DisposeAsync().AsTask();

    [Fact]
    public async Task A_write_that_cannot_be_done_fails_alone()
    {
        var writes = Enumerable.Range(0, 100).Select(i => sqlite.Database.Enqueue(session =>
        {
            if (i % 25 == 7)
                session.Execute("INSERT INTO no_such_table VALUES (1)");
            if (i % 25 == 8)
                throw new InvalidTimeZoneException("A bug of ours.");
            Write(session, $"c{i}");
            return i;
        })).ToList();
        await Task.WhenAll(writes.Select(static async write => await Record.ExceptionAsync(() => write)));
        Assert.Equal(4, writes.Count(static write => write.Exception?.InnerException is SqliteException));
        Assert.Equal(4, writes.Count(static write => write.Exception?.InnerException is InvalidTimeZoneException));
        Assert.Equal(92, Count());
    }

    [Fact]
    public async Task Closing_finishes_what_is_queued()
    {
        var writes = Enumerable.Range(0, 200).Select(i => sqlite.Database.Enqueue(session => Write(session, $"c{i}"))).ToList();
        await sqlite.Reopen();
        await Task.WhenAll(writes);
        Assert.Equal(200, Count());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await sqlite.Database.DisposeAsync();
            await sqlite.Database.Enqueue(session => Write(session, "late"));
        });
    }

    [Fact]
    public async Task After_a_crash_what_was_not_answered_is_refused_and_what_was_is_there()
    {
        var writes = Enumerable.Range(0, 500).Select(i => sqlite.Database.Enqueue(session => Write(session, $"c{i}"))).ToList();
        await sqlite.Database.Abandon();
        await Task.WhenAll(writes.Select(static async write => await Record.ExceptionAsync(() => write)));
        await sqlite.Reopen();
        Assert.Equal(writes.Count(static write => write.IsCompletedSuccessfully), Count());
    }

    private static bool Write(SqliteSession session, string consumer)
    {
        using var insert = session.Statement("INSERT INTO event_cursor (consumer, seq) VALUES (?1, 0)");
        insert.Bind(1, consumer).Run();
        return true;
    }

    private long Count() => sqlite.Database.Read(static session =>
    {
        using var count = session.Statement("SELECT count(*) FROM event_cursor");
        count.Step();
        return count.Int64(0);
    });
}
