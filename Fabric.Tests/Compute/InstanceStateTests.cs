using Fabric.Grains.Compute;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Tests.Kit;
using FsCheck.Fluent;

namespace Fabric.Tests.Compute;

public sealed class InstanceStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly Caller Owner = Someone("member");
    private static readonly Caller Admin = Someone("admin");

    private delegate InstanceState Act(InstanceState state, DateTimeOffset now);

    /// <summary>All that can happen to an instance, by name.</summary>
    private static readonly IReadOnlyDictionary<string, Act> Acts = new Dictionary<string, Act>
    {
        ["spawn"] = static (state, now) => state.BeginSpawn("n1", "nova", [], now),
        ["tried"] = static (state, now) => state.VmState == VmState.Building ? state.TriedOn("n1", null, now) : state,
        ["built"] = static (state, now) => state.Built(now),
        ["build failed"] = static (state, now) => state.BuildFailed(Why(now), cleared: true, now),
        ["stop"] = static (state, now) => state.BeginStop(Owner, now),
        ["start"] = static (state, now) => state.BeginStart(Owner, now),
        ["pause"] = static (state, now) => state.BeginPause(Owner, now),
        ["unpause"] = static (state, now) => state.BeginUnpause(Owner, now),
        ["suspend"] = static (state, now) => state.BeginSuspend(Owner, now),
        ["resume"] = static (state, now) => state.BeginResume(Owner, now),
        ["paused"] = static (state, now) => state.Done(VmState.Paused, PowerState.Paused, now),
        ["soft reboot"] = static (state, now) => state.BeginReboot(RebootKind.Soft, Owner, now),
        ["hard reboot"] = static (state, now) => state.BeginReboot(RebootKind.Hard, Owner, now),
        ["delete"] = static (state, now) => state.BeginDelete(Owner, now),
        ["delete failed"] = static (state, now) => state.DeleteFailed(Why(now), now),
        ["done"] = static (state, now) => state.Done(VmState.Active, PowerState.Running, now),
        ["failed"] = static (state, now) => state.Failed(Why(now), now),
        ["seen off"] = static (state, now) => state.Observed(PowerState.Shutdown, state.Generation, now),
        ["seen on"] = static (state, now) => state.Observed(PowerState.Running, state.Generation, now),
        ["seen late"] = static (state, now) => state.Observed(PowerState.Shutdown, state.Generation - 1, now),
        ["lock"] = static (state, now) => state.Lock("because", Owner, now),
        ["unlock"] = static (state, now) => state.Unlock(Owner, now),
        ["reset"] = static (state, now) => state.Reset(VmState.Active, Admin, now),
    };

    [Fact]
    public void Whatever_happens_in_whatever_order_the_state_makes_sense() => Always.Holds(
        Pick.ListOf(Pick.OneOf(Acts.Keys.ToArray()), most: 60),
        names =>
        {
            var (state, now) = (New(), Start);
            foreach (var name in names)
            {
                now += TimeSpan.FromSeconds(1);
                state = Try(name, state, now);
            }
        });

    [Fact]
    public void A_locked_instance_obeys_only_an_administrator()
    {
        var locked = Running().Lock(null, Owner, Start);
        var fault = Assert.Throws<Fault>(() => locked.BeginStop(Owner, Start));
        Assert.Equal("InstanceIsLocked", fault.Type);
        Assert.Equal($"Instance {locked.Id} is locked", fault.Message);
        Assert.Equal(TaskState.PoweringOff, locked.BeginStop(Admin, Start).TaskState);
    }

    [Fact]
    public void What_is_in_no_state_for_an_action_says_so_in_novas_words()
    {
        var stopped = Running().BeginStop(Owner, Start).Done(VmState.Stopped, PowerState.Shutdown, Start);
        Assert.Equal($"Cannot 'stop' instance {stopped.Id} while it is in vm_state stopped",
            Assert.Throws<Fault>(() => stopped.BeginStop(Owner, Start)).Message);
        Assert.Equal($"Cannot 'start' instance {stopped.Id} while it is in vm_state active",
            Assert.Throws<Fault>(() => Running().BeginStart(Owner, Start)).Message.Replace(Running().Id.Text, stopped.Id.Text));
        Assert.Equal("Cannot 'stop' an instance which has never been active",
            Assert.Throws<Fault>(() => New().BuildFailed(Why(Start), true, Start).BeginStop(Owner, Start)).Message);
    }

    [Fact]
    public void A_guest_that_shut_itself_down_is_a_stopped_server()
    {
        var seen = Running().Observed(PowerState.Shutdown, 0, Start);
        Assert.Equal((VmState.Stopped, "SHUTOFF"), (seen.VmState, seen.Status));
    }

    [Fact]
    public void A_report_older_than_the_intent_changes_nothing()
    {
        var started = Running().BeginStop(Owner, Start).Done(VmState.Stopped, PowerState.Shutdown, Start)
            .BeginStart(Owner, Start).Done(VmState.Active, PowerState.Running, Start);
        Assert.Same(started, started.Observed(PowerState.Shutdown, started.Generation - 1, Start));
    }

    [Fact]
    public void A_deletion_asked_for_during_a_build_survives_the_builds_end()
    {
        var deleting = New().BeginSpawn("n1", null, [], Start).BeginDelete(Owner, Start);
        Assert.Equal(TaskState.Deleting, deleting.Built(Start).TaskState);
        Assert.Equal(TaskState.Deleting, deleting.BuildFailed(Why(Start), true, Start).TaskState);
        Assert.Throws<Fault>(() => deleting.BeginSpawn("n2", null, [], Start));
    }

    [Fact]
    public void Only_so_many_actions_are_remembered()
    {
        var state = Running();
        for (var i = 0; i < 100; i++)
            state = state.Lock(null, Owner, Start).Unlock(Owner, Start);
        Assert.Equal(InstanceState.MostActions, state.Actions.Count);
        Assert.Equal("unlock", state.Actions[^1].Action);
    }

    [Fact]
    public void Tags_and_metadata_have_limits()
    {
        var tags = Enumerable.Range(0, 51).Select(static n => $"t{n}").ToArray();
        Assert.Equal(FaultKind.BadRequest, Assert.Throws<Fault>(() => Running().WithTags(Change.Replace, tags, Start)).Kind);
        var items = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" };
        Assert.Equal(FaultKind.OverQuota, Assert.Throws<Fault>(() => Running().WithMetadata(Change.Merge, items, 1, Start)).Kind);
        Assert.Equal(2, Running().WithMetadata(Change.Merge, items, -1, Start).Metadata.Count);
    }

    internal static InstanceState New(string name = "web") => InstanceState.New(
        InstanceId.Parse("6e3f4a52-4b3a-4f5e-9a64-0d6b1d0c5a11"),
        new()
        {
            Name = name,
            HostName = "web",
            Flavor = new() { Id = "1", Name = "tiny", Vcpus = 1, MemoryMiB = 64, RootGiB = 1 },
            Image = new() { Id = ImageId.Parse("1b0f4a1e-08b7-4d3e-8f0c-6d4d0f3e2a10"), DiskFormat = "raw", Sha512 = "00", SizeBytes = 1 },
            ReservationId = "r-12345678",
        },
        Owner, Start, Convert.ToBase64String(new byte[32]));

    private static InstanceState Running() => New().BeginSpawn("n1", "nova", [], Start).Built(Start);

    private static InstanceState Try(string name, InstanceState before, DateTimeOffset now)
    {
        InstanceState after;
        try
        {
            after = Acts[name](before, now);
        }
        catch (Fault fault)
        {
            Assert.Equal(FaultKind.Conflict, fault.Kind);
            return before;
        }

        Assert.InRange(after.Generation - before.Generation, 0, 1);
        Assert.True(after.Actions.Count <= InstanceState.MostActions);
        Assert.False(before.Locked && after.TaskState != before.TaskState && name is "stop" or "start" or "delete", $"{name} past a lock");
        if (before.TaskState == TaskState.Deleting)
            Assert.True(after.TaskState == TaskState.Deleting || name is "delete failed" or "reset", $"{name} undid a deletion");
        if (name.StartsWith("seen", StringComparison.Ordinal))
            Assert.True(before.TaskState == TaskState.None || ReferenceEquals(before, after), "a report during a change");
        if (after.TaskState is TaskState.PoweringOff or TaskState.PoweringOn or TaskState.Rebooting)
            Assert.NotNull(after.NodeName);
        Assert.Contains(after.Status, InstanceStatus.All);
        return after;
    }

    private static InstanceFault Why(DateTimeOffset now) => new(500, "No valid host was found. ", now);

    private static Caller Someone(string role) => new()
    {
        UserId = new("u1"),
        UserName = "u1",
        UserDomainId = new("default"),
        ProjectId = new("p1"),
        Roles = role == "admin" ? ["admin", "member", "reader"] : ["member", "reader"],
        RequestId = "req-1",
    };
}
