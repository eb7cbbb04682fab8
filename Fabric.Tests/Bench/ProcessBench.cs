using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fabric.Grains.Storage;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fabric.Tests.Bench;

/// <summary>A grain that keeps something.</summary>
public interface IBenchKeeper : IGrainWithStringKey
{
    /// <summary>Writes its record so many times; each is durable before the next.</summary>
    Task Write(int times);
}

/// <inheritdoc/>
internal sealed class BenchKeeper([PersistentState("benchKeeper", StorageNames.Records)] IPersistentState<BenchServer> record)
    : Grain, IBenchKeeper
{
    public async Task Write(int times)
    {
        for (var done = 0; done < times; done++)
        {
            record.State = record.State with { Name = "some 200 bytes of state", Version = record.State.Version + 1 };
            await record.WriteStateAsync();
        }
    }
}

/// <summary>Calls between two processes over the loopback, and durable writes of grains on both databases.</summary>
internal static class ProcessBench
{
    private const int Grains = 100;

    /// <summary>Writes one line per scenario.</summary>
    internal static async Task Run(TextWriter output, int calls)
    {
        await using var server = await PrivatePostgres.Start();
        var (database, key) = (await server.CreateDatabase(), RandomNumberGenerator.GetBytes(32));
        using var host = await Start(key, silo => silo.AddPostgresStorage(database), database);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        var meter = new Meter(output);
        using (var other = await Another(database, key))
        {
            meter.Other = other;
            await Between(meter, grains, calls);
            other.StandardInput.Close();
            await other.WaitForExitAsync();
        }

        meter.Other = null;
        await Writes(meter, grains, "PostgreSQL");
        await host.StopAsync();
        using var folder = new ScratchFolder();
        using var alone = await Start(key, silo => silo.UseLocalhostClustering().AddSqliteStorage(folder.File("bench.db")), null);
        await Writes(meter, alone.Services.GetRequiredService<IGrainFactory>(), "SQLite");
        await alone.StopAsync();
    }

    /// <summary>The other process: a silo until its input ends. What it must know comes by the input, since arguments are everybody's to
    /// read.</summary>
    internal static async Task Serve()
    {
        var database = (await Console.In.ReadLineAsync())!;
        var key = Convert.FromHexString((await Console.In.ReadLineAsync())!);
        using var host = await Start(key, silo => silo.AddPostgresStorage(database), database);
        Console.WriteLine("ready");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
    }

    private static async Task Between(Meter meter, IGrainFactory factory, int calls)
    {
        var here = await factory.GetGrain<IBenchGrain>(0).Process();
        var far = new List<IBenchGrain>();
        for (var each = 0; far.Count < Grains; each++)
        {
            var grain = factory.GetGrain<IBenchGrain>(each);
            if (await grain.Process() != Environment.ProcessId)
                far.Add(grain);
        }

        var record = new BenchRecord("server", here, new Dictionary<string, string> { ["zone"] = "nova", ["host"] = "node-1" });
        foreach (var (round, first) in new[] { ("warm-up ", 10_000_000), ("", 20_000_000) })
        {
            await meter.Measure(round + "to another process, 100 callers", calls,
                () => EngineBench.Callers(Grains, calls / Grains, each => far[each].Ping()));
            await meter.Measure(round + "to another process, 100 B record", calls,
                () => EngineBench.Callers(Grains, calls / Grains, each => far[each].Echo(record)));
            await meter.Measure(round + "to another process, one caller", calls / 10,
                () => EngineBench.Callers(1, calls / 10, _ => far[0].Ping()));
            await meter.Measure(round + "new activations over two processes", calls, () => EngineBench.Callers(Grains, calls / Grains,
                (each, call) => factory.GetGrain<IBenchGrain>(first + (each * calls) + call).Ping()));
        }
    }

    private static async Task Writes(Meter meter, IGrainFactory factory, string database)
    {
        foreach (var (round, times) in new[] { ("warm-up ", 5), ("", 100) })
        {
            await Write(100, $"{round}durable writes on {database}, 100 grains");
            await Write(8, $"{round}durable writes on {database}, 8 grains");
            await Write(1, $"{round}durable writes on {database}, one grain");

            Task Write(int keepers, string what) => meter.Measure(what, keepers * times, () => Task.WhenAll(
                Enumerable.Range(0, keepers).Select(each => factory.GetGrain<IBenchKeeper>($"{each}").Write(times))));
        }
    }

    private static async Task<Process> Another(string database, byte[] key)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ProcessBench).Assembly.Location, "bench", "engine-silo"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(database);
        await process.StandardInput.WriteLineAsync(Convert.ToHexString(key));
        await process.StandardInput.FlushAsync();
        return await process.StandardOutput.ReadLineAsync() == "ready"
            ? process
            : throw new InvalidOperationException("The other process does not come up.");
    }

    private static async Task<IHost> Start(byte[] key, Action<ISiloBuilder> storage, string? database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            storage(silo);
            if (database is null)
                return;
            silo.UseClusterKey(key).ConfigureEndpoints(IPAddress.Loopback, FreePort(), 0)
                .UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", database));
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
