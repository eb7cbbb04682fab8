using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Placement;

/// <summary>One consumer. Before it asks a provider for anything it writes down whom it asks: a crash in between leaves a record that
/// says where to look, never an allocation that nobody remembers. Release then asks every provider named.</summary>
[GrainType("placement.consumer")]
internal sealed class ConsumerGrain(
    [PersistentState(ConsumerState.Kind)] IPersistentState<ConsumerState> record,
    NodePictures pictures,
    TimeProvider time,
    ILogger<ConsumerGrain> logger) : Grain, IConsumerGrain
{
    /// <summary>So many nodes are asked for one claim; nova's <c>max_placement_results</c> serves the same end.</summary>
    private const int MostTries = 50;

    public async Task<NodeClaim> Claim(ResourceRequest request)
    {
        var resources = NodeResources.Of(request);
        if (record.State.Claim is { } settled && await Hold(settled.ProviderId, resources, request))
            return settled;
        await Release();
        var nodes = await pictures.All(CancellationToken.None);
        var proposals = Scheduler.Propose(nodes, request, Random.Shared);
        foreach (var node in proposals.Take(MostTries))
        {
            var claim = new NodeClaim(node.NodeName, node.ProviderId, node.AvailabilityZone);
            await Intend(claim, resources, request);
            if (await Hold(node.ProviderId, resources, request))
                return claim;
        }

        if (record.RecordExists)
            await Forget();
        logger.NoValidHost(this.GetPrimaryKeyString(), nodes.Count, proposals.Count);
        throw Fault.Conflict("NoValidHost", "No valid host was found. There are not enough hosts available.");
    }

    public async Task Release()
    {
        if (!record.RecordExists)
            return;
        foreach (var provider in record.State.Allocations.Keys)
            await Ask(provider, new Dictionary<string, long>(), record.State.ProjectId, record.State.UserId);
        await Forget();
    }

    public Task<ConsumerView> Get() => Task.FromResult(!record.RecordExists ? new ConsumerView() : new()
    {
        Generation = record.State.Generation,
        ProjectId = record.State.ProjectId,
        UserId = record.State.UserId,
        Allocations = record.State.Allocations,
        ConsumerType = record.State.ConsumerType,
    });

    public async Task Set(ConsumerView wanted)
    {
        long? generation = record.RecordExists ? record.State.Generation : null;
        if (wanted.Generation != generation)
            throw Fault.Conflict("placement.concurrent_update", ConflictText(generation, wanted.Generation));
        if (wanted.Allocations.Count == 0)
        {
            await Release();
            return;
        }

        var before = record.State.Allocations;
        var all = before.Keys.Union(wanted.Allocations.Keys).ToDictionary(
            static id => id, id => wanted.Allocations.GetValueOrDefault(id) ?? new Dictionary<string, long>());
        await Write(wanted, all);
        var changed = new List<ResourceProviderId>();
        foreach (var (provider, resources) in all)
        {
            if (!await Ask(provider, resources, wanted.ProjectId!.Value, wanted.UserId!.Value))
            {
                await GiveBack(changed, before);
                throw Fault.Conflict("placement.undefined_code",
                    $"Unable to allocate inventory: Unable to create allocation for '{string.Join(", ", resources.Keys)}' on resource "
                        + $"provider '{provider}'. "
                    + "The requested amount would exceed the capacity.");
            }

            changed.Add(provider);
        }

        await Write(wanted, wanted.Allocations);
    }

    private static string ConflictText(long? generation, long? asked) =>
        $"consumer generation conflict - expected "
            + $"{(generation is { } g ? g.ToString(System.Globalization.CultureInfo.InvariantCulture) : "null")} "
        + $"but got {(asked is { } a ? a.ToString(System.Globalization.CultureInfo.InvariantCulture) : "null")}";

    private async Task GiveBack(
        List<ResourceProviderId> changed, IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> before)
    {
        var state = record.State;
        foreach (var provider in changed)
            await Ask(provider, before.GetValueOrDefault(provider) ?? new Dictionary<string, long>(), state.ProjectId, state.UserId);
        if (before.Count == 0)
            await Forget();
        else
            await record.Save(state with { Allocations = before, UpdatedAt = time.GetUtcNow() });
    }

    private Task Intend(NodeClaim claim, Dictionary<string, long> resources, ResourceRequest request)
    {
        var now = time.GetUtcNow();
        return record.Save(new()
        {
            Generation = 1,
            ProjectId = request.ProjectId,
            UserId = request.UserId,
            Allocations = new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> { [claim.ProviderId] = resources },
            Claim = claim,
            CreatedAt = now,
            UpdatedAt = now,
        });
    }

    private Task<bool> Hold(ResourceProviderId provider, Dictionary<string, long> resources, ResourceRequest request) =>
        Ask(provider, resources, request.ProjectId, request.UserId);

    private async Task<bool> Ask(ResourceProviderId provider, IReadOnlyDictionary<string, long> resources, ProjectId project, UserId user)
    {
        var allocation = new Allocation { Resources = resources, ProjectId = project, UserId = user };
        try
        {
            var answer = await GrainFactory.GetGrain<IResourceProviderGrain>(provider).Claim(
                this.GetPrimaryKeyString(), allocation, generation: null);
            pictures.Saw(answer.Provider);
            return answer.Taken;
        }
        catch (Fault gone) when (gone.Kind == FaultKind.NotFound && resources.Count == 0)
        {
            // Nothing can be held of a provider that is no more.
            return true;
        }
    }

    private Task Write(ConsumerView wanted, IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> allocations)
    {
        var now = time.GetUtcNow();
        return record.Save(record.State with
        {
            Generation = (wanted.Generation ?? 0) + 1,
            ProjectId = wanted.ProjectId!.Value,
            UserId = wanted.UserId!.Value,
            ConsumerType = wanted.ConsumerType,
            Allocations = allocations,
            CreatedAt = record.RecordExists ? record.State.CreatedAt : now,
            UpdatedAt = now,
        });
    }

    private Task Forget() => record.ClearStateAsync();
}
