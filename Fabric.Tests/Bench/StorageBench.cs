using System.Diagnostics;
using System.Globalization;
using Fabric.Grains.Storage;
using Fabric.Grains.Storage.Postgres;
using Fabric.Tests.Kit;
using Fabric.Tests.Storage;
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

    /// <summary>Writes one line per scenario and backend, and for each scenario how many times as fast as SQLite PostgreSQL is.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="only"><c>sqlite</c> or <c>postgres</c>; null for both.</param>
    public static async Task Run(TextWriter output, string? only)
    {
        List<(string What, double Rate)> sqlite = [], postgres = [];
        if (only is null or "sqlite")
        {
            await using var files = new SqliteFixture();
            sqlite = await Run(output, "SQLite", files.Database);
        }

        if (only is null or "postgres")
        {
            await using var server = await PrivatePostgres.Start();
            await using var database = new PostgresDatabase(await server.CreateDatabase(), NullLoggerFactory.Instance);
            postgres = await Run(output, "PostgreSQL", database);
        }

        foreach (var ((what, slow), (_, fast)) in sqlite.Zip(postgres))
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{what}: PostgreSQL / SQLite = {fast / slow:0.00}"));
    }

    private static async Task<List<(string What, double Rate)>> Run(TextWriter output, string name, IRecordDatabase database)
    {
        await database.Open(default);
        var storage = new RecordGrainStorage(database, TimeProvider.System);
        var index = new ResourceIndex(database);
        List<(string What, double Rate)> rates = [];
        foreach (var writers in new[] { 100, 1, 100 })
        {
            var count = writers == 1 ? 300 : 20_000;
            await Measure($"{writers} writers, durable writes", count, writes => Write(storage, writers, writes));
        }

        await Measure("look-ups, one after the other", 20_000, count => Find(index, count));
        await Measure("look-ups, eight at once", 20_000, count => Eight(() => Find(index, count / 8)));
        await Measure("versions, eight at once", 20_000, count => Eight(() => Version(index, count / 8)));
        await Measure("lists of 1,000 of 2 KB", 50, count => List(index, count));
        return rates;

        async Task Measure(string what, int count, Func<int, Task> run)
        {
            var (began, cpu, allocated) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            await run(count);
            var took = Stopwatch.GetElapsedTime(began);
            var used = Environment.CpuUsage.TotalTime - cpu;
            rates.Add((what, count / took.TotalSeconds));
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{name}, {what}: {count / took.TotalSeconds:0} /s, {used.TotalMicroseconds / count:0.0} µs CPU of ours, " +
                $"{(GC.GetTotalAllocatedBytes() - allocated) / count} B each"));
        }
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
        await Task.Yield();
        var ids = await index.ListIds(new("bench") { Paging = new(1000) }, default);
        for (var i = 0; i < count; i++)
            _ = await index.Find<BenchServer>("bench", ids[i % ids.Count], default);
    }

    private static async Task List(ResourceIndex index, int count)
    {
        for (var i = 0; i < count; i++)
            _ = await index.List<BenchServer>(new("bench") { ProjectId = "p", Paging = new(1000) }, default);
    }

    private static Task Eight(Func<Task> run) => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => run()));

    private static async Task Version(ResourceIndex index, int count)
    {
        await Task.Yield();
        for (var i = 0; i < count; i++)
            _ = await index.Version("bench", default);
    }
}
