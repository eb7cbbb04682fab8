using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One trust. Its key is the trust's id.</summary>
[Alias("identity.ITrustGrain")]
public interface ITrustGrain : IGrainWithStringKey
{
    /// <summary>Makes the trust; its times are set here. A conflict when the same one is there already.</summary>
    Task<TrustState> Create(TrustState trust);

    /// <summary>Takes one use. Of two who want the last one, one gets it and the other is forbidden.</summary>
    Task Consume();

    /// <summary>Removes the trust; its tokens end with it. Not found when there is none.</summary>
    Task Delete();
}

/// <inheritdoc cref="ITrustGrain"/>
[GrainType("trust")]
internal sealed class TrustGrain(
    [PersistentState(IdentityKinds.Trust, StorageNames.Records)] IPersistentState<TrustState> record, TimeProvider time)
        : IdentityRecordGrain<TrustState>(record, time, "trust"), ITrustGrain
{
    public Task<TrustState> Create(TrustState trust) => Add(now => trust with { CreatedAt = now, UpdatedAt = now });

    protected override Fault Taken(TrustState next) => TrustState.Taken(next.Id);

    public async Task Consume()
    {
        var trust = Existing();
        if (trust.RemainingUses is not { } left)
            return;
        if (left <= 0)
            throw new Fault(FaultKind.Forbidden, "TrustUseLimitReached", $"No remaining uses for trust: {trust.Id}.");
        await Change((now, at) => now with { RemainingUses = left - 1, UpdatedAt = at });
    }
}
