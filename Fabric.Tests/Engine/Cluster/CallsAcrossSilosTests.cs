using System.Diagnostics;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>A call behaves the same whether its grain is in this process or in another.</summary>
public sealed class CallsAcrossSilosTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await TestCluster.Start(2);

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    private IClusterGrain Far(string prefix = "far") => TestCluster.Grains(_cluster.Silos[0])
        .GetGrain<IClusterGrain>(_cluster.KeyOn(_cluster.Silos[1], prefix));

    [Fact]
    public async Task Grains_live_where_the_hash_says_and_answer_every_silo_and_the_client()
    {
        foreach (var silo in _cluster.Silos)
        {
            var key = _cluster.KeyOn(silo);
            Assert.Equal(silo.SiloAddress.ToString(), await _cluster.Client.GetGrain<IClusterGrain>(key).Silo());
            foreach (var caller in _cluster.Silos)
                Assert.Equal(silo.SiloAddress.ToString(), await TestCluster.Grains(caller).GetGrain<IClusterGrain>(key).Silo());
            Assert.Equal(1, _cluster.Probe.Count($"{key} begins on {silo.SiloAddress}"));
        }
    }

    [Fact]
    public async Task An_exception_comes_to_the_caller_with_its_type_and_message()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => Far().Fail("no such thing"));
        Assert.Equal("no such thing", thrown.Message);
    }

    [Fact]
    public async Task A_turn_that_keeps_its_thread_holds_up_nobody_else_on_its_connection()
    {
        var held = Far("held").HoldThread("thread");
        await _cluster.Probe.Reached("thread");
        try
        {
            // They come over the very connection that brought the call whose turn does not end.
            for (var number = 0; number < 20; number++)
                await Far($"other-{number}").Silo();
            Assert.False(held.IsCompleted);
        }
        finally
        {
            _cluster.Probe.Open("thread");
        }

        await held;
    }

    [Fact]
    public async Task Cancelling_reaches_the_grain()
    {
        using var source = new CancellationTokenSource();
        var grain = Far("cancelled");
        var call = grain.WaitForCancellation(source.Token);
        await _cluster.Probe.Saw($"{grain.GetPrimaryKeyString()} waits");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await _cluster.Probe.Saw($"{grain.GetPrimaryKeyString()} was cancelled");
    }

    [Fact]
    public async Task A_call_that_nobody_awaits_is_delivered()
    {
        await Far("one-way").Note("it came");
        await _cluster.Probe.Saw("it came");
    }

    [Fact]
    public async Task An_enumeration_is_read_from_afar_page_by_page_and_can_be_left_early()
    {
        var numbers = new List<int>();
        await foreach (var number in Far("count").Count(250).WithBatchSize(7))
            numbers.Add(number);
        Assert.Equal(Enumerable.Range(1, 250), numbers);
        await foreach (var number in Far("count").Count(int.MaxValue))
        {
            if (number == 300)
                break;
        }

        Assert.Equal("fine", await Echo("fine"));
    }

    [Fact]
    public async Task An_observer_of_one_silo_and_one_of_the_client_hear_a_grain_of_another()
    {
        var (here, there) = (new Heard(), new Heard());
        var grain = Far("watched");
        await grain.Watch(TestCluster.Grains(_cluster.Silos[0]).CreateObjectReference<ICounterObserver>(here));
        await grain.Watch(_cluster.Client.CreateObjectReference<ICounterObserver>(there));
        await grain.Add();
        await grain.Add();
        await Eventually.True(() => here.Values.Contains(2) && there.Values.Contains(2), "both observers heard of the second change");
        GC.KeepAlive(here);
        GC.KeepAlive(there);
    }

    [Fact]
    public async Task Request_context_and_trace_go_along()
    {
        RequestContext.Set("who", "me");
        using var activity = new Activity("test").Start();
        var grain = Far("context");
        Assert.Equal("me", await grain.Context("who"));
        Assert.Equal(activity.TraceId.ToString(), await grain.Trace());
        RequestContext.Clear();
    }

    [Fact]
    public async Task A_call_chain_may_come_back_through_another_silo()
    {
        var near = TestCluster.Grains(_cluster.Silos[0]).GetGrain<IClusterGrain>(_cluster.KeyOn(_cluster.Silos[0], "chain"));
        Assert.Equal(_cluster.Silos[0].SiloAddress.ToString(), await near.ThereAndBack(Far("chain").GetPrimaryKeyString()));
    }

    [Fact]
    public async Task The_callers_deadline_counts_for_all_that_it_calls()
    {
        var near = _cluster.KeyOn(_cluster.Silos[0], "deadline");
        var far = Far("deadline").GetPrimaryKeyString();
        await Assert.ThrowsAsync<TimeoutException>(() => _cluster.Client.GetGrain<IClusterGrain>(near).PassOtherSoon(far, "closed"));
        await _cluster.Probe.Saw($"{near} gave up");
        _cluster.Probe.Open("closed");
    }

    private async Task<string?> Echo(string value)
    {
        RequestContext.Set("echo", value);
        var echoed = await Far().Context("echo");
        RequestContext.Clear();
        return echoed;
    }

    private sealed class Heard : ICounterObserver
    {
        private readonly List<int> _values = [];

        internal int[] Values
        {
            get
            {
                lock (_values)
                    return [.. _values];
            }
        }

        public void Changed(int value)
        {
            lock (_values)
                _values.Add(value);
        }
    }
}
