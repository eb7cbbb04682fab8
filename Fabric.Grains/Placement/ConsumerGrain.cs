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
        WaitForChange();
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
        WaitForChange();
        foreach (var provider in record.State.Allocations.Keys)
            await Ask(provider, new Dictionary<string, long>(), record.State.ProjectId, record.State.UserId);
        await Forget();
    }

    public Task<ConsumerView> Get() => Task.FromResult(record.State.ToView());

    public async Task<ConsumerView> Prepare(string changeId, ConsumerView wanted)
    {
        var next = record.State.Prepare(changeId, wanted, time.GetUtcNow());
        if (!ReferenceEquals(next, record.State))
            await record.Save(next);
        return next.ToView();
    }

    public async Task Commit(string changeId)
    {
        if (record.State.Pending is not { } change || change.ChangeId != changeId)
            return;
        if (change.Wanted.Allocations.Count == 0)
            await Forget();
        else
            await Write(change.Wanted, record.State.Generation + 1, change.Wanted.Allocations);
    }

    public async Task Abort(string changeId)
    {
        if (record.State.Pending?.ChangeId != changeId)
            return;
        if (record.State.Generation == 0)
            await Forget();
        else
            await record.Save(record.State with { Pending = null, UpdatedAt = time.GetUtcNow() });
    }

    public async Task Set(ConsumerView wanted)
    {
        record.State.RequireUnchanging(wanted);
        if (wanted.Allocations.Count == 0)
        {
            await Release();
            return;
        }

        var generation = record.State.Generation + 1;
        var was = record.State;
        var all = was.Allocations.Keys.Union(wanted.Allocations.Keys).ToDictionary(
            static id => id, id => wanted.Allocations.GetValueOrDefault(id) ?? new Dictionary<string, long>());
        await Write(wanted, generation, all);
        var changed = new List<ResourceProviderId>();
        foreach (var (provider, resources) in all)
        {
            var refusal = await Ask(provider, resources, wanted.ProjectId!.Value, wanted.UserId!.Value);
            if (refusal is not null)
            {
                await GiveBack(changed, was);
                throw Fault.Conflict("InvalidInventory", refusal);
            }

            changed.Add(provider);
        }

        await Write(wanted, generation, wanted.Allocations);
    }

    /// <summary>What is being changed comes to rest in a moment: a saga that needs the consumer tries again.</summary>
    private void WaitForChange()
    {
        if (record.State.Pending is not null)
            throw Fault.Unavailable("The consumer's allocations are being changed; try again.");
    }

    private async Task GiveBack(List<ResourceProviderId> changed, ConsumerState was)
    {
        var state = record.State;
        foreach (var provider in changed)
        {
            await Ask(
                provider, was.Allocations.GetValueOrDefault(provider) ?? new Dictionary<string, long>(), state.ProjectId, state.UserId);
        }

        if (was.Generation == 0)
            await Forget();
        else
            await record.Save(was);
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

    private async Task<bool> Hold(ResourceProviderId provider, Dictionary<string, long> resources, ResourceRequest request) =>
        await Ask(provider, resources, request.ProjectId, request.UserId) is null;

    /// <summary>Null when the provider did it; else why it did not.</summary>
    private async Task<string?> Ask(
        ResourceProviderId provider, IReadOnlyDictionary<string, long> resources, ProjectId project, UserId user)
    {
        var allocation = new Allocation { Resources = resources, ProjectId = project, UserId = user };
        try
        {
            var answer = await GrainFactory.GetGrain<IResourceProviderGrain>(provider).Claim(
                this.GetPrimaryKeyString(), allocation, generation: null);
            pictures.Saw(answer.Provider);
            return answer.Taken ? null : answer.Refusal ?? "";
        }
        catch (Fault gone) when (gone.Kind == FaultKind.NotFound && resources.Count == 0)
        {
            // Nothing can be held of a provider that is no more.
            return null;
        }
    }

    private Task Write(
        ConsumerView wanted, long generation, IReadOnlyDictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> allocations)
    {
        var now = time.GetUtcNow();
        return record.Save(record.State with
        {
            Generation = generation,
            ProjectId = wanted.ProjectId!.Value,
            UserId = wanted.UserId!.Value,
            ConsumerType = wanted.ConsumerType,
            Allocations = allocations,
            Pending = null,
            CreatedAt = record.RecordExists ? record.State.CreatedAt : now,
            UpdatedAt = now,
        });
    }

    private Task Forget() => record.ClearStateAsync();
}
