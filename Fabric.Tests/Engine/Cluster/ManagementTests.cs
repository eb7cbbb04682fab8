namespace Fabric.Tests.Engine.Cluster;

/// <summary>The figures of all silos, from any of them.</summary>
public sealed class ManagementTests
{
    [Fact]
    public async Task The_management_grain_counts_over_all_silos_and_finds_a_grain_wherever_it_is()
    {
        await using var cluster = await TestCluster.Start(2);
        var keys = cluster.Silos.Select((silo, index) => cluster.KeyOn(silo, $"figure-{index}")).ToArray();
        foreach (var key in keys)
            await cluster.Client.GetGrain<IClusterGrain>(key).Add();
        foreach (var silo in cluster.Silos)
        {
            var management = TestCluster.Grains(silo).GetGrain<IManagementGrain>(0);
            Assert.Equal(2, (await management.GetHosts(true)).Count);
            var counted = (await management.GetSimpleGrainStatistics()).Where(each => each.GrainType == typeof(ClusterGrain).FullName);
            Assert.Equal(cluster.Silos.Select(each => (each.SiloAddress, 1)).Order(), counted
                .Select(each => (each.SiloAddress, each.ActivationCount)).Order());
            Assert.Equal(2, (await management.GetDetailedGrainStatistics([typeof(ClusterGrain).FullName!])).Length);
            Assert.Equal(2, (await management.GetRuntimeStatistics([.. cluster.Silos.Select(each => each.SiloAddress)])).Length);
            for (var index = 0; index < keys.Length; index++)
                Assert.Equal(cluster.Silos[index].SiloAddress,
                    await management.GetActivationAddress(cluster.Client.GetGrain<IClusterGrain>(keys[index])));
        }

        Assert.Equal(2, (await cluster.Client.GetGrain<IManagementGrain>(0).GetHosts()).Count);
    }
}
