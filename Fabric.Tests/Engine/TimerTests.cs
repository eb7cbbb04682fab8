namespace Fabric.Tests.Engine;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer whose ticks stand at gates "tick 1", "tick 2"...</summary>
    Task Start(TimeSpan due, TimeSpan period, bool interleave);

    Task StartFailing(TimeSpan period);

    Task Change(TimeSpan due, TimeSpan period);

    Task Stop();

    Task Work(string gate);
}

public sealed class TimerGrain(Probe probe) : Grain, ITimerGrain
{
    private IGrainTimer? _timer;
    private int _ticks;

    public Task Start(TimeSpan due, TimeSpan period, bool interleave)
    {
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(due, period) { Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartFailing(TimeSpan period)
    {
        _timer = this.RegisterGrainTimer(() =>
        {
            probe.Note($"failed {++_ticks}");
            throw new InvalidOperationException("a tick may fail");
        }, period, period);
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public Task Work(string gate) => probe.Pass(gate);

    private async Task Tick(CancellationToken token)
    {
        var number = ++_ticks;
        await probe.Pass($"tick {number}").WaitAsync(token);
        probe.Note($"tick {number} done");
    }
}

public sealed class TimerTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_timer_ticks_when_due_and_then_once_per_period_counted_from_the_end_of_a_tick()
    {
        await using var silo = await TestSilo.Start();
        await silo.Grains.GetGrain<ITimerGrain>("a").Start(Minute, 2 * Minute, interleave: false);
        silo.Time.Advance(Minute);
        await silo.Probe.Reached("tick 1");
        silo.Time.Advance(5 * Minute);
        Assert.DoesNotContain("at tick 2", silo.Probe.Log);
        silo.Probe.Open("tick 1");
        await silo.Quiet();
        silo.Time.Advance(Minute);
        await silo.Quiet();
        Assert.DoesNotContain("at tick 2", silo.Probe.Log);
        silo.Probe.Open("tick 2");
        silo.Time.Advance(Minute);
        await silo.Probe.Saw("tick 2 done");
    }

    [Fact]
    public async Task A_tick_waits_for_the_request_that_runs_and_requests_wait_for_the_tick()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(Minute, Minute, interleave: false);
        var work = grain.Work("work");
        await silo.Probe.Reached("work");
        silo.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.DoesNotContain("at tick 1", silo.Probe.Log);
        silo.Probe.Open("work");
        await work;
        silo.Time.Advance(Minute);
        await silo.Probe.Reached("tick 1");
        var later = grain.Work("later");
        silo.Probe.Open("later");
        Assert.DoesNotContain("at later", silo.Probe.Log);
        silo.Probe.Open("tick 1");
        await later;
    }

    [Fact]
    public async Task A_tick_that_may_interleave_runs_beside_a_request()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, interleave: true);
        var work = grain.Work("work");
        await silo.Probe.Reached("work");
        silo.Time.Advance(TimeSpan.FromSeconds(1));
        await silo.Probe.Reached("tick 1");
        silo.Probe.Open("tick 1");
        await silo.Probe.Saw("tick 1 done");
        silo.Probe.Open("work");
        await work;
    }

    [Fact]
    public async Task A_tick_that_fails_does_not_stop_the_timer()
    {
        await using var silo = await TestSilo.Start();
        await silo.Grains.GetGrain<ITimerGrain>("a").StartFailing(Minute);
        silo.Time.Advance(Minute);
        await silo.Probe.Saw("failed 1");
        await silo.Quiet();
        silo.Time.Advance(Minute);
        await silo.Probe.Saw("failed 2");
    }

    [Fact]
    public async Task A_timer_can_be_changed_and_stopped_and_stopping_cancels_the_running_tick()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<ITimerGrain>("a");
        await grain.Start(Timeout.InfiniteTimeSpan, Minute, interleave: true);
        await grain.Change(Minute, Timeout.InfiniteTimeSpan);
        silo.Time.Advance(Minute);
        await silo.Probe.Reached("tick 1");
        await grain.Stop();
        await silo.Quiet();
        silo.Time.Advance(10 * Minute);
        await silo.Quiet();
        Assert.Equal(["at tick 1"], silo.Probe.Log);
    }
}
