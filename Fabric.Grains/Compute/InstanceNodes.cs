using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>Tells an agent that starts which guests its node should have, from the index.</summary>
internal sealed class InstanceDesiredState(IResourceIndex index) : IDesiredStateSource
{
    public async Task<DesiredNode> Complete(string nodeName, DesiredNode desired, CancellationToken ct)
    {
        var instances = await index.List<InstanceState>(new ResourceQuery(InstanceState.Kind).WithRef("node", nodeName), ct);
        return desired with
        {
            Instances =
            [
                .. desired.Instances,
                .. instances.Where(IsWanted).Select(static instance => InstanceDesire.Of(instance, Power(instance))),
            ],
            // All the node should have is named, so a guest that is not and is old is nobody's.
            InstancesComplete = instances.All(static instance => instance.Image is not null),
        };
    }

    /// <summary>Not when it goes, and not when its build failed and could not be undone: what is left of that goes too.</summary>
    private static bool IsWanted(InstanceState instance) =>
        instance.TaskState != TaskState.Deleting && (instance.LaunchedAt is not null || instance.VmState == VmState.Building);

    private static DesiredPower Power(InstanceState instance) => (instance.VmState, instance.TaskState) switch
    {
        (_, TaskState.PoweringOff) => DesiredPower.Stopped,
        (_, TaskState.Pausing) or (VmState.Paused, TaskState.None) => DesiredPower.Paused,
        (_, TaskState.Suspending) or (VmState.Suspended, TaskState.None) => DesiredPower.Suspended,
        (VmState.Stopped, TaskState.None) => DesiredPower.Stopped,
        (VmState.Error, _) when instance.PowerState.IsOff() => DesiredPower.Stopped,
        _ => DesiredPower.Running,
    };
}

/// <summary>Passes on to instances what their node sees, when it is not what they know.</summary>
internal sealed class InstanceObservations(IResourceIndex index, IGrainFactory grains) : IObservedStateSink
{
    /// <summary>As many as one question to the index may name.</summary>
    private const int Batch = 1_000;

    public async Task Observed(string nodeName, ObservedNode observed, CancellationToken ct)
    {
        foreach (var seen in observed.Instances.Chunk(Batch))
        {
            var known = await index.List<InstanceState>(
                new(InstanceState.Kind) { Ids = [.. seen.Select(static instance => instance.Id.Text)] }, ct);
            var byId = known.ToDictionary(static instance => instance.Id);
            foreach (var instance in seen)
            {
                if (byId.TryGetValue(instance.Id, out var state) && state.PowerState != instance.Power && state.TaskState == TaskState.None)
                    await grains.GetGrain<IInstanceGrain>(instance.Id).Report(nodeName, instance.Power, instance.Generation);
            }
        }
    }
}
