using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Compute;

/// <summary>What the changes of a guest's power share: one verb to the node that says the state wanted, then the record. The
/// verb has no undo: turning it back could only make things worse for the guest, and the next verb puts it right.</summary>
internal abstract class PowerInstanceSaga(IGrainFactory grains, TimeProvider clock) : Saga<PowerInstance>
{
    public override Task Unwound(PowerInstance power, SagaFailure failure, CancellationToken ct) => Failed(power, failure);

    public override Task Stuck(PowerInstance power, SagaFailure failure, CancellationToken ct) => Failed(power, failure);

    protected IInstanceGrain Instance(PowerInstance power) => grains.GetGrain<IInstanceGrain>(power.InstanceId);

    protected INodeGrain Node(PowerInstance power) => grains.GetGrain<INodeGrain>(power.NodeName);

    protected async Task Ensure(PowerInstance power, DesiredPower wanted) =>
        await Node(power).EnsureInstance(await Instance(power).Desire(wanted));

    private Task Failed(PowerInstance power, SagaFailure failure) =>
        Instance(power).Failed(power.SagaId, SagaFaults.Of(failure, clock), cleared: false);
}

/// <summary>Shuts a guest down.</summary>
internal sealed class StopInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("stop-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Stopped))
        .Step("mark-stopped",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Stopped, PowerState.Shutdown));
}

/// <summary>Starts a guest that was shut down.</summary>
internal sealed class StartInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("start-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Running))
        .Step("mark-active",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Active, PowerState.Running));
}

/// <summary>Holds a guest's CPUs.</summary>
internal sealed class PauseInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("pause-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Paused))
        .Step("mark-paused",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Paused, PowerState.Paused));
}

/// <summary>Lets a guest's CPUs go on.</summary>
internal sealed class UnpauseInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("unpause-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Running))
        .Step("mark-active",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Active, PowerState.Running));
}

/// <summary>Keeps a guest's memory on disk and ends it.</summary>
internal sealed class SuspendInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("suspend-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Suspended))
        .Step("mark-suspended",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Suspended, PowerState.Shutdown));
}

/// <summary>Lets a guest go on from the memory that was kept.</summary>
internal sealed class ResumeInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("resume-domain", (PowerInstance power, CancellationToken _) => Ensure(power, DesiredPower.Running))
        .Step("mark-active",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Active, PowerState.Running));
}

/// <summary>Restarts a guest. The node does so at most once for each generation, so the step may run twice.</summary>
internal sealed class RebootInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) => steps
        .Step("reboot-domain", Reboot)
        .Step("mark-active",
            (PowerInstance power, CancellationToken _) => Instance(power).Completed(power.SagaId, VmState.Active, PowerState.Running));

    private async Task Reboot(PowerInstance power, CancellationToken ct) => await Node(power).RebootInstance(
        await Instance(power).Desire(DesiredPower.Running), power.Hard ? RebootKind.Hard : RebootKind.Soft);
}
