using System.Collections.Concurrent;
using Fabric.Engine;
using Fabric.Tests.Kit;
using Orleans.TestingHost;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>Silos come and go while callers count: what was acknowledged stays, and nothing is counted twice.</summary>
public sealed class MembershipChangeTests
{
    private const int Counters = 40;
    private const int Callers = 4;

    [Fact]
    public async Task A_silo_that_joins_takes_its_share_and_no_call_fails()
    {
        await using var cluster = await TestCluster.Start(2);
        var before = Owners(cluster);
        await using var count = new Count(cluster, mayFail: false);
        await count.Reaches(5);
        var joined = await cluster.Cluster.StartAdditionalSiloAsync();
        await cluster.Agreed();
        await count.Reaches(10);
        await count.Stop();
        var after = Owners(cluster);
        var moved = before.Keys.Where(key => !after[key].Equals(before[key])).ToList();
        Assert.NotEmpty(moved);
        Assert.All(moved, key => Assert.Equal(joined.SiloAddress, after[key]));
        Assert.All(moved, key => Assert.Equal(1, cluster.Probe.Count($"{key} ends on {before[key]}")));
        Assert.All(before.Keys.Except(moved), key => Assert.Equal(0, cluster.Probe.Count($"{key} ends on {before[key]}")));
        await count.Holds();
    }

    [Fact]
    public async Task A_silo_that_leaves_hands_over_and_no_call_fails()
    {
        await using var cluster = await TestCluster.Start(3);
        await using var count = new Count(cluster, mayFail: false);
        await count.Reaches(5);
        var leaving = cluster.Silos[1];
        await cluster.Cluster.StopSiloAsync(leaving);
        await cluster.Agreed();
        await count.Reaches(10);
        await count.Stop();
        Assert.Equal(SiloStatus.Dead, TestCluster.Runtime(cluster.Silos[0]).Membership.Current.Find(leaving.SiloAddress)!.Status);
        await count.Holds();
    }

    [Fact]
    public async Task A_killed_silos_grains_answer_elsewhere_and_nothing_acknowledged_is_lost()
    {
        await using var cluster = await TestCluster.Start(3, settings: new MembershipSettings());
        await using var count = new Count(cluster, mayFail: true);
        await count.Reaches(5);
        await cluster.Cluster.KillSiloAsync(cluster.Silos[2]);
        await cluster.Agreed();
        await count.Reaches(20);
        await count.Stop();
        await count.Holds();
    }

    [Fact]
    public async Task The_running_call_of_a_grain_that_moves_finishes_before_the_grain_lives_elsewhere()
    {
        await using var cluster = await TestCluster.Start(1);
        var first = cluster.Silos[0];
        var keys = Enumerable.Range(0, 20).Select(number => $"busy-{number}").ToArray();
        var running = keys.Select(key => cluster.Client.GetGrain<IClusterGrain>(key).PassAndAdd($"gate {key}")).ToArray();
        foreach (var key in keys)
            await cluster.Probe.Reached($"gate {key}");
        var second = await cluster.Cluster.StartAdditionalSiloAsync();
        await Eventually.True(() => TestCluster.Runtime(first).Membership.Current.Active.Length == 2, "the first silo sees the second");
        var key2 = keys.First(key => cluster.Owner(first, key).Equals(second.SiloAddress));
        var next = cluster.Client.GetGrain<IClusterGrain>(key2).Add();
        Assert.Equal(0, cluster.Probe.Count($"{key2} begins on {second.SiloAddress}"));
        foreach (var key in keys)
            cluster.Probe.Open($"gate {key}");
        await Task.WhenAll(running);
        Assert.Equal(1, await running[Array.IndexOf(keys, key2)]);
        Assert.Equal(2, await next);
        var log = cluster.Probe.Log;
        var ended = Array.IndexOf(log, $"{key2} ends on {first.SiloAddress}");
        Assert.InRange(ended, 0, Array.IndexOf(log, $"{key2} begins on {second.SiloAddress}"));
    }

    [Fact]
    public async Task Calls_that_a_dead_silo_was_running_fail_at_once()
    {
        await using var cluster = await TestCluster.Start(2);
        var key = cluster.KeyOn(cluster.Silos[1]);
        var call = TestCluster.Grains(cluster.Silos[0]).GetGrain<IClusterGrain>(key).Pass("never");
        await cluster.Probe.Reached("never");
        await cluster.Cluster.KillSiloAsync(cluster.Silos[1]);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
        cluster.Probe.Open("never");
    }

    private static Dictionary<string, SiloAddress> Owners(TestCluster cluster) => Enumerable.Range(0, Counters)
        .ToDictionary(number => $"count-{number}", number => cluster.Owner(cluster.Silos[0], $"count-{number}"));

    /// <summary>Callers that count on many grains without end.</summary>
    private sealed class Count : IAsyncDisposable
    {
        private readonly TestCluster _cluster;
        private readonly bool _mayFail;
        private readonly CancellationTokenSource _stop = new();
        private readonly ConcurrentDictionary<string, ConcurrentBag<int>> _acknowledged = [];
        private readonly Task _running;

        internal Count(TestCluster cluster, bool mayFail)
        {
            _cluster = cluster;
            _mayFail = mayFail;
            _running = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => Run(caller))));
        }

        /// <summary>Waits until each counter was counted so often, or says how a call failed.</summary>
        internal async Task Reaches(int times)
        {
            var reached = Eventually.True(() => _acknowledged.Count == Counters && _acknowledged.Values.All(each => each.Count >= times),
                $"every counter was counted {times} times", TimeSpan.FromSeconds(90));
            await (await Task.WhenAny(reached, _running));
        }

        internal Task Stop()
        {
            _stop.Cancel();
            return _running;
        }

        /// <summary>Every acknowledged count is in the record, none was given twice.</summary>
        internal async Task Holds()
        {
            foreach (var (key, values) in _acknowledged)
            {
                Assert.Equal(values.Count, values.Distinct().Count());
                var last = await _cluster.Client.GetGrain<IClusterGrain>(key).Add();
                Assert.True(last > values.Max(), $"{key}: {values.Max()} was acknowledged, and the next is {last}");
                if (!_mayFail)
                    Assert.Equal(values.Count + 1, last);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task Run(int caller)
        {
            for (var turn = caller; !_stop.IsCancellationRequested; turn += Callers)
            {
                var key = $"count-{turn % Counters}";
                try
                {
                    var value = await _cluster.Client.GetGrain<IClusterGrain>(key).Add();
                    _acknowledged.GetOrAdd(key, _ => []).Add(value);
                }
                catch (SiloUnavailableException) when (_mayFail)
                {
                    // Its silo was killed while it ran: nobody knows, so it counts as nothing.
                }
            }
        }
    }
}
