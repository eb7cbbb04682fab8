using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Identity;

/// <summary>One request that makes limits; the key is an id of its own. It keeps nothing: the saga's log is what is durable.</summary>
[Alias("identity.ILimitMakingGrain")]
public interface ILimitMakingGrain : IGrainWithStringKey
{
    /// <summary>Makes them. When this returns all are made; when it throws a fault, none is. After any other failure it comes to one of
    /// the two ends all the same.</summary>
    /// <exception cref="Fault">Conflict: one is there already. Forbidden: one has nothing to stand on.</exception>
    [Alias("Make")]
    Task Make(LimitsToMake limits);

    /// <summary>The saga came to its end.</summary>
    /// <param name="failure">Why it was unwound; null when all is done.</param>
    [Alias("Ended"), AlwaysInterleave]
    Task Ended(SagaFailure? failure);
}

/// <inheritdoc cref="ILimitMakingGrain"/>
[GrainType("limit_making")]
internal sealed class LimitMakingGrain(ISagas sagas) : Grain, ILimitMakingGrain
{
    private readonly TaskCompletionSource<SagaFailure?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task Make(LimitsToMake limits)
    {
        var id = this.GetPrimaryKeyString();
        await sagas.Start<MakeLimitsSaga, LimitsToMake>("limits/" + id, limits with { ActId = id });
        if (await end.Task is { } failure)
        {
            throw failure.Type == IdentityFaults.NoReference
                ? IdentityFaults.NoLimitReference()
                : Fault.Conflict(failure.Type, failure.Message);
        }
    }

    public Task Ended(SagaFailure? failure)
    {
        end.TrySetResult(failure);
        return Task.CompletedTask;
    }
}
