using Orleans.Concurrency;
using Orleans.Serialization.Invocation;

namespace Fabric.Tests.Engine;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Stands at a gate in the middle of its work.</summary>
    Task Work(string gate);

    [ReadOnly]
    Task Read(string gate);

    [AlwaysInterleave]
    Task Urgent(string gate);

    [OneWay]
    Task Forget(string gate);

    /// <summary>True when code after awaits still runs in the grain's own turns.</summary>
    Task<bool> StaysInItsTurns();

    /// <summary>Counts without any lock; only turns that never overlap count right.</summary>
    Task<int> CountWithoutLock(int times);

    Task<string> CallBack(string other, bool allow);

    Task<string> Name();

    Task<string> CallBackTo(string other);
}

public class TurnGrain(Probe probe) : Grain, ITurnGrain
{
    private int _count;

    public async Task Work(string gate)
    {
        await probe.Pass(gate);
        probe.Note($"after {gate}");
    }

    public Task Read(string gate) => Work(gate);

    public Task Urgent(string gate) => Work(gate);

    public Task Forget(string gate) => Work(gate);

    public async Task<bool> StaysInItsTurns()
    {
        var mine = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current == mine;
        await Task.Run(() => Assert.NotEqual(mine, TaskScheduler.Current));
        await Task.Factory.StartNew(() => Assert.Equal(mine, TaskScheduler.Current));
        return afterYield && mine != TaskScheduler.Default && TaskScheduler.Current == mine;
    }

    public async Task<int> CountWithoutLock(int times)
    {
        async Task Count()
        {
            for (var done = 0; done < times; done++)
            {
                var before = _count;
                if (done % 8 == 0)
                    await Task.Yield();
                else
                    _count = before + 1;
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Count()));
        return _count;
    }

    public async Task<string> CallBack(string other, bool allow)
    {
        if (!allow)
            return await GrainFactory.GetGrain<ITurnGrain>(other).CallBackTo(this.GetPrimaryKeyString());
        using (RequestContext.AllowCallChainReentrancy())
            return await GrainFactory.GetGrain<ITurnGrain>(other).CallBackTo(this.GetPrimaryKeyString());
    }

    public Task<string> Name() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<string> CallBackTo(string other) => GrainFactory.GetGrain<ITurnGrain>(other).Name();
}

public interface IReentrantGrain : ITurnGrain;

[Reentrant]
public sealed class ReentrantGrain(Probe probe) : TurnGrain(probe), IReentrantGrain;

public interface IChoosyGrain : ITurnGrain;

[MayInterleave(nameof(Lets))]
public sealed class ChoosyGrain(Probe probe) : TurnGrain(probe), IChoosyGrain
{
    public static bool Lets(IInvokable request) => request.GetArgumentCount() == 1 && request.GetArgument(0) is "please";
}

public interface IWorkerGrain : IGrainWithStringKey
{
    Task Work(string gate);
}

[StatelessWorker(2)]
public sealed class WorkerGrain(Probe probe) : Grain, IWorkerGrain
{
    public Task Work(string gate) => probe.Pass(gate);
}

public sealed class TurnTests
{
    [Fact]
    public async Task A_second_request_starts_only_when_the_first_is_done()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITurnGrain>("a");
        var first = grain.Work("one");
        await silo.Probe.Reached("one");
        var second = grain.Work("two");
        silo.Probe.Open("two");
        Assert.DoesNotContain("at two", silo.Probe.Log);
        silo.Probe.Open("one");
        await Task.WhenAll(first, second);
        Assert.Equal(["at one", "after one", "at two", "after two"], silo.Probe.Log);
    }

    [Fact]
    public async Task Requests_that_wait_start_in_the_order_in_which_they_came()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITurnGrain>("a");
        var calls = new List<Task> { grain.Work("first") };
        await silo.Probe.Reached("first");
        foreach (var number in Enumerable.Range(0, 50))
        {
            silo.Probe.Open($"{number}");
            calls.Add(grain.Work($"{number}"));
        }

        silo.Probe.Open("first");
        await Task.WhenAll(calls);
        var order = silo.Probe.Log.Where(entry => entry.StartsWith("at ", StringComparison.Ordinal)).Skip(1);
        Assert.Equal(Enumerable.Range(0, 50).Select(number => $"at {number}"), order);
    }

    [Fact]
    public async Task Code_after_an_await_comes_back_to_the_grains_own_turns()
    {
        await using var silo = await TestSilo.Start();
        Assert.True(await silo.Grains.GetGrain<ITurnGrain>("a").StaysInItsTurns());
    }

    [Fact]
    public async Task Turns_of_one_grain_never_overlap()
    {
        await using var silo = await TestSilo.Start();
        Assert.Equal(8 * 7_000, await silo.Grains.GetGrain<IReentrantGrain>("a").CountWithoutLock(8_000));
    }

    [Fact]
    public async Task Requests_to_a_reentrant_grain_interleave()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IReentrantGrain>("a");
        var first = grain.Work("one");
        await silo.Probe.Reached("one");
        var second = grain.Work("two");
        await silo.Probe.Reached("two");
        silo.Probe.Open("two");
        await second;
        silo.Probe.Open("one");
        await first;
    }

    [Fact]
    public async Task An_always_interleaving_method_runs_while_another_request_does()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITurnGrain>("a");
        var first = grain.Work("one");
        await silo.Probe.Reached("one");
        silo.Probe.Open("urgent");
        await grain.Urgent("urgent");
        silo.Probe.Open("one");
        await first;
    }

    [Fact]
    public async Task Read_only_requests_interleave_with_each_other_but_not_with_writes()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITurnGrain>("a");
        var reads = new List<Task> { grain.Read("r1") };
        await silo.Probe.Reached("r1");
        var write = grain.Work("write");
        reads.Add(grain.Read("r2"));
        await silo.Probe.Reached("r2");
        Assert.DoesNotContain("at write", silo.Probe.Log);
        silo.Probe.Open("r1");
        silo.Probe.Open("r2");
        await Task.WhenAll(reads);
        await silo.Probe.Reached("write");
        var late = grain.Read("r3");
        silo.Probe.Open("r3");
        Assert.DoesNotContain("at r3", silo.Probe.Log);
        silo.Probe.Open("write");
        await Task.WhenAll(write, late);
    }

    [Fact]
    public async Task A_predicate_of_the_class_says_which_requests_interleave()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IChoosyGrain>("a");
        var first = grain.Work("one");
        await silo.Probe.Reached("one");
        var waits = grain.Work("no");
        silo.Probe.Open("please");
        await grain.Work("please");
        Assert.DoesNotContain("at no", silo.Probe.Log);
        silo.Probe.Open("no");
        silo.Probe.Open("one");
        await Task.WhenAll(first, waits);
    }

    [Fact]
    public async Task A_one_way_call_is_done_for_its_caller_at_hand_off()
    {
        await using var silo = await TestSilo.Start();
        await silo.Grains.GetGrain<ITurnGrain>("a").Forget("one");
        await silo.Probe.Reached("one");
        silo.Probe.Open("one");
        await silo.Probe.Saw("after one");
    }

    [Fact]
    public async Task A_call_chain_that_comes_back_waits_until_its_deadline()
    {
        await using var silo = await TestSilo.Start();
        var call = silo.Grains.GetGrain<ITurnGrain>("a").CallBack("b", allow: false);
        await silo.PendingCalls(3);
        silo.Time.Advance(TimeSpan.FromSeconds(31));
        await Assert.ThrowsAsync<TimeoutException>(() => call);
    }

    [Fact]
    public async Task A_call_chain_may_come_back_where_the_grain_allowed_it()
    {
        await using var silo = await TestSilo.Start();
        Assert.Equal("a", await silo.Grains.GetGrain<ITurnGrain>("a").CallBack("b", allow: true));
    }

    [Fact]
    public async Task A_stateless_worker_runs_as_many_requests_at_once_as_it_may_have_activations()
    {
        await using var silo = await TestSilo.Start();
        var worker = silo.Grains.GetGrain<IWorkerGrain>("w");
        var calls = new[] { worker.Work("one"), worker.Work("two") };
        await silo.Probe.Reached("one");
        await silo.Probe.Reached("two");
        var third = worker.Work("three");
        Assert.DoesNotContain("at three", silo.Probe.Log);
        silo.Probe.Open("one");
        silo.Probe.Open("two");
        silo.Probe.Open("three");
        await Task.WhenAll([.. calls, third]);
    }
}
