using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>How limits of a tree of projects depend on each other; setting <c>Identity:LimitModel</c>.</summary>
public enum LimitModel
{
    /// <summary>Not at all.</summary>
    Flat,

    /// <summary>No project has more than its user domain, in trees of two levels.</summary>
    StrictTwoLevel,
}

/// <summary>Limits that all services share (source: <c>keystone/limit</c>).</summary>
public sealed class UnifiedLimits(IdentityIndex index, IGrainFactory grains, IOptions<IdentityOptions> options)
{
    /// <summary>The model in use, under Keystone's name.</summary>
    public (string Name, string Description) Model => options.Value.LimitModel == LimitModel.Flat
        ? ("flat", "Limit enforcement and validation does not take project hierarchy into consideration.")
        : ("strict_two_level", "This model requires project hierarchy never exceeds a depth of two");

    /// <summary>The registered limit of a resource, or null.</summary>
    public async Task<RegisteredLimitState?> Find(string service, string? region, string resource, CancellationToken ct) =>
        await index.ByKey<RegisteredLimitState>(RegisteredLimitState.Key(service, region, resource), ct) is { Pending: false } found
            ? found
            : null;

    /// <summary>The registered limit of that id, or null.</summary>
    public async Task<RegisteredLimitState?> FindRegistered(string id, CancellationToken ct) =>
        await index.Records.Find<RegisteredLimitState>(IdentityKinds.RegisteredLimit, id, ct) is { Pending: false } found ? found : null;

    /// <summary>The limit of that id, or null.</summary>
    public async Task<LimitState?> FindLimit(string id, CancellationToken ct) =>
        await index.Records.Find<LimitState>(IdentityKinds.Limit, id, ct) is { Pending: false } found ? found : null;

    /// <summary>The registered limits that a question is about.</summary>
    public Task<IReadOnlyList<RegisteredLimitState>> ListRegistered(ResourceQuery query, CancellationToken ct) =>
        index.Records.List<RegisteredLimitState>(query with { Where = static limit => !((RegisteredLimitState)limit).Pending }, ct);

    /// <summary>The limits that a question is about.</summary>
    public Task<IReadOnlyList<LimitState>> ListLimits(ResourceQuery query, CancellationToken ct) =>
        index.Records.List<LimitState>(query with { Where = static limit => !((LimitState)limit).Pending }, ct);

    /// <summary>The limits of some projects.</summary>
    public async Task<IReadOnlyList<LimitState>> LimitsOf(IEnumerable<string> projects, CancellationToken ct)
    {
        var found = new List<LimitState>();
        foreach (var chunk in projects.Chunk(IdentityIndex.MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.Limit) { Descending = false }.WithRef("project", chunk);
            found.AddRange(await ListLimits(query, ct));
        }

        return found;
    }

    /// <summary>Makes registered limits, all or none, whatever dies meanwhile.</summary>
    public async Task<IReadOnlyList<RegisteredLimitState>> Register(IReadOnlyList<RegisteredLimitState> limits)
    {
        await Make(new() { Registered = limits });
        return limits;
    }

    /// <summary>Makes limits, all or none, whatever dies meanwhile, if the model lets them.</summary>
    public async Task<IReadOnlyList<LimitState>> Create(IReadOnlyList<LimitState> limits, CancellationToken ct)
    {
        await RequireFit(limits, ct);
        await Make(new() { Limits = limits });
        return limits;
    }

    /// <summary>Throws when the model stands against one of the limits.</summary>
    public async Task RequireFit(IReadOnlyList<LimitState> limits, CancellationToken ct)
    {
        foreach (var limit in options.Value.LimitModel == LimitModel.Flat ? [] : limits)
        {
            if (limit.ProjectId is { } id ? !await FitsAbove(limit, id, limits, ct) : !await FitsBelow(limit, ct))
                throw DoesNotFit(limit);
        }
    }

    /// <summary>Removes the limits of a project or user domain.</summary>
    internal async Task RemoveOf(string reference, string id, CancellationToken ct)
    {
        foreach (var limit in await index.Records.ListIds(new ResourceQuery(IdentityKinds.Limit).WithRef(reference, id), ct))
            await grains.GetGrain<ILimitGrain>(limit).Delete();
    }

    // The user domain's limit: the one that comes along, else its own, else what is registered.
    private async Task<bool> FitsAbove(LimitState limit, string project, IReadOnlyList<LimitState> together, CancellationToken ct)
    {
        var parent = (await index.FindProject(project, ct))?.ParentText;
        if (together.FirstOrDefault(other => other.RegisteredLimitId == limit.RegisteredLimitId && other.DomainId == parent) is { } along)
            return limit.ResourceLimit <= along.ResourceLimit;
        var own = await index.ByKey<LimitState>(LimitState.Key(limit.RegisteredLimitId, null, parent), ct);
        var most = own is { Pending: false } ? own.ResourceLimit : (await FindRegistered(limit.RegisteredLimitId, ct))?.DefaultLimit;
        return most is null or 0 || limit.ResourceLimit <= most;
    }

    private async Task<bool> FitsBelow(LimitState limit, CancellationToken ct)
    {
        foreach (var chunk in (await index.Below(limit.DomainId!, ct)).Chunk(IdentityIndex.MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.Limit).WithRef(LimitState.RegisteredRef, limit.RegisteredLimitId)
                .WithRef("project", [.. chunk.Select(static project => project.Id.Text)]);
            if ((await ListLimits(query, ct)).Any(below => below.ResourceLimit > limit.ResourceLimit))
                return false;
        }

        return true;
    }

    private static Fault DoesNotFit(LimitState limit) => new(FaultKind.Forbidden, "InvalidLimit",
        $"Invalid resource limit: The resource limit ({(limit.ProjectId is null ? "domain_id" : "project_id")}: "
        + $"{limit.ProjectId ?? limit.DomainId}, resource_name: {limit.ResourceName}, resource_limit: {limit.ResourceLimit}, "
        + $"service_id: {limit.ServiceId}, region_id: {limit.RegionId ?? "None"}) doesn't satisfy current hierarchy model..");

    private Task Make(LimitsToMake limits) =>
        grains.GetGrain<ILimitMakingGrain>(Guid.NewGuid().ToString("N")).Make(limits);
}
