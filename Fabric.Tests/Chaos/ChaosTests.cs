using System.Globalization;
using Fabric.Tests.Kit;
using Xunit.Abstractions;

namespace Fabric.Tests.Chaos;

/// <summary>Alone on the machine: seven processes that are hurt would be in the way of other tests, and these in theirs.</summary>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
public sealed class ChaosAlone;

/// <summary>One cluster for all of these tests; each leaves it as it found it.</summary>
public sealed class ChaosFixture : IAsyncLifetime
{
    private ChaosRun? run;

    /// <summary>The cluster, started when it is first asked for.</summary>
    internal async Task<ChaosRun> Run(Action<string> say) => run ??= await ChaosRun.Start(say);

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (run is not null)
            await run.DisposeAsync();
    }
}

/// <summary>The short run; <c>./fabric bench chaos</c> is the long one.</summary>
[Collection(nameof(ChaosTests))]
public sealed class ChaosTests(ITestOutputHelper output, ChaosFixture fixture) : IClassFixture<ChaosFixture>
{
    /// <summary>The faults are the same in each run, what they meet is not. Other schedules are the long run's.</summary>
    private const int Seed = 777;

    [SkippableFact]
    public async Task A_cluster_whose_processes_network_clocks_and_database_fail_keeps_every_promise()
    {
        Machine.NeedsPostgres();
        var told = Environment.GetEnvironmentVariable("FABRIC_CHAOS_SEED");
        var seed = told is null ? Seed : int.Parse(told, CultureInfo.InvariantCulture);
        await (await fixture.Run(output.WriteLine)).Hurt(seed, output.WriteLine);
    }

    [SkippableFact]
    public async Task A_rolling_restart_of_every_process_under_load_fails_no_request()
    {
        Machine.NeedsPostgres();
        await (await fixture.Run(output.WriteLine)).Roll(output.WriteLine);
    }
}
