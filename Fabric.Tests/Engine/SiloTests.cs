using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fabric.Tests.Engine;

public sealed class SiloTests
{
    private sealed class Participant(Probe probe) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle)
        {
            lifecycle.Subscribe("late", ServiceLifecycleStage.Active, _ => Note("late starts"), _ => Note("late stops"));
            lifecycle.Subscribe("early", ServiceLifecycleStage.RuntimeStorageServices, _ => Note("early starts"), _ => Note("early stops"));
        }

        private Task Note(string what)
        {
            probe.Note(what);
            return Task.CompletedTask;
        }
    }

    private sealed class Startup(IGrainFactory grains, Probe probe) : IStartupTask
    {
        public async Task Execute(CancellationToken cancellationToken) =>
            probe.Note(await grains.GetGrain<IEchoGrain>("a").Echo("startup task called a grain"));
    }

    [Fact]
    public async Task A_silo_starts_in_stages_and_stops_in_reverse_while_grains_can_still_be_called()
    {
        Probe probe;
        await using (var silo = await TestSilo.Start(builder =>
        {
            builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Participant>();
            builder.AddStartupTask<Startup>();
        }))
        {
            probe = silo.Probe;
        }

        Assert.Equal(["early starts", "late starts", "startup task called a grain", "late stops", "early stops"], probe.Log);
    }

    [Fact]
    public async Task A_silo_knows_its_own_name_and_address()
    {
        await using var silo = await TestSilo.Start(builder => builder.UseLocalhostClustering(siloPort: 12345, clusterId: "c"));
        var details = silo.Services.GetRequiredService<ILocalSiloDetails>();
        Assert.Equal((12345, "c"), (details.SiloAddress.Endpoint.Port, details.ClusterId));
        Assert.Equal(details.SiloAddress, silo.Runtime.Address);
    }

    [Fact]
    public async Task The_process_of_a_silo_calls_grains_through_the_cluster_client()
    {
        await using var silo = await TestSilo.Start();
        var client = silo.Services.GetRequiredService<IClusterClient>();
        Assert.Equal("x", await client.GetGrain<IEchoGrain>("a").Echo("x"));
        Assert.Same(client, silo.Services.GetRequiredService<IGrainFactory>());
        Assert.NotNull(client.ServiceProvider.GetService<IHostApplicationLifetime>());
    }

    [Fact]
    public async Task The_management_grain_counts_activations_and_ends_idle_ones()
    {
        await using var silo = await TestSilo.Start();
        foreach (var key in new[] { "a", "b", "c" })
            await silo.Grains.GetGrain<IEchoGrain>(key).Echo("x");
        await silo.Grains.GetGrain<IManyGrain>("a").Class();
        var management = silo.Grains.GetGrain<IManagementGrain>(0);
        var here = Assert.Single(await management.GetHosts(onlyActive: true));
        Assert.Equal(SiloStatus.Active, here.Value);
        var statistics = await management.GetSimpleGrainStatistics();
        Assert.Equal(3, statistics.Single(each => each.GrainType == typeof(EchoGrain).FullName).ActivationCount);
        Assert.Equal(5, await management.GetTotalActivationCount());
        Assert.Equal(["a", "b", "c"], (await management.GetActiveGrains(GrainType.Create("echo"))).Select(id => id.Key.ToString()).Order());
        Assert.Equal(here.Key, await management.GetActivationAddress(silo.Grains.GetGrain<IEchoGrain>("a")));
        Assert.Null(await management.GetActivationAddress(silo.Grains.GetGrain<IEchoGrain>("never")));
        Assert.Equal(3, (await management.GetDetailedGrainStatistics([typeof(EchoGrain).FullName!])).Length);
        Assert.Equal(5, (await management.GetRuntimeStatistics([here.Key])).Single().ActivationCount);
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(2));
        await management.ForceActivationCollection(TimeSpan.FromMinutes(1));
        await silo.Quiet();
        Assert.Equal(1, await management.GetTotalActivationCount());
    }
}
