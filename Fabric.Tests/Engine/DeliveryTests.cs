using Orleans.Configuration;

namespace Fabric.Tests.Engine;

public interface ISlowGrain : IGrainWithStringKey
{
    Task Work(string gate);

    [ResponseTimeout("00:00:05")]
    Task WorkBriefly(string gate);

    Task WorkUntil(string gate, CancellationToken token);

    /// <summary>Registers on its token and tells whether the callback came inside the grain's turns.</summary>
    Task<bool> HearsInItsTurn(CancellationToken token);
}

public sealed class SlowGrain(Probe probe) : Grain, ISlowGrain
{
    public async Task Work(string gate)
    {
        await probe.Pass(gate);
        probe.Note($"after {gate}");
    }

    public Task WorkBriefly(string gate) => Work(gate);

    public async Task WorkUntil(string gate, CancellationToken token)
    {
        try
        {
            await probe.Pass(gate).WaitAsync(token);
        }
        catch (OperationCanceledException)
        {
            probe.Note("cancelled");
            throw;
        }
    }

    public async Task<bool> HearsInItsTurn(CancellationToken token)
    {
        var mine = TaskScheduler.Current;
        var heard = new TaskCompletionSource<bool>();
        token.Register(() =>
        {
            var inTurn = TaskScheduler.Current == mine;
            probe.Note($"heard in turn: {inTurn}");
            heard.TrySetResult(inTurn);
        });
        probe.Note("listens");
        return await heard.Task;
    }
}

public sealed class DeliveryTests
{
    [Fact]
    public async Task A_call_without_an_answer_times_out_after_thirty_seconds_though_the_grain_works_on()
    {
        await using var silo = await TestSilo.Start();
        var call = silo.Grains.GetGrain<ISlowGrain>("a").Work("one");
        await silo.Probe.Reached("one");
        silo.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        silo.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("one");
        await silo.Probe.Saw("after one");
    }

    [Fact]
    public async Task A_method_may_have_a_timeout_of_its_own()
    {
        await using var silo = await TestSilo.Start();
        var call = silo.Grains.GetGrain<ISlowGrain>("a").WorkBriefly("one");
        await silo.Probe.Reached("one");
        silo.Time.Advance(TimeSpan.FromSeconds(5));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("one");
    }

    [Fact]
    public async Task The_options_set_the_timeout_of_all_other_methods()
    {
        await using var silo = await TestSilo.Start(builder =>
            builder.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(2)));
        var call = silo.Grains.GetGrain<ISlowGrain>("a").Work("one");
        await silo.Probe.Reached("one");
        silo.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        silo.Probe.Open("one");
    }

    [Fact]
    public async Task A_request_that_expired_in_the_mailbox_never_runs()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ISlowGrain>("a");
        var first = grain.Work("one");
        await silo.Probe.Reached("one");
        var second = grain.Work("two");
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<TimeoutException>(() => second);
        silo.Probe.Open("one");
        silo.Probe.Open("two");
        silo.Probe.Open("three");
        await grain.Work("three");
        Assert.DoesNotContain("at two", silo.Probe.Log);
        await Assert.ThrowsAsync<TimeoutException>(() => first);
    }

    [Fact]
    public async Task A_full_mailbox_refuses_instead_of_queueing()
    {
        await using var silo = await TestSilo.Start(builder =>
            builder.Configure<SiloMessagingOptions>(options => options.MaxEnqueuedRequestsHardLimit = 3));
        var grain = silo.Grains.GetGrain<ISlowGrain>("a");
        var taken = new[] { grain.Work("one"), grain.Work("two"), grain.Work("three") };
        await Assert.ThrowsAsync<LimitExceededException>(() => grain.Work("four"));
        foreach (var gate in new[] { "one", "two", "three", "five" })
            silo.Probe.Open(gate);
        await Task.WhenAll(taken);
        await grain.Work("five");
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_of_the_caller_and_reaches_the_grain()
    {
        await using var silo = await TestSilo.Start();
        using var source = new CancellationTokenSource();
        var call = silo.Grains.GetGrain<ISlowGrain>("a").WorkUntil("one", source.Token);
        await silo.Probe.Reached("one");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await silo.Probe.Saw("cancelled");
    }

    [Fact]
    public async Task A_grain_hears_of_a_cancellation_inside_its_own_turns()
    {
        await using var silo = await TestSilo.Start();
        using var source = new CancellationTokenSource();
        var call = silo.Grains.GetGrain<ISlowGrain>("a").HearsInItsTurn(source.Token);
        await silo.Probe.Saw("listens");
        await source.CancelAsync();
        await silo.Probe.Saw("heard in turn: True");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task A_call_with_a_cancelled_token_is_never_sent()
    {
        await using var silo = await TestSilo.Start();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            silo.Grains.GetGrain<ISlowGrain>("a").WorkUntil("one", new CancellationToken(canceled: true)));
        Assert.Equal(0, silo.Runtime.Catalog.Count);
    }

    [Fact]
    public async Task A_timeout_cancels_the_token_of_the_grain()
    {
        await using var silo = await TestSilo.Start();
        var call = silo.Grains.GetGrain<ISlowGrain>("a").WorkUntil("one", CancellationToken.None);
        await silo.Probe.Reached("one");
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
        await silo.Probe.Saw("cancelled");
    }

    [Fact]
    public async Task A_silo_that_stopped_fails_calls_instead_of_letting_them_wait()
    {
        var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ISlowGrain>("a");
        await silo.DisposeAsync();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => grain.Work("one"));
    }

    [Fact]
    public async Task A_storm_of_calls_is_all_answered_and_leaves_nothing_pending()
    {
        await using var silo = await TestSilo.Start();
        var grains = Enumerable.Range(0, 50).Select(key => silo.Grains.GetGrain<IEchoGrain>($"{key}")).ToArray();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20_000).Select(call => grains[call % 50].Add(call, 1).AsTask()));
        Assert.Equal(Enumerable.Range(1, 20_000), answers);
        Assert.Equal(0, silo.Runtime.PendingCallCount);
    }
}
