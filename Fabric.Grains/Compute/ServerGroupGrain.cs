using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <inheritdoc cref="IServerGroupGrain"/>
[GrainType("compute.server-group")]
internal sealed class ServerGroupGrain(
    [PersistentState(ServerGroupState.Kind)] IPersistentState<ServerGroupState> record,
    IScheduling scheduling,
    IResourceIndex index,
    TimeProvider clock) : Grain, IServerGroupGrain
{
    /// <summary>Members whose own records do not name their node yet. Losing it loses no claim, only this moment's view.</summary>
    private readonly Dictionary<InstanceId, string> placed = [];

    public async Task<ServerGroupState> Create(ServerGroupState group)
    {
        if (!record.RecordExists)
            await record.Save(group with { CreatedAt = clock.GetUtcNow() });
        return record.State;
    }

    public async Task<NodeClaim> Place(InstanceId member, ResourceRequest request)
    {
        var conditions = record.RecordExists ? ServerGroupRules.Apply(record.State, await Hosts(member), request) : request;
        var claim = await scheduling.Claim(member, conditions, CancellationToken.None);
        placed[member] = claim.NodeName;
        return claim;
    }

    public async Task Delete()
    {
        if (!record.RecordExists)
            throw ComputeFaults.ServerGroupNotFound(this.GetPrimaryKeyString());
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    /// <summary>The nodes of the other members, one entry for each.</summary>
    private async Task<IReadOnlyList<string>> Hosts(InstanceId member)
    {
        var query = new ResourceQuery(InstanceState.Kind).WithRef("server_group", record.State.Id);
        var members = (await index.List<InstanceState>(query, CancellationToken.None)).ToDictionary(static instance => instance.Id);
        foreach (var id in placed.Keys.Where(id => !members.TryGetValue(id, out var known) || known.TaskState != TaskState.Scheduling)
            .ToArray())
            placed.Remove(id);
        return
        [
            .. members.Values.Where(other => other.Id != member)
                .Select(other => other.NodeName ?? placed.GetValueOrDefault(other.Id)).OfType<string>(),
        ];
    }
}

/// <summary>What a group's policy asks of a node; pure.</summary>
internal static class ServerGroupRules
{
    /// <summary>The request with the group's conditions. The soft policies set none: they are wishes, and weighers have no say
    /// here.</summary>
    internal static ResourceRequest Apply(ServerGroupState group, IReadOnlyList<string> hosts, ResourceRequest request)
    {
        var most = group.MaxServerPerHost ?? 1;
        return group.Policy switch
        {
            "affinity" when hosts.Count > 0 && request.RequestedHost is null => request with { RequestedHost = hosts[0] },
            "anti-affinity" => request with
            {
                ExcludedHosts =
                [
                    .. request.ExcludedHosts,
                    .. hosts.GroupBy(static host => host, StringComparer.Ordinal).Where(same => same.Count() >= most)
                        .Select(static same => same.Key),
                ],
            },
            _ => request,
        };
    }
}
