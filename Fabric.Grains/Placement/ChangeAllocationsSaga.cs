using Fabric.Grains.Kernel;
using Fabric.Grains.Sagas;

namespace Fabric.Grains.Placement;

/// <summary>What a change of several consumers works on.</summary>
[GenerateSerializer, Immutable, Alias("placement.change-allocations")]
internal sealed record ChangeAllocations
{
    [Id(0)] public required string ChangeId { get; init; }
    [Id(1)] public required IReadOnlyDictionary<string, ConsumerView> Consumers { get; init; }

    /// <summary>Each provider's part. Known when the consumers have promised: what they hold today may be elsewhere.</summary>
    [Id(2)] public required IReadOnlyDictionary<ResourceProviderId, ProviderChange> Providers { get; init; }
}

/// <summary>
/// Changes what several consumers hold, all or nothing. First all who take part promise; a promise is refused or kept, so the first two
/// steps can be taken back without a trace and the last one cannot fail. Nobody waits for another's promise: two changes that meet refuse
/// each other rather than wait for ever, and their callers try again.
/// </summary>
internal sealed class ChangeAllocationsSaga(IGrainFactory grains, NodePictures pictures) : Saga<ChangeAllocations>
{
    /// <summary>Without end: what was half kept must not be taken back because a disk was full for long.</summary>
    public override TimeSpan RetryFor => TimeSpan.MaxValue;

    public override void Define(Steps<ChangeAllocations> steps) => steps
        .Guard("consumers-may-have-promised", undo: AbortConsumers)
        .Step("prepare-consumers", PrepareConsumers)
        .Guard("providers-may-have-promised", undo: AbortProviders)
        .Step("prepare-providers", PrepareProviders)
        .Step("commit", Commit);

    public override Task Unwound(ChangeAllocations change, SagaFailure failure, CancellationToken ct) => Ended(change, failure);

    public override Task Stuck(ChangeAllocations change, SagaFailure failure, CancellationToken ct) => Ended(change, failure);

    private async Task<ChangeAllocations> PrepareConsumers(ChangeAllocations change, CancellationToken ct)
    {
        var parts = change.Providers.ToDictionary(static entry => entry.Key, static _ => new Dictionary<string, Allocation>());
        foreach (var (consumer, wanted) in change.Consumers)
        {
            var held = await Consumer(consumer).Prepare(change.ChangeId, wanted);
            foreach (var provider in held.Allocations.Keys.Union(wanted.Allocations.Keys))
            {
                if (!parts.TryGetValue(provider, out var part))
                    parts[provider] = part = [];
                part[consumer] = new()
                {
                    Resources = wanted.Allocations.GetValueOrDefault(provider) ?? new Dictionary<string, long>(),
                    ProjectId = wanted.ProjectId!.Value,
                    UserId = wanted.UserId!.Value,
                };
            }
        }

        return change with
        {
            Providers = parts.ToDictionary(static entry => entry.Key, entry =>
                (change.Providers.GetValueOrDefault(entry.Key) ?? new()) with { ChangeId = change.ChangeId, Allocations = entry.Value }),
        };
    }

    private Task AbortConsumers(ChangeAllocations change, CancellationToken ct) =>
        Each(change.Consumers.Keys, consumer => Consumer(consumer).Abort(change.ChangeId));

    private Task PrepareProviders(ChangeAllocations change, CancellationToken ct) =>
        Each(change.Providers, part => Provider(part.Key).Prepare(part.Value));

    private Task AbortProviders(ChangeAllocations change, CancellationToken ct) =>
        Each(change.Providers.Keys, provider => Provider(provider).Abort(change.ChangeId));

    /// <summary>Last: nothing after it can fail, and all it asks for was promised, so it needs no undo.</summary>
    private async Task Commit(ChangeAllocations change, CancellationToken ct)
    {
        await Each(change.Providers.Keys, async provider =>
        {
            if (await Provider(provider).Commit(change.ChangeId) is { } view)
                pictures.Saw(view);
        });
        await Each(change.Consumers.Keys, consumer => Consumer(consumer).Commit(change.ChangeId));
        await Ended(change, null);
    }

    private Task Ended(ChangeAllocations change, SagaFailure? failure) =>
        grains.GetGrain<IAllocationChangeGrain>(change.ChangeId).Ended(failure);

    private IConsumerGrain Consumer(string id) => grains.GetGrain<IConsumerGrain>(id);

    private IResourceProviderGrain Provider(ResourceProviderId id) => grains.GetGrain<IResourceProviderGrain>(id);

    private static async Task Each<T>(IEnumerable<T> all, Func<T, Task> act)
    {
        foreach (var one in all)
            await act(one);
    }
}
