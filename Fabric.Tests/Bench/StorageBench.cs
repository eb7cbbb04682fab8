using System.Diagnostics;
using System.Globalization;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fabric.Tests.Bench;

/// <summary>A record of some 2 KB as a server's is.</summary>
internal sealed record BenchServer : IIndexedRecord
{
    public string Name { get; init; } = "";
    public int Version { get; init; }
    public DateTimeOffset Created { get; init; }
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public ResourceRow ToRow() => new()
    {
        ProjectId = "p",
        Name = Name,
        Status = Version % 2 == 0 ? "BUILD" : "ACTIVE",
        CreatedAt = Created,
        UpdatedAt = Created,
        Refs = [new("node", "n1"), new("image", "i1")],
    };
}

/// <summary>Durable writes, look-ups and lists per second, on the disk of the temporary directory.</summary>
internal static class StorageBench
{
    private static readonly Dictionary<string, string> Metadata =
        Enumerable.Range(0, 40).ToDictionary(i => $"key-{i}", i => $"some value of usual length {i}");

    /// <summary>Writes one line per scenario.</summary>
    public static async Task Run(TextWriter output)
    {
        var directory = Directory.CreateTempSubdirectory("fabric-bench-").FullName;
        var database = new SqliteDatabase(Path.Combine(directory, "bench.db"), TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        await database.Open(default);
        var storage = new RecordGrainStorage(database, TimeProvider.System);
        var index = new ResourceIndex(database);
        foreach (var writers in new[] { 100, 1, 100 })
        {
            var count = writers == 1 ? 300 : 20_000;
            await Measure(output, $"{writers} writers, durable writes", count, writes => Write(storage, writers, writes));
        }

        await Measure(output, "look-ups", 50_000, count => Find(index, count));
        await Measure(output, "lists of 1,000 of 2 KB", 50, count => List(index, count));
        await database.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task Measure(TextWriter output, string what, int count, Func<int, Task> run)
    {
        var (began, cpu, allocated) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
        await run(count);
        var took = Stopwatch.GetElapsedTime(began);
        var used = Environment.CpuUsage.TotalTime - cpu;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {count / took.TotalSeconds:0} /s, {used.TotalMicroseconds / count:0.0} µs CPU, " +
            $"{(GC.GetTotalAllocatedBytes() - allocated) / count} B each"));
    }

    private static Task Write(RecordGrainStorage storage, int writers, int count) =>
        Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var id = GrainId.Create("bench", $"{Guid.NewGuid()}");
            var server = new BenchServer { Name = $"server-{writer}", Created = DateTimeOffset.UtcNow, Metadata = Metadata };
            var state = new GrainState<BenchServer>(server);
            for (var i = 0; i < count / writers; i++)
            {
                // A new server every tenth write, as a boot is some ten writes.
                if (i % 10 == 0)
                    (id, state) = (GrainId.Create("bench", $"{Guid.NewGuid()}"), new(state.State));
                state.State = state.State with { Version = i };
                await storage.WriteStateAsync("bench", id, state);
            }
        })));

    private static async Task Find(ResourceIndex index, int count)
    {
        var ids = await index.ListIds(new("bench") { Paging = new(1000) }, default);
        for (var i = 0; i < count; i++)
            _ = await index.Find<BenchServer>("bench", ids[i % ids.Count], default);
    }

    private static async Task List(ResourceIndex index, int count)
    {
        for (var i = 0; i < count; i++)
            _ = await index.List<BenchServer>(new("bench") { ProjectId = "p", Paging = new(1000) }, default);
    }
}
