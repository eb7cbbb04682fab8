using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Compute;

/// <summary>From a record to a running guest. Whatever fails, the instance is in error and nothing else is left of it.</summary>
internal sealed class BuildInstanceSaga(IGrainFactory grains, IScheduling scheduling, IInstanceNetworks networks, TimeProvider clock)
    : Saga<BuildInstance>
{
    public override void Define(Steps<BuildInstance> steps) => steps
        .Step("claim-allocation", Claim, undo: Release)
        .Guard("ports-may-exist", undo: ReleasePorts)
        .Guard("domain-may-exist", undo: DestroyDomain)
        .Step("start-domain", StartDomain)
        .Step("mark-active", MarkActive);

    public override Task Unwound(BuildInstance build, SagaFailure failure, CancellationToken ct) =>
        Instance(build).Failed(build.SagaId, SagaFaults.Of(failure, clock), cleared: true);

    public override Task Stuck(BuildInstance build, SagaFailure failure, CancellationToken ct) =>
        Instance(build).Failed(build.SagaId, SagaFaults.Of(failure, clock), cleared: false);

    private IInstanceGrain Instance(BuildInstance build) => grains.GetGrain<IInstanceGrain>(build.InstanceId);

    private async Task<BuildInstance> Claim(BuildInstance build, CancellationToken ct) => build with
    {
        Claim = build.ServerGroupId is { } group
            ? await grains.GetGrain<IServerGroupGrain>(group).Place(build.InstanceId, build.Resources)
            : await scheduling.Claim(build.InstanceId, build.Resources, ct),
    };

    /// <summary>By consumer id, so it holds even when nothing was claimed.</summary>
    private Task Release(BuildInstance build, CancellationToken ct) => scheduling.Release(build.InstanceId, ct);

    private Task ReleasePorts(BuildInstance build, CancellationToken ct) =>
        build.Nics.Count == 0 ? Task.CompletedTask : networks.Release(build.InstanceId, ct);

    private Task DestroyDomain(BuildInstance build, CancellationToken ct) =>
        build.Claim is { } claim ? grains.GetGrain<INodeGrain>(claim.NodeName).EnsureInstanceAbsent(build.InstanceId) : Task.CompletedTask;

    /// <summary>Ports, then the guest: one step, since both say the state wanted and each log entry of a boot is a durable write.</summary>
    private async Task StartDomain(BuildInstance build, CancellationToken ct)
    {
        var claim = build.Claim!;
        IReadOnlyList<InstancePort> ports = [];
        if (build.Nics.Count > 0)
        {
            ports = await networks.Ensure(
                new()
                {
                    InstanceId = build.InstanceId,
                    ProjectId = build.Resources.ProjectId,
                    HostName = build.HostName,
                    NodeName = claim.NodeName,
                    AvailabilityZone = claim.AvailabilityZone,
                    Nics = build.Nics,
                },
                ct);
        }

        var desired = await Instance(build).BeginSpawn(claim.NodeName, claim.AvailabilityZone, ports);
        if (build.Nics.Count > 0)
            await networks.Applied(build.InstanceId, ct);
        await grains.GetGrain<INodeGrain>(claim.NodeName).EnsureInstance(desired);
    }

    /// <summary>Last: nothing after it can fail, so it needs no undo.</summary>
    private Task MarkActive(BuildInstance build, CancellationToken ct) =>
        Instance(build).Completed(build.SagaId, VmState.Active, PowerState.Running);
}
