using System.Globalization;
using Fabric.Tests.Bench;
using Fabric.Tests.Chaos;
using Fabric.Tests.Storage;

namespace Fabric.Tests.Kit;

/// <summary>What this program does when it is not a set of tests: the parts that need a process of their own.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["storage-writer", var file]:
                await CrashWriter.RunSqlite(file);
                return 0;
            case ["storage-writer"]:
                await CrashWriter.RunPostgres();
                return 0;
            case ["bench", "engine"]:
                await EngineBench.Run(Console.Out);
                return 0;
            case ["bench", "engine-silo"]:
                await ProcessBench.Serve();
                return 0;
            case ["bench", "storage", .. var postgres] when postgres.Length <= 1:
                await StorageBench.Run(Console.Out, postgres is [var option] ? option : null);
                return 0;
            case ["bench", "chaos", var minutes, var seed]:
                await using (var run = await ChaosRun.Start(Console.WriteLine))
                {
                    await run.Long(
                        int.Parse(minutes, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture), Console.WriteLine);
                }
                return 0;
            default:
                await Console.Error.WriteLineAsync(
                    "usage: Fabric.Tests storage-writer [FILE] | bench engine | bench storage | bench chaos MINUTES SEED");
                return 2;
        }
    }
}
