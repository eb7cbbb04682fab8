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

    /// <summary>The process in which it lives.</summary>
    Task<int> Process();

    /// <summary>Pings another grain so many times, one after the other.</summary>
    Task PingOther(IBenchGrain other, int times);
}

/// <summary>What is called in the benchmark.</summary>
public sealed class BenchGrain : Grain, IBenchGrain
{
    public Task Ping() => Task.CompletedTask;

    public Task<BenchRecord> Echo(BenchRecord record) => Task.FromResult(record);

    public Task<int> Process() => Task.FromResult(Environment.ProcessId);

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
        var meter = new Meter(output);
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
            await meter.Measure(round + "grain to grain, 100 concurrent", calls,
                () => Task.WhenAll(Enumerable.Range(0, Grains).Select(each => grains[each].PingOther(grains[Grains + each], share))));
            await meter.Measure(round + "client to 100 grains, 100 callers", calls, () =>
                Callers(Grains, share, each => grains[each].Ping()));
            await meter.Measure(round + "client to 100 grains, 100 B record", calls, () =>
                Callers(Grains, share, each => grains[each].Echo(record)));
            await meter.Measure(round + "client, one caller", calls / 4, () => Callers(1, calls / 4, _ => grains[0].Ping()));
            await meter.Measure(round + "client, 100 callers on one grain", calls, () => Callers(Grains, share, _ => grains[0].Ping()));
            var firstKey = round.Length > 0 ? 1_000_000 : 2_000_000;
            await meter.Measure(round + "new activations, 100 concurrent", calls / 10, () => Callers(Grains, calls / 10 / Grains,
                (each, call) => factory.GetGrain<IBenchGrain>(firstKey + (each * (calls / 10 / Grains)) + call).Ping()));
        }

        await host.StopAsync();
        await AcrossSilos(meter, calls / 10);
        await ProcessBench.Run(output, calls / 10);
    }

    /// <summary>The same calls between two silos of this process, over TCP.</summary>
    private static async Task AcrossSilos(Meter meter, int calls)
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
            await meter.Measure(round + "to another silo, 100 callers", calls, () => Callers(Grains, calls / Grains,
                each => far[each].Ping()));
            await meter.Measure(round + "to another silo, 100 B record", calls, () => Callers(Grains, calls / Grains,
                each => far[each].Echo(record)));
            await meter.Measure(round + "to another silo, one caller", calls / 10, () => Callers(1, calls / 10, _ => far[0].Ping()));
        }
    }

    internal static Task Callers(int callers, int times, Func<int, Task> call) => Callers(callers, times, (each, _) => call(each));

    internal static Task Callers(int callers, int times, Func<int, int, Task> call) =>
        Task.WhenAll(Enumerable.Range(0, callers).Select(each => Task.Run(async () =>
    {
        for (var done = 0; done < times; done++)
            await call(each, done);
    })));
}
