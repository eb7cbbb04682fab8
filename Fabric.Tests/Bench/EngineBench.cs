using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace Fabric.Tests.Bench;

/// <summary>A message of some hundred bytes.</summary>
[GenerateSerializer]
[Immutable]
public sealed record BenchRecord([property: Id(0)] string Name, [property: Id(1)] int Number,
    [property: Id(2)] IReadOnlyDictionary<string, string> Tags);

/// <summary>What is called in the benchmark.</summary>
public interface IBenchGrain : IGrainWithIntegerKey
{
    /// <summary>Does nothing.</summary>
    Task Ping();

    /// <summary>Gives back what it got.</summary>
    Task<BenchRecord> Echo(BenchRecord record);

    /// <summary>Pings another grain so many times, one after the other.</summary>
    Task PingOther(IBenchGrain other, int times);
}

/// <summary>What is called in the benchmark.</summary>
public sealed class BenchGrain : Grain, IBenchGrain
{
    public Task Ping() => Task.CompletedTask;

    public Task<BenchRecord> Echo(BenchRecord record) => Task.FromResult(record);

    public async Task PingOther(IBenchGrain other, int times)
    {
        for (var done = 0; done < times; done++)
            await other.Ping();
    }
}

/// <summary>Calls and activations per second and per processor time of this process, with real time and no limits to pass.</summary>
public static class EngineBench
{
    private const int Grains = 100;

    /// <summary>Writes one line per scenario.</summary>
    public static async Task Run(TextWriter output, int calls = 1_000_000)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo => silo.UseLocalhostClustering());
        using var host = builder.Build();
        await host.StartAsync();
        var factory = host.Services.GetRequiredService<IGrainFactory>();
        var grains = Enumerable.Range(0, 2 * Grains).Select(key => factory.GetGrain<IBenchGrain>(key)).ToArray();
        var record = new BenchRecord("server", 7, new Dictionary<string, string> { ["zone"] = "nova", ["host"] = "node-1" });
        var share = calls / Grains;

        foreach (var round in new[] { "warm-up ", "" })
        {
            await Measure(output, round + "grain to grain, 100 concurrent", calls,
                () => Task.WhenAll(Enumerable.Range(0, Grains).Select(each => grains[each].PingOther(grains[Grains + each], share))));
            await Measure(output, round + "client to 100 grains, 100 callers", calls, () =>
                Callers(Grains, share, each => grains[each].Ping()));
            await Measure(output, round + "client to 100 grains, 100 B record", calls, () =>
                Callers(Grains, share, each => grains[each].Echo(record)));
            await Measure(output, round + "client, one caller", calls / 4, () => Callers(1, calls / 4, _ => grains[0].Ping()));
            await Measure(output, round + "client, 100 callers on one grain", calls, () => Callers(Grains, share, _ => grains[0].Ping()));
            var firstKey = round.Length > 0 ? 1_000_000 : 2_000_000;
            await Measure(output, round + "new activations, 100 concurrent", calls / 10, () => Callers(Grains, calls / 10 / Grains,
                (each, call) => factory.GetGrain<IBenchGrain>(firstKey + (each * (calls / 10 / Grains)) + call).Ping()));
        }

        await host.StopAsync();
        await AcrossSilos(output, calls / 10);
    }

    /// <summary>The same calls between two silos of this process, over TCP.</summary>
    private static async Task AcrossSilos(TextWriter output, int calls)
    {
        await using var cluster = new InProcessTestClusterBuilder(2).Build();
        await cluster.DeployAsync();
        var factory = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        var management = factory.GetGrain<IManagementGrain>(0);
        var far = new List<IBenchGrain>();
        for (var key = 0; far.Count < Grains; key++)
        {
            var grain = factory.GetGrain<IBenchGrain>(key);
            await grain.Ping();
            if (cluster.Silos[1].SiloAddress.Equals(await management.GetActivationAddress(grain)))
                far.Add(grain);
        }

        var record = new BenchRecord("server", 7, new Dictionary<string, string> { ["zone"] = "nova", ["host"] = "node-1" });
        foreach (var round in new[] { "warm-up ", "" })
        {
            await Measure(output, round + "to another silo, 100 callers", calls, () => Callers(Grains, calls / Grains,
                each => far[each].Ping()));
            await Measure(output, round + "to another silo, 100 B record", calls, () => Callers(Grains, calls / Grains,
                each => far[each].Echo(record)));
            await Measure(output, round + "to another silo, one caller", calls / 10, () => Callers(1, calls / 10, _ => far[0].Ping()));
        }
    }

    private static Task Callers(int callers, int times, Func<int, Task> call) => Callers(callers, times, (each, _) => call(each));

    private static Task Callers(int callers, int times, Func<int, int, Task> call) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(each => Task.Run(async () =>
    {
        for (var done = 0; done < times; done++)
            await call(each, done);
    })));

    private static async Task Measure(TextWriter output, string what, int calls, Func<Task> work)
    {
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes();
        var processor = Process.GetCurrentProcess().TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        await work();
        clock.Stop();
        var used = Process.GetCurrentProcess().TotalProcessorTime - processor;
        var bytes = GC.GetTotalAllocatedBytes() - allocated;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{what,-45} {calls / clock.Elapsed.TotalSeconds,10:N0}/s {used.TotalMicroseconds / calls,7:0.00} us CPU {bytes / calls,6} B"));
    }
}
