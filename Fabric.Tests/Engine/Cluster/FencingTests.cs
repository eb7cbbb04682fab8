using Fabric.Engine;
using Fabric.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>A silo acts only while it has a lease, or while it is sure that nobody acts in its place.</summary>
public sealed class FencingTests
{
    [Fact]
    public async Task A_silo_that_alone_loses_the_store_fences_itself_and_comes_back_as_another()
    {
        await using var cluster = await TestCluster.Start(2, settings: new MembershipSettings());
        var (cut, other) = (cluster.Silos[0], cluster.Silos[1]);
        var key = cluster.KeyOn(cut);
        var grain = TestCluster.Grains(other).GetGrain<IClusterGrain>(key);
        Assert.Equal(1, await grain.Add());
        var before = TestCluster.Runtime(cut).Address;

        cluster.StoreOf(cut).IsCut = true;
        await Eventually.True(() => TestCluster.Runtime(other).Membership.Current.Find(before)?.Status == SiloStatus.Dead,
            "the silo without a lease is dead to the other");
        // What it may do ends by the clock, before anybody takes over; that it tears itself down is a timer's, which may come late.
        Assert.False(TestCluster.Runtime(cut).Lease.IsHeld);
        await Eventually.True(() => TestCluster.Runtime(cut).Lease.IsFenced, "the silo without a lease has fenced itself");
        await Assert.ThrowsAsync<SiloUnavailableException>(() => TestCluster.Grains(cut).GetGrain<IClusterGrain>(key).Add());
        Assert.Equal(2, await grain.Add());

        cluster.StoreOf(cut).IsCut = false;
        await Eventually.True(() => TestCluster.Runtime(cut) is { Epoch: > 0, Lease.IsFenced: false }, "the silo has joined again");
        await cluster.Agreed();
        Assert.True(TestCluster.Runtime(cut).Address.IsSuccessorOf(before));
        Assert.Equal(3, await TestCluster.Grains(cut).GetGrain<IClusterGrain>(key).Add());
    }

    [Fact]
    public async Task A_silo_that_starts_while_the_store_does_not_answer_joins_when_it_does()
    {
        await using var cluster = await TestCluster.Start(1, settings: new MembershipSettings());
        cluster.LostJoins = 2;
        var late = await cluster.Cluster.StartAdditionalSiloAsync();
        await cluster.Agreed();
        Assert.Equal(2, TestCluster.Runtime(late).Epoch);
        Assert.False(TestCluster.Runtime(late).Lease.IsFenced);
        var grain = TestCluster.Grains(cluster.Silos[0]).GetGrain<IClusterGrain>(cluster.KeyOn(late));
        Assert.Equal(1, await grain.Add());
        Assert.Equal(TestCluster.Runtime(late).Address.ToString(), await grain.Silo());
    }

    [Fact]
    public async Task While_the_store_is_away_for_all_nobody_dies_calls_go_on_and_writes_wait()
    {
        await using var cluster = await TestCluster.Start(3, settings: new MembershipSettings());
        var silos = cluster.Silos.ToList();
        var runtimes = silos.Select(TestCluster.Runtime).ToList();
        var key = cluster.KeyOn(silos[0]);
        var grain = TestCluster.Grains(silos[1]).GetGrain<IClusterGrain>(key);
        var reader = TestCluster.Grains(silos[1]).GetGrain<IClusterGrain>(cluster.KeyOn(silos[0], "reader"));
        Assert.Equal(1, await grain.Add());

        silos.ForEach(silo => cluster.StoreOf(silo).IsCut = true);
        await Eventually.True(() => runtimes.All(runtime => !runtime.Lease.IsHeld), "all leases have run out");
        var write = grain.Add();
        var until = runtimes[0].Lease.Now + 6_000;
        await Eventually.True(async () => await reader.Silo() == runtimes[0].Address.ToString() && runtimes[0].Lease.Now > until
            || write.IsCompleted, "calls went on for longer than a lease");
        Assert.False(write.IsCompleted);

        silos.ForEach(silo => cluster.StoreOf(silo).IsCut = false);
        Assert.Equal(2, await write);
        await cluster.Agreed();
        Assert.All(runtimes, runtime => Assert.Equal(0, runtime.Epoch));
        Assert.DoesNotContain(runtimes[0].Membership.Current.Members, member => member.Status == SiloStatus.Dead);
    }

    [Fact]
    public async Task A_silo_that_was_paused_beyond_its_lease_does_nothing_when_it_wakes_up()
    {
        var time = new SkippingTime();
        await using var cluster = await TestCluster.Start(2, (specific, silo) =>
        {
            if (specific.SiloName == "Silo_0")
                silo.Services.AddSingleton<TimeProvider>(time);
        }, new MembershipSettings());
        var paused = cluster.Silos[0];
        var key = cluster.KeyOn(paused);
        var grain = TestCluster.Grains(paused).GetGrain<IClusterGrain>(key);
        Assert.Equal(1, await grain.Add());
        // In the middle of a call, which will go on with its write when the process wakes up.
        var write = TestCluster.Grains(cluster.Silos[1]).GetGrain<IClusterGrain>(key).PassAndAdd("gate");
        await cluster.Probe.Reached("gate");

        cluster.StoreOf(paused).IsCut = true;
        time.Skip(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Note("it acted"));
        cluster.Probe.Open("gate");
        await Assert.ThrowsAsync<SiloUnavailableException>(() => write);
        Assert.Equal(0, cluster.Probe.Count("it acted"));

        cluster.StoreOf(paused).IsCut = false;
        await Eventually.True(() => TestCluster.Runtime(paused) is { Epoch: > 0, Lease.IsFenced: false }, "the silo has joined again");
        await cluster.Agreed();
        Assert.Equal(2, await TestCluster.Grains(paused).GetGrain<IClusterGrain>(key).Add());
    }

    [Fact]
    public async Task What_waited_at_a_silo_when_it_lost_its_lease_does_not_begin_in_its_next_life()
    {
        await using var cluster = await TestCluster.Start(2, settings: new MembershipSettings());
        var (cut, other) = (cluster.Silos[0], cluster.Silos[1]);
        var former = TestCluster.Runtime(cut).Address;
        // More than one: some of them belong to the next life, where what waited would begin.
        var grains = Enumerable.Range(0, 12).Select(number => TestCluster.Grains(other).GetGrain<IClusterGrain>(
            cluster.KeyOn(cut, $"grain-{number}"))).ToList();
        var running = grains.ConvertAll(grain => grain.Pass("gate"));
        var waiting = grains.ConvertAll(grain => grain.Add());
        var activations = new List<Activation>();
        await Eventually.True(() =>
        {
            activations = [.. grains.Select(grain => TestCluster.Runtime(cut).Catalog.TryGet(grain.GetGrainId(), out var target)
                ? target as Activation : null).OfType<Activation>().Where(activation => activation.QueueLength == 2)];
            return activations.Count == grains.Count;
        }, "each has a request that runs and one that waits");

        cluster.StoreOf(cut).IsCut = true;
        foreach (var call in running.Concat<Task>(waiting))
            await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
        cluster.StoreOf(cut).IsCut = false;
        await Eventually.True(() => TestCluster.Runtime(cut) is { Epoch: > 0, Lease.IsFenced: false }, "the silo has joined again");
        await cluster.Agreed();
        Assert.Contains(grains, grain => !cluster.Owner(other, grain.GetPrimaryKeyString()).Equals(TestCluster.Runtime(other).Address));
        foreach (var grain in grains)
            Assert.Equal(1, await grain.Add());

        cluster.Probe.Open("gate");
        await Task.WhenAll(activations.Select(static activation => activation.Deactivated));
        foreach (var grain in grains)
            Assert.Equal(2, await grain.Add());
    }

    [Fact]
    public async Task What_a_silo_sends_that_is_dead_to_the_others_does_not_begin_there()
    {
        await using var cluster = await TestCluster.Start(2);
        var (dead, other) = (cluster.Silos[0], cluster.Silos[1]);
        var grain = TestCluster.Grains(dead).GetGrain<IClusterGrain>(cluster.KeyOn(other));
        Assert.Equal(1, await grain.Add());
        var former = TestCluster.Runtime(dead).Address;

        // As after a pause: the others act in its place, and nothing has told it yet. Its connections stand.
        cluster.StoreOf(dead).IsCut = true;
        await cluster.StoreOf(other).SetStatus(former, SiloStatus.Dead, CancellationToken.None);
        await Eventually.True(() => TestCluster.Runtime(dead).Membership.Current.Find(former)?.Status == SiloStatus.Dead,
            "the other has taken its death in, and says so");
        Assert.True(TestCluster.Runtime(dead).Lease.IsHeld);
        var call = grain.Add();
        cluster.StoreOf(dead).IsCut = false;
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);

        await cluster.Agreed();
        Assert.Equal(2, await grain.Add());
    }

    /// <summary>Real time that can jump, as a process sees it that was stopped.</summary>
    private sealed class SkippingTime : TimeProvider
    {
        private long _skipped;

        internal void Skip(TimeSpan span) => Interlocked.Add(ref _skipped, (long)(span.TotalSeconds * TimestampFrequency));

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _skipped);
    }
}
