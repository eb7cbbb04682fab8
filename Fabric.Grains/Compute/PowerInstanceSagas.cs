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

    /// <summary>The two steps of most: the node is told the power wanted, then the record says what was reached.</summary>
    protected void Reach(Steps<PowerInstance> steps, string verb, DesiredPower wanted, string mark, VmState state, PowerState power) =>
        steps.Step(verb, async (PowerInstance change, CancellationToken _) =>
            await Node(change).EnsureInstance(await Instance(change).Desire(wanted)))
            .Step(mark, (PowerInstance change, CancellationToken _) => Instance(change).Completed(change.SagaId, state, power));

    private Task Failed(PowerInstance power, SagaFailure failure) =>
        Instance(power).Failed(power.SagaId, SagaFaults.Of(failure, clock), cleared: false);
}

/// <summary>Shuts a guest down.</summary>
internal sealed class StopInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "stop-domain", DesiredPower.Stopped, "mark-stopped", VmState.Stopped, PowerState.Shutdown);
}

/// <summary>Starts a guest that was shut down.</summary>
internal sealed class StartInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "start-domain", DesiredPower.Running, "mark-active", VmState.Active, PowerState.Running);
}

/// <summary>Holds a guest's CPUs.</summary>
internal sealed class PauseInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "pause-domain", DesiredPower.Paused, "mark-paused", VmState.Paused, PowerState.Paused);
}

/// <summary>Lets a guest's CPUs go on.</summary>
internal sealed class UnpauseInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "unpause-domain", DesiredPower.Running, "mark-active", VmState.Active, PowerState.Running);
}

/// <summary>Keeps a guest's memory on disk and ends it.</summary>
internal sealed class SuspendInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "suspend-domain", DesiredPower.Suspended, "mark-suspended", VmState.Suspended, PowerState.Shutdown);
}

/// <summary>Lets a guest go on from the memory that was kept.</summary>
internal sealed class ResumeInstanceSaga(IGrainFactory grains, TimeProvider clock) : PowerInstanceSaga(grains, clock)
{
    public override void Define(Steps<PowerInstance> steps) =>
        Reach(steps, "resume-domain", DesiredPower.Running, "mark-active", VmState.Active, PowerState.Running);
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
