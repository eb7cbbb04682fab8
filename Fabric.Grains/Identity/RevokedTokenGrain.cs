using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One event of the log of revocations. Its key is <see cref="Revocation.Key"/>. Gateways follow the log, so what it voids is
/// refused by all of them soon after, and again after a restart.</summary>
[Alias("identity.IRevokedTokenGrain")]
public interface IRevokedTokenGrain : IGrainWithStringKey
{
    /// <summary>Voids one token by its audit id, which is the key. Durable when it returns; twice is once.</summary>
    /// <param name="expiresAt">When it would have ended anyhow: after that the record may go.</param>
    Task Revoke(DateTimeOffset expiresAt);

    /// <summary>Voids what the event says, as far as it was issued until now. Durable when it returns; again is for all until
    /// then.</summary>
    /// <param name="revocation">What is voided.</param>
    /// <param name="expiresAt">When the last of the tokens would have ended anyhow.</param>
    Task Void(Revocation revocation, DateTimeOffset expiresAt);

    /// <summary>Drops the record once nothing is left that it voids.</summary>
    Task Forget();
}

/// <summary>That tokens are void.</summary>
[GenerateSerializer, Immutable, Alias("identity.revokedtoken")]
public sealed record RevokedTokenState : IIndexedRecord
{
    [Id(0)] public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What was issued until then is void.</summary>
    [Id(1)] public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>Empty when it is not one token.</summary>
    [Id(2)] public string AuditId { get; init; } = "";

    /// <summary>Null in records of one token from before there were others.</summary>
    [Id(3)] public Revocation? Of { get; init; }

    /// <summary>What is void.</summary>
    public Revocation What => Of ?? new() { AuditId = AuditId };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = RevokedAt, UpdatedAt = RevokedAt };
}

/// <inheritdoc cref="IRevokedTokenGrain"/>
[GrainType("revoked_token")]
internal sealed class RevokedTokenGrain(
    [PersistentState(IdentityKinds.RevokedToken, StorageNames.Records)] IPersistentState<RevokedTokenState> record, TimeProvider time)
    : Grain, IRevokedTokenGrain
{
    public Task Revoke(DateTimeOffset expiresAt) => record.RecordExists
        ? Task.CompletedTask
        : record.Write(new RevokedTokenState { ExpiresAt = expiresAt, RevokedAt = time.GetUtcNow(), AuditId = this.GetPrimaryKeyString() });

    public Task Void(Revocation revocation, DateTimeOffset expiresAt) => record.Write(new RevokedTokenState
    {
        ExpiresAt = expiresAt, RevokedAt = time.GetUtcNow(), AuditId = revocation.AuditId ?? "", Of = revocation,
    });

    public async Task Forget()
    {
        if (record.RecordExists && record.State.ExpiresAt < time.GetUtcNow())
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
