using System.Globalization;
using Fabric.Tests.Kit;
using Xunit.Abstractions;

namespace Fabric.Tests.Chaos;

/// <summary>Alone on the machine: seven processes that are hurt would be in the way of other tests, and these in theirs.</summary>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
public sealed class ChaosAlone;

/// <summary>The short run; <c>./fabric bench chaos</c> is the long one.</summary>
[Collection(nameof(ChaosTests))]
public sealed class ChaosTests(ITestOutputHelper output)
{
    /// <summary>The faults are the same in each run, what they meet is not. Other schedules are the long run's.</summary>
    private static readonly int[] Seeds = [1, 777];
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(12);

    [SkippableFact]
    public async Task A_cluster_whose_processes_and_database_are_killed_and_paused_keeps_every_promise()
    {
        Machine.NeedsPostgres();
        var told = Environment.GetEnvironmentVariable("FABRIC_CHAOS_SEED");
        int[] seeds = told is null ? Seeds : [int.Parse(told, CultureInfo.InvariantCulture)];
        await ChaosRun.Run(seeds, Length, output.WriteLine);
    }
}
