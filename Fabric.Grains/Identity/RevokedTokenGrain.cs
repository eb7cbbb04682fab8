using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One token that was revoked before its time. Its key is the token's audit id.</summary>
[Alias("identity.IRevokedTokenGrain")]
public interface IRevokedTokenGrain : IGrainWithStringKey
{
    /// <summary>Voids the token. Durable when it returns; twice is once.</summary>
    /// <param name="expiresAt">When it would have ended anyhow: after that the record may go.</param>
    Task Revoke(DateTimeOffset expiresAt);

    /// <summary>Drops the record once the token has expired.</summary>
    Task Forget();
}

/// <summary>That a token is void.</summary>
[GenerateSerializer, Immutable, Alias("identity.revokedtoken")]
public sealed record RevokedTokenState : IIndexedRecord
{
    [Id(0)] public required DateTimeOffset ExpiresAt { get; init; }
    [Id(1)] public required DateTimeOffset RevokedAt { get; init; }
    [Id(2)] public required string AuditId { get; init; }

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

    public async Task Forget()
    {
        if (record.RecordExists && record.State.ExpiresAt < time.GetUtcNow())
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }
}
