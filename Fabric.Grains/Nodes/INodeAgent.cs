using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>How to restart a guest.</summary>
public enum RebootKind
{
    /// <summary>Asks the guest; after a bounded wait, pulls the plug.</summary>
    Soft,

    /// <summary>Pulls the plug.</summary>
    Hard,
}

/// <summary>
/// The one description of a node's agent: what a node can be asked. Every verb is idempotent and says the state wanted, not the change,
/// so a caller that does not know whether an earlier call arrived simply calls again. A verb returns when the host is as asked and
/// throws otherwise: <see cref="Fault"/> when the request itself can never work, anything else when it may work later.
/// </summary>
public interface INodeAgent
{
    /// <summary>What the node has to give, measured now.</summary>
    Task<NodeInventory> Probe(CancellationToken ct);

    /// <summary>Disks, config drive and guest as wanted, running or stopped. Never restarts a guest that is already as wanted.</summary>
    Task EnsureInstance(DesiredInstance instance, CancellationToken ct);

    /// <summary>Restarts a running guest, starts a stopped one. At most once for each value of generation.</summary>
    Task RebootInstance(DesiredInstance instance, RebootKind kind, CancellationToken ct);

    /// <summary>No guest of that id, and none of its files, whatever state it was in. Works for an id never seen.</summary>
    Task EnsureInstanceAbsent(InstanceId id, CancellationToken ct);

    /// <summary>All guests of ours on the node.</summary>
    Task<IReadOnlyList<ObservedInstance>> Observe(CancellationToken ct);

    /// <summary>The tail of the serial console's log.</summary>
    /// <param name="id">The guest.</param>
    /// <param name="lines">At most so many last lines; null for all that is kept (at most 100 KiB).</param>
    Task<string> ConsoleOutput(InstanceId id, int? lines, CancellationToken ct);

    /// <summary>Networks, ports and routers as wanted, and no others of ours. Applied as a whole.</summary>
    Task ApplyNetworking(DesiredNetworking networking, CancellationToken ct);
}
