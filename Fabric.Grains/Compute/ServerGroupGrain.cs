using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IServerGroupGrain"/>
[GrainType("compute.server-group")]
internal sealed class ServerGroupGrain([PersistentState(ServerGroupState.Kind)] IPersistentState<ServerGroupState> record,
    TimeProvider clock)
    : Grain, IServerGroupGrain
{
    public async Task<ServerGroupState> Create(ServerGroupState group)
    {
        if (!record.RecordExists)
            await record.Save(group with { CreatedAt = clock.GetUtcNow() });
        return record.State;
    }

    public async Task Delete()
    {
        if (!record.RecordExists)
            throw ComputeFaults.ServerGroupNotFound(this.GetPrimaryKeyString());
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
