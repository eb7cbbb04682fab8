using System.Text.Json.Serialization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>From the choice of a node to a guest that runs, or to the error that says why none does.</summary>
public sealed partial record InstanceState
{
    /// <summary>A build is tried on so many nodes in all (nova's <c>scheduler.max_attempts</c>).</summary>
    internal const int MostAttempts = 3;

    /// <summary>After a node where it did not go through: not when it is to go meanwhile, nor when an administrator named the
    /// node.</summary>
    [JsonIgnore]
    internal bool MayTryElsewhere => TaskState == TaskState.Scheduling && ForcedNode is null && TriedNodes.Count < MostAttempts;

    /// <summary>A node was chosen and ports are made: from here on the guest may exist there.</summary>
    internal InstanceState BeginSpawn(string nodeName, string? zone, IReadOnlyList<InstancePort> ports, DateTimeOffset now)
    {
        if (TaskState == TaskState.Deleting)
            throw new Fault(FaultKind.Conflict, "InstanceDeleting", $"Instance {Id} is being deleted.");
        return this with
        {
            NodeName = nodeName,
            AvailabilityZone = zone ?? AvailabilityZone,
            Ports = ports,
            TaskState = TaskState.Spawning,
            UpdatedAt = now,
        };
    }

    /// <summary>The guest runs. A deletion asked for meanwhile stays asked for.</summary>
    internal InstanceState Built(DateTimeOffset now) => Ended(null, now) with
    {
        VmState = VmState.Active, PowerState = PowerState.Running, LaunchedAt = LaunchedAt ?? now,
    };

    /// <summary>The build failed.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="cleared">False when something may be left on the node: then the record keeps saying where.</param>
    /// <param name="now">The time.</param>
    internal InstanceState BuildFailed(InstanceFault fault, bool cleared, DateTimeOffset now) => Ended(fault.Message, now) with
    {
        VmState = VmState.Error,
        PowerState = PowerState.NoState,
        Fault = fault,
        NodeName = cleared ? null : NodeName,
        Ports = cleared ? [] : Ports,
    };

    /// <summary>The build did not go through on that node and left nothing there. The zone is again the one that was asked for, not the
    /// node's. A deletion asked for meanwhile stays asked for.</summary>
    internal InstanceState TriedOn(string nodeName, string? zone, DateTimeOffset now) => this with
    {
        TriedNodes = [.. TriedNodes, nodeName],
        AvailabilityZone = zone,
        TaskState = TaskState == TaskState.Deleting ? TaskState.Deleting : TaskState.Scheduling,
        NodeName = null,
        Ports = [],
        UpdatedAt = now,
    };

    /// <summary>What the user reads when the last node was tried: with only one that may be, the error itself.</summary>
    internal InstanceFault FaultOfAttempts(InstanceFault last) =>
        ForcedNode is null ? last.AttemptsExceeded(Id, MostAttempts) : last;
}
