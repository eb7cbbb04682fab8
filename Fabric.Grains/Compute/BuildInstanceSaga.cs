using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Orleans.Storage;

namespace Fabric.Grains.Compute;

/// <summary>From a record to a running guest, on one node. Whatever fails, nothing is left of it; what failed for the node's sake is
/// tried on another by a saga of its own, and else the instance is in error.</summary>
internal sealed class BuildInstanceSaga(
    IGrainFactory grains, IScheduling scheduling, IInstanceNetworks networks, IResourceIndex index, TimeProvider clock)
    : Saga<BuildInstance>
{
    private const string StartDomainStep = "start-domain";

    /// <summary>What a hypervisor refuses it mostly refuses again; another node is the better second try.</summary>
    private static readonly TimeSpan SpawnPatience = TimeSpan.FromSeconds(3);

    /// <summary>Until a node that does not answer counts as down, and a little more: its guest is waited for no longer then.</summary>
    public override TimeSpan RetryFor => HypervisorState.DownAfter + TimeSpan.FromSeconds(30);

    public override TimeSpan RetryStepFor(Exception failure) => IsUnreached(failure) ? TimeSpan.FromSeconds(60) : SpawnPatience;

    public override void Define(Steps<BuildInstance> steps) => steps
        .Step("claim-allocation", Claim, undo: Release)
        .Guard("ports-may-exist", undo: ReleasePorts)
        .Guard("domain-may-exist", undo: DestroyDomain)
        .Step(StartDomainStep, StartDomain)
        .Step("mark-active", MarkActive);

    public override Task Unwound(BuildInstance build, SagaFailure failure, CancellationToken ct)
    {
        var fault = SagaFaults.Of(failure, clock);
        if (failure is { Step: StartDomainStep, MayPass: true })
            return Instance(build).BuildFailedOn(build.SagaId, build.Claim!.NodeName, build.Resources.AvailabilityZone, fault);
        var isExhausted = failure.Type == "NoValidHost" && build.Resources.ExcludedHosts.Count > 0;
        return Instance(build).Failed(build.SagaId, isExhausted ? fault.AllHostsTried(build.InstanceId) : fault, cleared: true);
    }

    public override Task Stuck(BuildInstance build, SagaFailure failure, CancellationToken ct) =>
        Instance(build).Failed(build.SagaId, SagaFaults.Of(failure, clock), cleared: false);

    /// <summary>The node's agent was not asked, or did not answer; anything else is its answer.</summary>
    private static bool IsUnreached(Exception failure) =>
        failure is Fault or NodeNotHereException or TimeoutException or OrleansException or InconsistentStateException;

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

    /// <summary>A node that is down is not waited for: its agent, when it comes back, asks what it should run and finds this guest not
    /// wanted.</summary>
    private async Task DestroyDomain(BuildInstance build, CancellationToken ct)
    {
        if (build.Claim is not { } claim)
            return;
        var node = await index.Find<HypervisorState>(HypervisorState.Kind, claim.NodeName, ct);
        if (node is null || node.IsUp(clock.GetUtcNow()))
            await grains.GetGrain<INodeGrain>(claim.NodeName).EnsureInstanceAbsent(build.InstanceId);
    }

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
