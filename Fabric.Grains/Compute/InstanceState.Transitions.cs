using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>What may follow what. Each returns the new state, or throws the fault that the user reads.</summary>
public sealed partial record InstanceState
{
    /// <summary>Older actions than so many are forgotten: the record is written whole each time.</summary>
    internal const int MostActions = 50;

    /// <summary>A new instance, to be built.</summary>
    internal static InstanceState New(InstanceId id, BuildRequest request, Caller caller, DateTimeOffset now, string randomSeed)
    {
        var made = new InstanceState
        {
            Id = id,
            ProjectId = caller.ProjectId!.Value,
            UserId = caller.UserId,
            Name = request.Name,
            Description = request.Description,
            HostName = request.HostName.Length > 0 ? request.HostName : $"server-{id}",
            CreatedAt = now,
            UpdatedAt = now,
            VmState = VmState.Building,
            TaskState = TaskState.Scheduling,
            AvailabilityZone = request.AvailabilityZone,
            Flavor = request.Flavor,
            Image = request.Image,
            Key = request.Key,
            Metadata = request.Metadata,
            Tags = request.Tags,
            UserData = request.UserData,
            ConfigDrive = request.ConfigDrive,

            // There is no other way in for it: without a config drive the guest is not told, as with nova's libvirt.
            AdminPassword = request.ConfigDrive ? request.AdminPassword : null,
            Nics = request.Nics,
            ServerGroupId = request.ServerGroupId,
            LaunchIndex = request.LaunchIndex,
            ReservationId = request.ReservationId,
            AccessIpv4 = request.AccessIpv4,
            AccessIpv6 = request.AccessIpv6,
            AutoDiskConfig = request.AutoDiskConfig,
            ForcedNode = request.ForcedNode,
            RequestedNode = request.RequestedNode,
            RandomSeed = randomSeed,
        };
        return made.WithAction(caller, "create", "compute__do_build_and_run_instance", now);
    }

    /// <summary>The id of the saga that does what <see cref="TaskState"/> says. One per intent, so that a repeated start finds the
    /// first.</summary>
    internal string SagaIdFor() => TaskState switch
    {
        TaskState.Scheduling or TaskState.Spawning =>
            TriedNodes.Count == 0 ? $"instance/{Id}/build" : $"instance/{Id}/build/{TriedNodes.Count}",
        TaskState.Deleting => $"instance/{Id}/delete/{Generation}",
        _ => $"instance/{Id}/power/{Generation}",
    };

    /// <summary>Stop it.</summary>
    internal InstanceState BeginStop(Caller caller, DateTimeOffset now)
    {
        Unlocked(caller);
        InState("stop", VmState is VmState.Active or VmState.Error);
        Idle("stop");
        Launched("stop");
        return Begin(TaskState.PoweringOff, "stop", "compute_stop_instance", caller, now);
    }

    /// <summary>Start it.</summary>
    internal InstanceState BeginStart(Caller caller, DateTimeOffset now)
    {
        Unlocked(caller);
        InState("start", VmState is VmState.Stopped);
        Idle("start");
        Launched("start");
        return Begin(TaskState.PoweringOn, "start", "compute_start_instance", caller, now);
    }

    /// <summary>Hold its CPUs.</summary>
    internal InstanceState BeginPause(Caller caller, DateTimeOffset now) =>
        BeginRest(TaskState.Pausing, "pause", VmState.Active, caller, now);

    /// <summary>Let its CPUs go on.</summary>
    internal InstanceState BeginUnpause(Caller caller, DateTimeOffset now) =>
        BeginRest(TaskState.Unpausing, "unpause", VmState.Paused, caller, now);

    /// <summary>Keep its memory on disk and end it.</summary>
    internal InstanceState BeginSuspend(Caller caller, DateTimeOffset now) =>
        BeginRest(TaskState.Suspending, "suspend", VmState.Active, caller, now);

    /// <summary>Go on from the memory that was kept.</summary>
    internal InstanceState BeginResume(Caller caller, DateTimeOffset now) =>
        BeginRest(TaskState.Resuming, "resume", VmState.Suspended, caller, now);

    /// <summary>Restart it. Hard works on whatever has a guest; soft only on one that runs.</summary>
    internal InstanceState BeginReboot(RebootKind kind, Caller caller, DateTimeOffset now)
    {
        Unlocked(caller);
        var hard = kind == RebootKind.Hard;
        InState("reboot", VmState is VmState.Active || (hard && VmState is not VmState.Building));
        Idle("reboot");
        Launched("reboot");
        return Begin(hard ? TaskState.RebootingHard : TaskState.Rebooting, "reboot", "compute_reboot_instance", caller, now);
    }

    /// <summary>Delete it, whatever it is doing. The second request changes nothing.</summary>
    internal InstanceState BeginDelete(Caller caller, DateTimeOffset now)
    {
        Unlocked(caller);
        return TaskState == TaskState.Deleting
            ? this
            : Begin(TaskState.Deleting, "delete", "compute_terminate_instance", caller, now);
    }

    /// <summary>The work ended as wanted.</summary>
    internal InstanceState Done(VmState state, PowerState power, DateTimeOffset now) =>
        Ended(null, now) with { VmState = state, PowerState = power, Fault = null };

    /// <summary>The work did not end as wanted; the guest is where it was, as far as we know.</summary>
    /// <remarks>After a restart nobody can say whether the guest runs; a stop or start that failed leaves it as it was.</remarks>
    internal InstanceState Failed(InstanceFault fault, DateTimeOffset now) => Ended(fault.Message, now) with
    {
        VmState = TaskState is TaskState.Rebooting or TaskState.RebootingHard ? VmState.Error : VmState, Fault = fault,
    };

    /// <summary>A deletion could not be finished: an operator must look, and the user may ask again.</summary>
    internal InstanceState DeleteFailed(InstanceFault fault, DateTimeOffset now) =>
        Ended(fault.Message, now) with { VmState = VmState.Error, TaskState = TaskState.None, Fault = fault };

    /// <summary>What the node saw. While something is being done to it, or when the report is older than the intent, it says nothing.
    /// A running server whose guest is off was shut down from within: it is stopped.</summary>
    internal InstanceState Observed(PowerState power, long generation, DateTimeOffset now)
    {
        if (TaskState != TaskState.None || generation < Generation || power == PowerState)
            return this;
        var seen = this with { PowerState = power, UpdatedAt = now };
        return (VmState, power.IsOff(), power) switch
        {
            (VmState.Active or VmState.Paused, true, _) => seen with { VmState = VmState.Stopped },
            (VmState.Stopped, _, PowerState.Running) => seen with { VmState = VmState.Active },
            _ => seen,
        };
    }

    /// <summary>Another state by an administrator's hand; what was being done is forgotten.</summary>
    internal InstanceState Reset(VmState state, Caller caller, DateTimeOffset now) =>
        WithAction(caller, "reset-state", null, now) with { VmState = state, TaskState = TaskState.None, UpdatedAt = now };

    /// <summary>Locks it against its own project, by which it may be unlocked again unless an administrator of another one locked
    /// it.</summary>
    internal InstanceState Lock(string? reason, Caller caller, DateTimeOffset now)
    {
        var owner = caller.ProjectId == ProjectId;
        return Locked && owner
            ? this
            : WithAction(caller, "lock", null, now) with { Locked = true, LockedReason = reason, LockedByAdmin = !owner, UpdatedAt = now };
    }

    /// <summary>Takes the lock away.</summary>
    internal InstanceState Unlock(Caller caller, DateTimeOffset now) => LockedByAdmin && !caller.IsAdmin
        ? throw Kernel.Fault.Forbidden($"Policy doesn't allow {ServerPolicies.UnlockOverride.Name} to be performed.")
        : WithAction(caller, "unlock", null, now) with { Locked = false, LockedReason = null, LockedByAdmin = false, UpdatedAt = now };

    /// <summary>Throws for a caller who may not change a locked server.</summary>
    internal void Unlocked(Caller caller)
    {
        if (Locked && !caller.IsAdmin)
            throw Kernel.Fault.Conflict("InstanceIsLocked", $"Instance {Id} is locked");
    }

    /// <summary>Throws unless the server rests where an action may begin.</summary>
    internal void InState(string action, bool allowed)
    {
        if (!allowed)
            throw Kernel.Fault.Conflict("InstanceInvalidState",
                $"Cannot '{action}' instance {Id} while it is in vm_state {VmState.Text()}");
    }

    private void Idle(string action)
    {
        if (TaskState != TaskState.None)
            throw Kernel.Fault.Conflict("InstanceInvalidState",
                $"Cannot '{action}' instance {Id} while it is in task_state {TaskState.Text()}");
    }

    private InstanceState BeginRest(TaskState task, string action, VmState from, Caller caller, DateTimeOffset now)
    {
        Unlocked(caller);
        InState(action, VmState == from);
        Idle(action);
        Launched(action);
        return Begin(task, action, $"compute_{action}_instance", caller, now);
    }

    private void Launched(string action)
    {
        if (LaunchedAt is null || NodeName is null)
            throw Kernel.Fault.Conflict("InstanceInvalidState", $"Cannot '{action}' an instance which has never been active");
    }

    private InstanceState Begin(TaskState task, string action, string @event, Caller caller, DateTimeOffset now) =>
        WithAction(caller, action, @event, now) with { TaskState = task, Generation = Generation + 1, UpdatedAt = now };

    private InstanceState Ended(string? error, DateTimeOffset now) => this with
    {
        TaskState = TaskState == TaskState.Deleting ? TaskState.Deleting : TaskState.None,
        SagaId = null,
        AdminPassword = null,
        UpdatedAt = now,
        Actions = [.. Actions.Select(action => action.Event is null || action.FinishedAt is not null || action.Action == "delete"
            ? action
            : action with { FinishedAt = now, NodeName = NodeName, Error = error })],
    };

    private InstanceState WithAction(Caller caller, string action, string? @event, DateTimeOffset now)
    {
        var done = new InstanceAction
        {
            Action = action,
            RequestId = caller.RequestId,
            UserId = caller.UserId,
            ProjectId = caller.ProjectId,
            StartedAt = now,
            FinishedAt = @event is null ? now : null,
            NodeName = NodeName,
            Event = @event,
        };
        return this with { Actions = [.. Actions.Skip(Math.Max(0, Actions.Count - MostActions + 1)), done] };
    }
}
