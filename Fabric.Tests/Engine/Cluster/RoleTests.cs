using Fabric.Engine;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Which grains may live on which silos.</summary>
public sealed class RoleTests
{
    [Fact]
    public async Task Grains_live_on_control_silos_and_pinned_ones_where_their_host_is()
    {
        await using var cluster = await TestCluster.Start(3, (specific, silo) =>
        {
            silo.AddPlacementDirector<PinnedToHost, PinnedToHostDirector>();
            if (specific.SiloName == "Silo_2")
                silo.UseSiloMetadata(new Dictionary<string, string> { ["roles"] = "node", ["host"] = "node-1" });
        });
        var (control, node) = (cluster.Silos[0], cluster.Silos[2]);
        var homes = await Task.WhenAll(Enumerable.Range(0, 60).Select(number => TestCluster.Grains(node)
            .GetGrain<IClusterGrain>($"{number}").Silo()));
        Assert.Equal(cluster.Silos.Take(2).Select(silo => silo.SiloAddress.ToString()).Order(), homes.Distinct().Order());
        // The client has no such director: a silo tells it where to go.
        foreach (var factory in new[] { TestCluster.Grains(control), TestCluster.Grains(node), cluster.Client })
            Assert.Equal(node.SiloAddress.ToString(), await factory.GetGrain<IPinnedGrain>("node-1").Silo());
        await Assert.ThrowsAsync<SiloUnavailableException>(() => TestCluster.Grains(control).GetGrain<IPinnedGrain>("node-2").Silo());
    }

    [Fact]
    public async Task A_message_larger_than_allowed_is_refused_where_it_would_be_sent()
    {
        await using var cluster = await TestCluster.Start(2, (_, silo) =>
            silo.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = 10_000));
        var far = TestCluster.Grains(cluster.Silos[0]).GetGrain<IClusterGrain>(cluster.KeyOn(cluster.Silos[1]));
        await Assert.ThrowsAsync<LimitExceededException>(() => far.Note(new string('x', 20_000)).ContinueWith(
            _ => far.Context(new string('x', 20_000)), TaskScheduler.Default).Unwrap());
        Assert.Equal(cluster.Silos[1].SiloAddress.ToString(), await far.Silo());
    }
}
