using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>The end of an instance. Only forwards: what is destroyed cannot be brought back, so no step has an undo, and each may
/// run again. The record goes last, so that until then a retry finds what is left to do.</summary>
internal sealed class DeleteInstanceSaga(
    IGrainFactory grains, IScheduling scheduling, IInstanceNetworks networks, IResourceIndex index, TimeProvider clock)
    : Saga<DeleteInstance>
{
    public override void Define(Steps<DeleteInstance> steps) => steps
        .Step("destroy-domain", DestroyDomain)
        .Step("release-resources", Release)
        .Step("forget", Forget);

    public override Task Unwound(DeleteInstance delete, SagaFailure failure, CancellationToken ct) => Failed(delete, failure);

    public override Task Stuck(DeleteInstance delete, SagaFailure failure, CancellationToken ct) => Failed(delete, failure);

    /// <summary>A node that is down is not waited for: its agent, when it comes back, asks what it should run and finds this guest
    /// not wanted.</summary>
    private async Task DestroyDomain(DeleteInstance delete, CancellationToken ct)
    {
        if (delete.NodeName is not { } nodeName)
            return;
        var node = await index.Find<HypervisorState>(HypervisorState.Kind, nodeName, ct);
        if (node is null || node.IsUp(clock.GetUtcNow()))
            await grains.GetGrain<INodeGrain>(nodeName).EnsureInstanceAbsent(delete.InstanceId);
    }

    private async Task Release(DeleteInstance delete, CancellationToken ct)
    {
        if (delete.HasPorts)
            await networks.Release(delete.InstanceId, ct);
        await scheduling.Release(delete.InstanceId, ct);
    }

    private async Task Forget(DeleteInstance delete, CancellationToken ct)
    {
        await grains.GetGrain<IInstanceGrain>(delete.InstanceId).Forget();
        await grains.GetGrain<IComputeProjectGrain>(delete.ProjectId.Text).Released(delete.InstanceId);
    }

    private Task Failed(DeleteInstance delete, SagaFailure failure) =>
        grains.GetGrain<IInstanceGrain>(delete.InstanceId).Failed(delete.SagaId, SagaFaults.Of(failure, clock), cleared: false);
}
