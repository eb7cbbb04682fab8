using System.Diagnostics;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Sqlite;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Storage;

/// <summary>What a kill -9 of a process that writes leaves.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task On_SQLite_every_write_that_was_answered_survives_a_kill_with_all_that_belongs_to_it()
    {
        await using var sqlite = new SqliteFixture();
        var answered = await WriteAndDie("", sqlite.File);
        await sqlite.Database.Open(default);
        await AllIsThere(answered, sqlite.Database, new SqliteOutbox(sqlite.Database, TimeProvider.System));
    }

    [SkippableFact]
    public async Task On_PostgreSQL_every_write_that_was_answered_survives_a_kill_with_all_that_belongs_to_it()
    {
        await using var postgres = new PostgresFixture();
        await postgres.Open();
        var answered = await WriteAndDie(postgres.Connection);
        // Of what was sent and not answered, the server may still be doing some.
        await Eventually.True(async () => await postgres.Run("""
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
            """) is 0L, "the dead writer's connections are idle or gone");
        await AllIsThere(answered, postgres.Database, postgres.Outbox);
    }

    private static async Task AllIsThere(List<string> answered, IRecordDatabase database, IOutbox outbox)
    {
        var index = new ResourceIndex(database);
        var found = (await index.ListIds(new(CrashWriter.Kind), default)).ToHashSet();
        Assert.Empty(answered.Except(found));
        // All or nothing: whatever record is there has its references, its key and its event.
        var referenced = Enumerable.Range(0, 20).Select(writer => new ResourceQuery(CrashWriter.Kind).WithRef("writer", $"{writer}"));
        Assert.Equal(found.Count, (await Task.WhenAll(referenced.Select(query => index.Count(query, default)))).Sum());
        var events = await outbox.Read("test", int.MaxValue, default);
        Assert.Equal(found, events.Select(one => one.Id).ToHashSet());
        foreach (var id in found.Take(200))
            Assert.Equal((CrashWriter.Kind, id), await index.FindByUniqueKey(id, default));
    }

    private static async Task<List<string>> WriteAndDie(string connection, params string[] file)
    {
        const int AfterLines = 2_000;
        var program = typeof(CrashWriter).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, "storage-writer", .. file]) { RedirectStandardOutput = true };
        start.Environment[CrashWriter.ConnectionVariable] = connection;
        using var writer = Process.Start(start)!;
        List<string> answered = [];
        while (answered.Count < AfterLines)
        {
            var line = await writer.StandardOutput.ReadLineAsync();
            Assert.True(line is not null, "The writer ended by itself.");
            answered.Add(line);
        }

        writer.Kill();
        // What it had said before it died counts too; a line cut short does not.
        var rest = await writer.StandardOutput.ReadToEndAsync();
        await writer.WaitForExitAsync();
        answered.AddRange(rest.Split('\n').SkipLast(1));
        return answered;
    }
}
