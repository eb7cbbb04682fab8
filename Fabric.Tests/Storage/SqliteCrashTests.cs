using System.Diagnostics;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Sqlite;

namespace Fabric.Tests.Storage;

/// <summary>What a kill -9 leaves.</summary>
public sealed class SqliteCrashTests
{
    [Fact]
    public async Task Every_write_that_was_answered_survives_a_kill_with_all_that_belongs_to_it()
    {
        await using var sqlite = new SqliteFixture();
        var answered = await WriteAndDie(sqlite.File, afterLines: 2_000);
        await sqlite.Database.Open(default);
        var index = new ResourceIndex(sqlite.Database);
        var found = (await index.ListIds(new(CrashWriter.Kind), default)).ToHashSet();
        Assert.Empty(answered.Except(found));
        // All or nothing: whatever record is there has its references, its key and its event.
        var referenced = Enumerable.Range(0, 20).Select(writer => new ResourceQuery(CrashWriter.Kind).WithRef("writer", $"{writer}"));
        Assert.Equal(found.Count, (await Task.WhenAll(referenced.Select(query => index.Count(query, default)))).Sum());
        var events = await new SqliteOutbox(sqlite.Database, TimeProvider.System).Read("test", int.MaxValue, default);
        Assert.Equal(found, events.Select(one => one.Id).ToHashSet());
        foreach (var id in found.Take(200))
            Assert.Equal((CrashWriter.Kind, id), await index.FindByUniqueKey(id, default));
    }

    private static async Task<List<string>> WriteAndDie(string file, int afterLines)
    {
        var program = typeof(CrashWriter).Assembly.Location;
        var start = new ProcessStartInfo("dotnet", [program, "storage-writer", file]) { RedirectStandardOutput = true };
        using var writer = Process.Start(start)!;
        List<string> answered = [];
        while (answered.Count < afterLines)
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
