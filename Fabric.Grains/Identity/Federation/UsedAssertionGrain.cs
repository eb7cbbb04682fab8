using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>One assertion that logged somebody in. Its key says whose and which; it logs in once.</summary>
[Alias("identity.IUsedAssertionGrain")]
public interface IUsedAssertionGrain : IGrainWithStringKey
{
    /// <summary>Uses the assertion. Durable when it returns; false when it was used before.</summary>
    /// <param name="expiresAt">When it means nothing any more: after that the record may go.</param>
    Task<bool> Use(DateTimeOffset expiresAt);

    /// <summary>Drops the record once the assertion has expired.</summary>
    Task Forget();
}

/// <summary>That an assertion was used.</summary>
[GenerateSerializer, Immutable, Alias("identity.usedassertion")]
public sealed record UsedAssertionState : IIndexedRecord
{
    [Id(0)] public required string Key { get; init; }
    [Id(1)] public required DateTimeOffset ExpiresAt { get; init; }
    [Id(2)] public required DateTimeOffset UsedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = UsedAt, UpdatedAt = UsedAt };
}

/// <inheritdoc cref="IUsedAssertionGrain"/>
[GrainType("used_assertion")]
internal sealed class UsedAssertionGrain(
    [PersistentState(FederationKinds.UsedAssertion, StorageNames.Records)] IPersistentState<UsedAssertionState> record, TimeProvider time)
    : Grain, IUsedAssertionGrain
{
    public async Task<bool> Use(DateTimeOffset expiresAt)
    {
        if (record.RecordExists)
            return false;
        await record.Write(new UsedAssertionState
        {
            Key = this.GetPrimaryKeyString(), ExpiresAt = expiresAt, UsedAt = time.GetUtcNow(),
        });
        return true;
    }

    public async Task Forget()
    {
        if (record.RecordExists && record.State.ExpiresAt < time.GetUtcNow())
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}

/// <summary>Drops the records of used assertions that have expired meanwhile. Takes no input: each round reads what is there.</summary>
internal sealed class UsedAssertionSweep(
    IResourceIndex index, IGrainFactory grains, TimeProvider time, ILogger<UsedAssertionSweep> logger)
    : PeriodicWork(TimeSpan.FromMinutes(30), time, logger)
{
    private readonly TimeProvider time = time;

    public override async Task Run(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        foreach (var used in await index.List<UsedAssertionState>(new(FederationKinds.UsedAssertion) { Descending = false }, ct))
        {
            if (used.ExpiresAt < now)
                await grains.GetGrain<IUsedAssertionGrain>(used.Key).Forget();
        }
    }
}
