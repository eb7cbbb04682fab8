using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>Where an instance rests (source: <c>nova/compute/vm_states.py</c>).</summary>
public enum VmState
{
    Building,
    Active,
    Stopped,
    Error,
    Paused,
    Suspended,
}

/// <summary>What is being done to an instance; <see cref="None"/> is null on the wire (source:
/// <c>nova/compute/task_states.py</c>).</summary>
public enum TaskState
{
    None,
    Scheduling,
    Spawning,
    PoweringOff,
    PoweringOn,
    Rebooting,
    RebootingHard,
    Deleting,
    Pausing,
    Unpausing,
    Suspending,
    Resuming,
}

/// <summary>The words of the wire for an instance's states.</summary>
public static class InstanceStatus
{
    /// <summary><c>OS-EXT-STS:vm_state</c>.</summary>
    public static string Text(this VmState state) => state switch
    {
        VmState.Building => "building",
        VmState.Active => "active",
        VmState.Stopped => "stopped",
        VmState.Paused => "paused",
        VmState.Suspended => "suspended",
        _ => "error",
    };

    /// <summary><c>OS-EXT-STS:task_state</c>; null when nothing is being done.</summary>
    public static string? Text(this TaskState state) => state switch
    {
        TaskState.Scheduling => "scheduling",
        TaskState.Spawning => "spawning",
        TaskState.PoweringOff => "powering-off",
        TaskState.PoweringOn => "powering-on",
        TaskState.Rebooting => "rebooting",
        TaskState.RebootingHard => "rebooting_hard",
        TaskState.Deleting => "deleting",
        TaskState.Pausing => "pausing",
        TaskState.Unpausing => "unpausing",
        TaskState.Suspending => "suspending",
        TaskState.Resuming => "resuming",
        _ => null,
    };

    /// <summary>The server's status, which users read (source: <c>nova/api/openstack/common.py</c> <c>_STATE_MAP</c>).</summary>
    public static string Status(VmState state, TaskState task) => (state, task) switch
    {
        (VmState.Active, TaskState.Rebooting) => "REBOOT",
        (VmState.Active, TaskState.RebootingHard) => "HARD_REBOOT",
        (VmState.Error, TaskState.RebootingHard) => "HARD_REBOOT",
        (VmState.Active, _) => "ACTIVE",
        (VmState.Building, _) => "BUILD",
        (VmState.Stopped, _) => "SHUTOFF",
        (VmState.Paused, _) => "PAUSED",
        (VmState.Suspended, _) => "SUSPENDED",
        _ => "ERROR",
    };

    /// <summary>Every status a server of ours can be in.</summary>
    public static IReadOnlyList<string> All { get; } = 
        ["ACTIVE", "BUILD", "ERROR", "HARD_REBOOT", "PAUSED", "REBOOT", "SHUTOFF", "SUSPENDED"];

    /// <summary>Statuses that OpenStack knows and a list may ask for, though no server of ours is ever in them.</summary>
    public static IReadOnlyList<string> Foreign { get; } =
    [
        "DELETED", "MIGRATING", "PASSWORD", "REBUILD", "RESCUE", "RESIZE", "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED",
        "SOFT_DELETED", "VERIFY_RESIZE",
    ];

    /// <summary>What a guest's power says of a server that rests.</summary>
    internal static bool IsOff(this PowerState power) => power is PowerState.Shutdown or PowerState.Crashed;
}
