using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace Fabric.Tests.Engine;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<Guid> Activation();

    Task Leave(string gate);

    Task Stay(TimeSpan span);

    Task Tick(TimeSpan period, bool keepAlive);
}

/// <summary>Disposed with the scope of its activation.</summary>
public sealed class Scoped(Probe probe) : IDisposable
{
    public void Dispose() => probe.Note("scope disposed");
}

public sealed class LifeGrain : Grain, ILifeGrain, IAsyncDisposable
{
    private readonly Probe _probe;
    private readonly Guid _id = Guid.NewGuid();

    public LifeGrain(Probe probe, Scoped scoped, IGrainContext context)
    {
        _probe = probe;
        _probe.Note("constructed");
        context.ObservableLifecycle.Subscribe("test", GrainLifecycleStage.SetupState, _ => Noted("set up"), _ => Noted("torn down"));
        Assert.NotNull(scoped);
    }

    public override Task OnActivateAsync(CancellationToken cancellationToken) => Noted("activated");

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Noted($"left: {reason.ReasonCode}");

    public Task<Guid> Activation() => Task.FromResult(_id);

    public async Task Leave(string gate)
    {
        DeactivateOnIdle();
        await _probe.Pass(gate);
    }

    public Task Stay(TimeSpan span)
    {
        DelayDeactivation(span);
        return Task.CompletedTask;
    }

    public Task Tick(TimeSpan period, bool keepAlive)
    {
        this.RegisterGrainTimer(() => Noted("tick"), new GrainTimerCreationOptions(period, period) { KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _probe.Note("disposed");
        return ValueTask.CompletedTask;
    }

    private Task Noted(string what)
    {
        _probe.Note(what);
        return Task.CompletedTask;
    }
}

public interface IStubbornGrain : IGrainWithStringKey
{
    Task<int> Attempts();
}

public sealed class StubbornGrain(Probe probe) : Grain, IStubbornGrain
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        probe.Note("attempt");
        if (probe.Count("attempt") > 1)
            return;
        await probe.Pass("door");
        throw new InvalidOperationException("not yet");
    }

    public Task<int> Attempts() => Task.FromResult(probe.Count("attempt"));
}

public interface IEternalGrain : IGrainWithStringKey
{
    Task<Guid> Activation();
}

[KeepAlive]
public sealed class EternalGrain : Grain, IEternalGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public Task<Guid> Activation() => Task.FromResult(_id);
}

public interface IFleetingGrain : IGrainWithStringKey
{
    Task<Guid> Activation();
}

[CollectionAgeLimit(Minutes = 2)]
public sealed class FleetingGrain : Grain, IFleetingGrain
{
    private readonly Guid _id = Guid.NewGuid();

    public Task<Guid> Activation() => Task.FromResult(_id);
}

/// <summary>A grain without the base class.</summary>
public interface IPocoGrain : IGrainWithStringKey
{
    Task<string> Key();
}

public sealed class PocoGrain(IGrainContext context) : IGrainBase, IPocoGrain
{
    public IGrainContext GrainContext { get; } = context;

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());
}

public sealed class LifeTests
{
    private static Task<TestSilo> Start() => TestSilo.Start(silo => silo.Services.AddScoped<Scoped>());

    [Fact]
    public async Task An_activation_is_constructed_set_up_and_activated_before_its_first_request_and_leaves_in_reverse()
    {
        Probe probe;
        await using (var silo = await Start())
        {
            probe = silo.Probe;
            await silo.Grains.GetGrain<ILifeGrain>("a").Activation();
            Assert.Equal(["constructed", "set up", "activated"], probe.Log);
        }

        Assert.Equal(["left: ShuttingDown", "torn down", "disposed", "scope disposed"], probe.Log[3..]);
    }

    [Fact]
    public async Task Requests_that_wait_for_an_activation_that_fails_get_its_exception_and_the_next_call_tries_anew()
    {
        await using var silo = await TestSilo.Start();
        var grain = silo.Grains.GetGrain<IStubbornGrain>("a");
        var calls = new[] { grain.Attempts(), grain.Attempts() };
        await silo.Probe.Reached("door");
        silo.Probe.Open("door");
        foreach (var call in calls)
            Assert.Equal("not yet", (await Assert.ThrowsAsync<InvalidOperationException>(() => call)).Message);
        Assert.Equal(2, await grain.Attempts());
    }

    [Fact]
    public async Task A_grain_that_leaves_finishes_its_request_and_what_waits_goes_to_a_new_activation()
    {
        await using var silo = await Start();
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");
        var old = await grain.Activation();
        var leaving = grain.Leave("door");
        await silo.Probe.Reached("door");
        var waiting = grain.Activation();
        Assert.DoesNotContain("left: ApplicationRequested", silo.Probe.Log);
        silo.Probe.Open("door");
        await leaving;
        Assert.NotEqual(old, await waiting);
        Assert.Contains("left: ApplicationRequested", silo.Probe.Log);
    }

    [Fact]
    public async Task An_activation_without_requests_is_collected_after_its_age()
    {
        await using var silo = await Start();
        var grain = silo.Grains.GetGrain<ILifeGrain>("a");
        var old = await grain.Activation();
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(old, await grain.Activation());
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(14));
        Assert.DoesNotContain("left: ActivationIdle", silo.Probe.Log);
        silo.Time.Advance(TimeSpan.FromMinutes(2));
        await silo.Probe.Saw("left: ActivationIdle");
        Assert.NotEqual(old, await grain.Activation());
    }

    [Fact]
    public async Task Delayed_deactivation_keeps_an_idle_activation()
    {
        await using var silo = await Start();
        await silo.Grains.GetGrain<ILifeGrain>("a").Stay(TimeSpan.FromMinutes(30));
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.DoesNotContain("left: ActivationIdle", silo.Probe.Log);
        silo.Time.Advance(TimeSpan.FromMinutes(3));
        await silo.Probe.Saw("left: ActivationIdle");
    }

    [Fact]
    public async Task A_timer_does_not_keep_an_activation_unless_it_says_so()
    {
        await using var silo = await Start();
        await silo.Grains.GetGrain<ILifeGrain>("a").Tick(TimeSpan.FromMinutes(3), keepAlive: false);
        for (var minute = 0; minute < 20 && !silo.Probe.Log.Contains("left: ActivationIdle"); minute++)
        {
            await silo.Quiet();
            silo.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await silo.Probe.Saw("left: ActivationIdle");
        Assert.Contains("tick", silo.Probe.Log);
    }

    [Fact]
    public async Task A_timer_that_keeps_alive_does()
    {
        await using var silo = await Start();
        await silo.Grains.GetGrain<ILifeGrain>("a").Tick(TimeSpan.FromMinutes(3), keepAlive: true);
        for (var minute = 0; minute < 40; minute++)
        {
            await silo.Quiet();
            silo.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.DoesNotContain("left: ActivationIdle", silo.Probe.Log);
    }

    [Fact]
    public async Task A_class_may_ask_to_be_kept_or_to_go_earlier()
    {
        await using var silo = await TestSilo.Start();
        var (eternal, fleeting) = (silo.Grains.GetGrain<IEternalGrain>("a"), silo.Grains.GetGrain<IFleetingGrain>("a"));
        var (kept, gone) = (await eternal.Activation(), await fleeting.Activation());
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(4));
        Assert.NotEqual(gone, await fleeting.Activation());
        silo.Time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(kept, await eternal.Activation());
    }

    [Fact]
    public async Task The_options_may_give_a_class_its_own_age()
    {
        await using var silo = await TestSilo.Start(builder => builder.Services.AddScoped<Scoped>()
            .Configure<GrainCollectionOptions>(options =>
            options.ClassSpecificCollectionAge[typeof(LifeGrain).FullName!] = TimeSpan.FromMinutes(3)));
        await silo.Grains.GetGrain<ILifeGrain>("a").Activation();
        await silo.Quiet();
        silo.Time.Advance(TimeSpan.FromMinutes(5));
        await silo.Probe.Saw("left: ActivationIdle");
    }

    [Fact]
    public async Task A_class_needs_no_base_class_to_be_a_grain()
    {
        await using var silo = await TestSilo.Start();
        Assert.Equal("a", await silo.Grains.GetGrain<IPocoGrain>("a").Key());
    }
}
