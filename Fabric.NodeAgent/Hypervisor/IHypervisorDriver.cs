using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Hypervisor;

/// <summary>
/// The guests of one node. Every verb is idempotent, returns when the host is as asked and throws otherwise: a <see cref="Fault"/> when the
/// request itself can never work, anything else when it may work later. The caller lets no two verbs for one guest run at once.
/// </summary>
internal interface IHypervisorDriver
{
    /// <summary>A guest of ours changed by itself or by a verb: somebody should look at it. May come more often than needed, on any
    /// thread, and must be answered quickly.</summary>
    event Action<InstanceId>? GuestChanged;

    /// <summary>What the node has to give, measured now.</summary>
    Task<NodeInventory> Probe(CancellationToken ct);

    /// <summary>The guest with its disks as wanted, in the power state wanted. Never restarts one that is as wanted. When it fails on a
    /// guest that did not exist before, nothing of it is left.</summary>
    Task Ensure(DesiredInstance instance, CancellationToken ct);

    /// <summary>Restarts the guest, or starts it when it does not run. At most once for each generation.</summary>
    Task Reboot(DesiredInstance instance, RebootKind kind, CancellationToken ct);

    /// <summary>No guest of that id and none of its files. Works for an id never seen.</summary>
    Task EnsureAbsent(InstanceId id, CancellationToken ct);

    /// <summary>All guests of ours.</summary>
    Task<IReadOnlyList<ObservedGuest>> Observe(CancellationToken ct);

    /// <summary>The last lines of the serial console's log. A not-found <see cref="Fault"/> for a guest that is not here.</summary>
    Task<string> ConsoleOutput(InstanceId id, int? lines, CancellationToken ct);

    /// <summary>Ends every guest that bears this data directory's mark and forgets it, but for its disks: asked for again, it starts from
    /// them. For the end of a host's service.</summary>
    Task Cleanup(CancellationToken ct);
}

/// <summary>What is seen of a guest that is as it is wanted.</summary>
internal static class DesiredPowers
{
    /// <summary>The state it then is in. One that is suspended has no process.</summary>
    internal static PowerState WhenDone(this DesiredPower wanted) => wanted switch
    {
        DesiredPower.Running => PowerState.Running,
        DesiredPower.Paused => PowerState.Paused,
        _ => PowerState.Shutdown,
    };
}

/// <summary>A guest as a driver sees it.</summary>
/// <param name="Instance">What is reported of it.</param>
/// <param name="DefinedAt">When it was first made here; tells an orphan from a guest whose record is just being written.</param>
internal sealed record ObservedGuest(ObservedInstance Instance, DateTimeOffset DefinedAt);
