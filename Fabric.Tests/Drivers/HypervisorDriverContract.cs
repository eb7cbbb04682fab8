using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Drivers;

/// <summary>What every hypervisor driver promises, played or real.</summary>
public abstract class HypervisorDriverContract : IAsyncLifetime
{
    private protected IHypervisorDriver Driver { get; private set; } = null!;

    public virtual async Task InitializeAsync() => Driver = await Open();

    public abstract Task DisposeAsync();

    /// <summary>A driver on the test's host; called again, one of a new agent on the same host.</summary>
    private protected abstract Task<IHypervisorDriver> Open();

    /// <summary>How often the guest was started so far, restarts included.</summary>
    private protected abstract Task<int> Boots(InstanceId id);

    /// <summary>The guest ends by itself.</summary>
    private protected abstract Task PowerOffFromInside(InstanceId id);

    /// <summary>Whether anything of the guest is left on the host: a definition, a file.</summary>
    private protected abstract Task<bool> LeavesTraces(InstanceId id);

    /// <summary>A guest that the host can start.</summary>
    private protected abstract DesiredInstance NewInstance();

    /// <summary>A guest whose image cannot be had.</summary>
    private protected abstract DesiredInstance Unbuildable();

    [SkippableFact]
    public async Task A_wanted_guest_runs()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);

        var seen = Assert.Single(await Driver.Observe(default));
        Assert.Equal(new ObservedInstance(wanted.Id, PowerState.Running, wanted.Generation), seen.Instance);
        Assert.True(seen.DefinedAt > DateTimeOffset.UtcNow.AddMinutes(-10) && seen.DefinedAt <= DateTimeOffset.UtcNow.AddSeconds(1));
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started once");
    }

    [SkippableFact]
    public async Task The_same_wish_twice_leaves_the_guest_alone()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");
        await Driver.Ensure(wanted, default);
        await Driver.Ensure(wanted with { Generation = wanted.Generation + 1 }, default);

        var seen = Assert.Single(await Driver.Observe(default)).Instance;
        Assert.Equal(new(wanted.Id, PowerState.Running, wanted.Generation + 1), seen);
        Assert.Equal(1, await Boots(wanted.Id));
    }

    [SkippableFact]
    public async Task A_new_agent_finds_its_guests_running_and_leaves_them_alone()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");

        var next = await Open();
        var seen = Assert.Single(await next.Observe(default)).Instance;
        Assert.Equal(new(wanted.Id, PowerState.Running, wanted.Generation), seen);
        await next.Ensure(wanted, default);
        Assert.Equal(1, await Boots(wanted.Id));
    }

    [SkippableFact]
    public async Task A_guest_is_stopped_and_started_again()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Driver.Ensure(wanted with { Power = DesiredPower.Stopped, Generation = 2 }, default);
        Assert.Equal(PowerState.Shutdown, Assert.Single(await Driver.Observe(default)).Instance.Power);
        await Driver.Ensure(wanted with { Power = DesiredPower.Stopped, Generation = 2 }, default);

        await Driver.Ensure(wanted with { Generation = 3 }, default);
        Assert.Equal(new(wanted.Id, PowerState.Running, 3), Assert.Single(await Driver.Observe(default)).Instance);
    }

    [SkippableTheory]
    [InlineData(DesiredPower.Paused, PowerState.Paused)]
    [InlineData(DesiredPower.Suspended, PowerState.Shutdown)]
    public async Task A_guest_rests_and_goes_on_without_a_restart(DesiredPower rest, PowerState seen)
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");
        await Driver.Ensure(wanted with { Power = rest, Generation = 2 }, default);
        Assert.Equal(new(wanted.Id, seen, 2), Assert.Single(await Driver.Observe(default)).Instance);
        await Driver.Ensure(wanted with { Power = rest, Generation = 2 }, default);

        await Driver.Ensure(wanted with { Generation = 3 }, default);
        Assert.Equal(new(wanted.Id, PowerState.Running, 3), Assert.Single(await Driver.Observe(default)).Instance);
        Assert.Equal(1, await Boots(wanted.Id));
    }

    [SkippableFact]
    public async Task A_hard_reboot_starts_a_suspended_guest_anew_and_nothing_of_it_is_left_in_the_end()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");
        await Driver.Ensure(wanted with { Power = DesiredPower.Suspended, Generation = 2 }, default);
        await Driver.Reboot(wanted with { Generation = 3 }, RebootKind.Hard, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 2, "the guest was started anew");
        await Driver.Ensure(wanted with { Power = DesiredPower.Suspended, Generation = 4 }, default);
        await Driver.EnsureAbsent(wanted.Id, default);
        Assert.False(await LeavesTraces(wanted.Id));
    }

    [SkippableFact]
    public async Task A_guest_can_be_made_without_being_started()
    {
        var wanted = NewInstance() with { Power = DesiredPower.Stopped };
        await Driver.Ensure(wanted, default);
        Assert.Equal(PowerState.Shutdown, Assert.Single(await Driver.Observe(default)).Instance.Power);
        Assert.Equal(0, await Boots(wanted.Id));
    }

    [SkippableTheory]
    [InlineData(RebootKind.Hard)]
    [InlineData(RebootKind.Soft)]
    public async Task A_reboot_restarts_the_guest_once_for_each_generation(RebootKind kind)
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started");

        var again = wanted with { Generation = 2 };
        await Driver.Reboot(again, kind, default);
        await Eventually.True(async () => await Boots(wanted.Id) == 2, "the guest was restarted");
        await Driver.Reboot(again, kind, default);
        await Driver.Ensure(again, default);
        Assert.Equal(2, await Boots(wanted.Id));
        Assert.Equal(new(wanted.Id, PowerState.Running, 2), Assert.Single(await Driver.Observe(default)).Instance);
    }

    [SkippableFact]
    public async Task A_reboot_starts_a_stopped_guest()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted with { Power = DesiredPower.Stopped }, default);
        await Driver.Reboot(wanted with { Generation = 2 }, RebootKind.Hard, default);
        Assert.Equal(PowerState.Running, Assert.Single(await Driver.Observe(default)).Instance.Power);
        await Eventually.True(async () => await Boots(wanted.Id) == 1, "the guest was started once");
    }

    [SkippableFact]
    public async Task Nothing_is_left_of_a_guest_that_is_not_wanted_any_more()
    {
        var (gone, stays) = (NewInstance(), NewInstance());
        await Driver.Ensure(gone, default);
        await Driver.Ensure(stays, default);
        await Driver.EnsureAbsent(gone.Id, default);
        await Driver.EnsureAbsent(gone.Id, default);

        Assert.Equal(stays.Id, Assert.Single(await Driver.Observe(default)).Instance.Id);
        Assert.False(await LeavesTraces(gone.Id));
    }

    [SkippableFact]
    public async Task A_guest_never_seen_is_already_absent() => await Driver.EnsureAbsent(InstanceId.New(), default);

    [SkippableFact]
    public async Task A_guest_that_could_not_be_made_leaves_nothing()
    {
        var wanted = Unbuildable();
        await Assert.ThrowsAnyAsync<Exception>(() => Driver.Ensure(wanted, default));
        Assert.Empty(await Driver.Observe(default));
        Assert.False(await LeavesTraces(wanted.Id));
    }

    [SkippableFact]
    public async Task A_guest_that_ends_by_itself_is_seen_and_announced()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        var announced = new TaskCompletionSource<InstanceId>(TaskCreationOptions.RunContinuationsAsynchronously);
        Driver.GuestChanged += id => announced.TrySetResult(id);
        await PowerOffFromInside(wanted.Id);

        Assert.Equal(wanted.Id, await announced.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        await Eventually.True(
            async () => Assert.Single(await Driver.Observe(default)).Instance.Power == PowerState.Shutdown, "the guest was seen shut down");
    }

    [SkippableFact]
    public async Task The_console_tells_what_the_guest_said_and_its_tail_can_be_asked_for()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Eventually.True(async () => (await Driver.ConsoleOutput(wanted.Id, null, default)).Length > 0, "the guest said something");

        var all = await Driver.ConsoleOutput(wanted.Id, null, default);
        var last = await Driver.ConsoleOutput(wanted.Id, 1, default);
        Assert.EndsWith(last, all);
        Assert.True(last.TrimEnd('\n').Split('\n').Length <= 1);
        Assert.Equal("", await Driver.ConsoleOutput(wanted.Id, 0, default));
        var fault = await Assert.ThrowsAsync<Fault>(() => Driver.ConsoleOutput(InstanceId.New(), null, default));
        Assert.Equal(FaultKind.NotFound, fault.Kind);
    }

    [SkippableFact]
    public async Task The_inventory_says_what_the_node_is()
    {
        var inventory = await Driver.Probe(default);
        Assert.True(inventory is { Vcpus: > 0, MemoryMiB: > 0, DiskGiB: > 0, HypervisorVersion: > 0 });
        Assert.Contains("COMPUTE_NODE", inventory.Traits);
        Assert.NotEqual("", inventory.NodeName);
        Assert.Equal("x86_64", inventory.Architecture);
    }

    [SkippableFact]
    public async Task Cleanup_takes_every_guest_away_and_can_be_repeated()
    {
        var wanted = NewInstance();
        await Driver.Ensure(wanted, default);
        await Driver.Ensure(NewInstance() with { Power = DesiredPower.Stopped }, default);
        await Driver.Cleanup(default);
        await Driver.Cleanup(default);
        Assert.Empty(await Driver.Observe(default));

        await Driver.Ensure(wanted, default);
        Assert.Equal(PowerState.Running, Assert.Single(await Driver.Observe(default)).Instance.Power);
    }
}
