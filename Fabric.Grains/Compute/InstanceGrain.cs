using System.Security.Cryptography;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IInstanceGrain"/>
[GrainType("compute.instance")]
internal sealed class InstanceGrain(
    [PersistentState(InstanceState.Kind)] IPersistentState<InstanceState> record,
    ISagas sagas,
    TimeProvider clock) : Grain, IInstanceGrain
{
    /// <summary>Enough to make from it what a guest is handed; the record is written often.</summary>
    private const int RandomSeedBytes = 32;

    private InstanceId Id => InstanceId.Parse(this.GetPrimaryKeyString());

    private DateTimeOffset Now => clock.GetUtcNow();

    private InstanceState State => record.RecordExists ? record.State : throw ComputeFaults.InstanceNotFound(this.GetPrimaryKeyString());

    public async Task<InstanceState> Build(BuildRequest request, Caller caller)
    {
        // A repeated call finds what the first one made.
        if (!record.RecordExists)
        {
            var made = InstanceState.New(Id, request, caller, Now, Convert.ToBase64String(RandomNumberGenerator.GetBytes(RandomSeedBytes)));
            await record.Save(made with { SagaId = made.SagaIdFor() });
        }

        await StartSaga();
        return record.State;
    }

    public Task<InstanceState?> Find() => Task.FromResult(record.RecordExists ? record.State : null);

    public Task Stop(Caller caller) => Begin(State.BeginStop(caller, Now));

    public Task Start(Caller caller) => Begin(State.BeginStart(caller, Now));

    public Task Pause(Caller caller) => Begin(State.BeginPause(caller, Now));

    public Task Unpause(Caller caller) => Begin(State.BeginUnpause(caller, Now));

    public Task Suspend(Caller caller) => Begin(State.BeginSuspend(caller, Now));

    public Task Resume(Caller caller) => Begin(State.BeginResume(caller, Now));

    public Task Reboot(RebootKind kind, Caller caller) => Begin(State.BeginReboot(kind, caller, Now));

    public async Task Delete(Caller caller)
    {
        var next = State.BeginDelete(caller, Now);
        if (State.TaskState == TaskState.Deleting)
            await StartSaga();
        else if (State.SagaId is null)
            await Begin(next);
        else
            await Write(next);
        // Of another saga at work, the end starts the deletion: two of them on one guest would undo each other's work.
    }

    public async Task<InstanceState> Update(UpdateInstance update, Caller caller)
    {
        State.Unlocked(caller);
        return await Write(State.Updated(update, Now));
    }

    public async Task<InstanceState> ChangeMetadata(Change change, IReadOnlyDictionary<string, string> items, int most, Caller caller)
    {
        State.Unlocked(caller);
        return await Write(State.WithMetadata(change, items, most, Now));
    }

    public async Task<InstanceState> ChangeTags(Change change, IReadOnlyList<string> tags, Caller caller)
    {
        State.Unlocked(caller);
        return await Write(State.WithTags(change, tags, Now));
    }

    public Task Lock(string? reason, Caller caller) => Write(State.Lock(reason, caller, Now));

    public Task Unlock(Caller caller) => Write(State.Unlock(caller, Now));

    public Task ResetState(VmState state, Caller caller) => Write(State.Reset(state, caller, Now));

    public async Task Report(string nodeName, PowerState power, long generation)
    {
        if (!record.RecordExists || record.State.NodeName != nodeName)
            return;
        var next = record.State.Observed(power, generation, Now);
        if (!ReferenceEquals(next, record.State))
            await Write(next);
    }

    public async Task Recover()
    {
        if (!record.RecordExists || record.State.TaskState == TaskState.None)
            return;
        var rests = record.State.SagaId is not { } running
            || (running != record.State.SagaIdFor() && await sagas.Status(running) is not (SagaStatus.Running or SagaStatus.Unwinding));
        if (record.State.TaskState == TaskState.Deleting && rests)
            await Begin(record.State);
        else
            await StartSaga();
    }

    public Task<DesiredInstance> Desire(DesiredPower power) => Task.FromResult(InstanceDesire.Of(State, power));

    public async Task<DesiredInstance> BeginSpawn(string nodeName, string? zone, IReadOnlyList<InstancePort> ports)
    {
        // A repeated step must not be a second write: the node already knows this one.
        if (State.TaskState != TaskState.Spawning || State.NodeName != nodeName || State.Ports.Count != ports.Count)
            await Write(State.BeginSpawn(nodeName, zone, ports, Now));
        return InstanceDesire.Of(record.State, DesiredPower.Running);
    }

    public async Task Completed(string sagaId, VmState state, PowerState power)
    {
        if (!record.RecordExists || record.State.SagaId != sagaId)
            return;
        var next = record.State.VmState == VmState.Building ? record.State.Built(Now) : record.State.Done(state, power, Now);
        await AfterSaga(next);
    }

    public async Task Failed(string sagaId, InstanceFault fault, bool cleared)
    {
        if (!record.RecordExists || record.State.SagaId != sagaId)
            return;
        var state = record.State;
        if (state.TaskState == TaskState.Deleting && sagaId == state.SagaIdFor())
            await Write(state.DeleteFailed(fault, Now));
        else
            await AfterSaga(state.VmState == VmState.Building ? state.BuildFailed(fault, cleared, Now) : state.Failed(fault, Now));
    }

    public async Task BuildFailedOn(string sagaId, string nodeName, string? zone, InstanceFault fault)
    {
        if (!record.RecordExists || record.State.SagaId != sagaId)
            return;
        var state = record.State.TriedOn(nodeName, zone, Now);
        if (state.MayTryElsewhere)
            await Begin(state);
        else
            await AfterSaga(state.BuildFailed(state.FaultOfAttempts(fault), cleared: true, Now));
    }

    public async Task Forget()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private async Task Begin(InstanceState next)
    {
        await Write(next with { SagaId = next.SagaIdFor() });
        await StartSaga();
    }

    private async Task AfterSaga(InstanceState next)
    {
        if (next.TaskState == TaskState.Deleting)
            await Begin(next);
        else
            await Write(next);
    }

    private Task StartSaga()
    {
        var state = record.State;
        return state.TaskState switch
        {
            TaskState.Scheduling or TaskState.Spawning =>
                sagas.Start<BuildInstanceSaga, BuildInstance>(state.SagaIdFor(), BuildInstance.Of(state)),
            TaskState.PoweringOff => Power<StopInstanceSaga>(state),
            TaskState.PoweringOn => Power<StartInstanceSaga>(state),
            TaskState.Rebooting or TaskState.RebootingHard => Power<RebootInstanceSaga>(state),
            TaskState.Pausing => Power<PauseInstanceSaga>(state),
            TaskState.Unpausing => Power<UnpauseInstanceSaga>(state),
            TaskState.Suspending => Power<SuspendInstanceSaga>(state),
            TaskState.Resuming => Power<ResumeInstanceSaga>(state),
            TaskState.Deleting when state.SagaId == state.SagaIdFor() =>
                sagas.Start<DeleteInstanceSaga, DeleteInstance>(state.SagaIdFor(), DeleteInstance.Of(state)),
            _ => Task.CompletedTask,
        };
    }

    private Task Power<TSaga>(InstanceState state)
        where TSaga : PowerInstanceSaga => sagas.Start<TSaga, PowerInstance>(state.SagaIdFor(), PowerInstance.Of(state));

    private async Task<InstanceState> Write(InstanceState next)
    {
        await record.Save(next);
        return next;
    }
}
