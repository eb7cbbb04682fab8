using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <inheritdoc cref="IRegisteredLimitGrain"/>
[GrainType("registered_limit")]
internal sealed class RegisteredLimitGrain(
    [PersistentState(IdentityKinds.RegisteredLimit, StorageNames.Records)] IPersistentState<RegisteredLimitState> record,
    IResourceIndex index,
    TimeProvider time) : Grain, IRegisteredLimitGrain
{
    public async Task Prepare(RegisteredLimitState limit)
    {
        var now = time.GetUtcNow();
        if (!record.RecordExists)
            await record.Write(limit with { CreatedAt = now, UpdatedAt = now, Pending = true }, Taken);
    }

    public async Task Show()
    {
        if (record.RecordExists && record.State.Pending)
            await record.Write(record.State with { Pending = false });
    }

    public async Task Discard()
    {
        if (record.RecordExists && record.State.Pending)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    public Task Support(string service, string? region, string resource) =>
        record.RecordExists && !record.State.Pending && record.State.IsFor(service, region, resource)
            ? record.Write(record.State with { Supported = record.State.Supported + 1 })
            : throw IdentityFaults.NoLimitReference();

    public async Task<RegisteredLimitState> Update(RegisteredLimitChange change)
    {
        var limit = Existing();
        await RequireUnused();
        var next = limit.Apply(change, time.GetUtcNow());
        // Keystone looks for another one of that name, and does not leave out the one that is to change.
        if (change.NamesResource && limit.IsFor(next.ServiceId, next.RegionId, next.ResourceName))
            throw Taken();
        await record.Write(next, Taken);
        return next;
    }

    public async Task Delete()
    {
        Existing();
        await RequireUnused();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private RegisteredLimitState Existing() => record.RecordExists && !record.State.Pending
        ? record.State
        : throw IdentityFaults.NoRegisteredLimit(this.GetPrimaryKeyString());

    // A limit is written before it asks for support, and that is a write of this record: what is not seen here will be refused.
    private async Task RequireUnused()
    {
        var id = this.GetPrimaryKeyString();
        if (await index.Count(new ResourceQuery(IdentityKinds.Limit).WithRef(LimitState.RegisteredRef, id), CancellationToken.None) > 0)
        {
            throw new Fault(FaultKind.Forbidden, "RegisteredLimitError", $"Unable to update or delete registered limit {id} "
                + "because there are project limits associated with it.");
        }
    }

    private static Fault Taken() => IdentityFaults.Duplicate("registered_limit", "Duplicate entry");
}

/// <inheritdoc cref="ILimitGrain"/>
[GrainType("limit")]
internal sealed class LimitGrain(
    [PersistentState(IdentityKinds.Limit, StorageNames.Records)] IPersistentState<LimitState> record, TimeProvider time)
    : Grain, ILimitGrain
{
    public async Task Prepare(LimitState limit)
    {
        var now = time.GetUtcNow();
        if (!record.RecordExists)
        {
            await record.Write(limit with { CreatedAt = now, UpdatedAt = now, Pending = true },
                static () => IdentityFaults.Duplicate("limit", "Duplicate entry"));
        }
    }

    public async Task Show()
    {
        if (record.RecordExists && record.State.Pending)
            await record.Write(record.State with { Pending = false });
    }

    public async Task Discard()
    {
        if (record.RecordExists && record.State.Pending)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    public async Task<LimitState> Update(int? limit, string? description)
    {
        if (!record.RecordExists || record.State.Pending)
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
