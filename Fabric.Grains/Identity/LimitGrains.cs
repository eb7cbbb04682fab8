using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <inheritdoc cref="IRegisteredLimitGrain"/>
[GrainType("registered_limit")]
internal sealed class RegisteredLimitGrain(
    [PersistentState(IdentityKinds.RegisteredLimit, StorageNames.Records)] IPersistentState<RegisteredLimitState> record,
    TimeProvider time) : Grain, IRegisteredLimitGrain
{
    public async Task<RegisteredLimitState> Create(RegisteredLimitState limit)
    {
        var now = time.GetUtcNow();
        if (!record.RecordExists)
            await record.Write(limit with { CreatedAt = now, UpdatedAt = now }, Taken);
        return record.State;
    }

    public async Task<RegisteredLimitState> Replace(RegisteredLimitState limit)
    {
        if (!record.RecordExists)
            throw IdentityFaults.NoRegisteredLimit(limit.Id);
        await record.Write(limit with { CreatedAt = record.State.CreatedAt, UpdatedAt = time.GetUtcNow() }, Taken);
        return record.State;
    }

    public async Task Delete()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static Fault Taken() => IdentityFaults.Duplicate("registered_limit", "Duplicate entry");
}

/// <inheritdoc cref="ILimitGrain"/>
[GrainType("limit")]
internal sealed class LimitGrain(
    [PersistentState(IdentityKinds.Limit, StorageNames.Records)] IPersistentState<LimitState> record, TimeProvider time)
    : Grain, ILimitGrain
{
    public async Task<LimitState> Create(LimitState limit)
    {
        var now = time.GetUtcNow();
        if (!record.RecordExists)
        {
            await record.Write(limit with { CreatedAt = now, UpdatedAt = now },
                static () => IdentityFaults.Duplicate("limit", "Duplicate entry"));
        }

        return record.State;
    }

    public async Task<LimitState> Update(int? limit, string? description)
    {
        if (!record.RecordExists)
            throw IdentityFaults.NoLimit(this.GetPrimaryKeyString());
        await record.Write(record.State with
        {
            ResourceLimit = limit ?? record.State.ResourceLimit,
            Description = description ?? record.State.Description,
            UpdatedAt = time.GetUtcNow(),
        });
        return record.State;
    }

    public async Task Delete()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
