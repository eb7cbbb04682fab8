using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Placement;

/// <summary>A change of several consumers, and maybe of inventories, that is made whole or not at all.</summary>
[GenerateSerializer, Immutable, Alias("placement.allocation-change-record")]
public sealed record AllocationChange
{
    /// <summary>What each consumer shall hold, and the generation it is known by.</summary>
    [Id(0)] public required IReadOnlyDictionary<string, ConsumerView> Consumers { get; init; }

    /// <summary>Inventories that providers shall have; their part in <see cref="Consumers"/> is filled in later.</summary>
    [Id(1)] public IReadOnlyDictionary<ResourceProviderId, ProviderChange> Inventories { get; init; } =
        new Dictionary<ResourceProviderId, ProviderChange>();
}

/// <summary>One change of several consumers; the key is an id of its own. It keeps nothing: the saga's log is what is durable.</summary>
[Alias("placement.allocation-change")]
public interface IAllocationChangeGrain : IGrainWithStringKey
{
    /// <summary>Makes the change. When this returns it is made; when it throws a fault, nothing is. After any other failure the change
    /// comes to one of the two ends all the same.</summary>
    /// <exception cref="Fault">Conflict: a generation is another one, it does not fit, or something else is changing the same.</exception>
    [Alias("Apply")]
    Task Apply(AllocationChange change);

    /// <summary>The saga came to its end.</summary>
    /// <param name="failure">Why it was unwound; null when all is done.</param>
    [Alias("Ended"), AlwaysInterleave]
    Task Ended(SagaFailure? failure);
}

/// <inheritdoc cref="IAllocationChangeGrain"/>
[GrainType("placement.allocation-change")]
internal sealed class AllocationChangeGrain(ISagas sagas) : Grain, IAllocationChangeGrain
{
    private readonly TaskCompletionSource<SagaFailure?> end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task Apply(AllocationChange change)
    {
        var id = this.GetPrimaryKeyString();
        await sagas.Start<ChangeAllocationsSaga, ChangeAllocations>("allocations/" + id, new()
        {
            ChangeId = id,
            Consumers = change.Consumers,
            Providers = change.Inventories,
        });
        if (await end.Task is { } failure)
            throw Fault.Conflict(failure.Type, failure.Message);
    }

    public Task Ended(SagaFailure? failure)
    {
        end.TrySetResult(failure);
        return Task.CompletedTask;
    }
}
