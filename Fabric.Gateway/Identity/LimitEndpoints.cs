using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/limits</c></summary>
internal static class LimitEndpoints
{
    internal static Task<IResult> Model(Call call)
    {
        var (name, description) = call.Get<UnifiedLimits>().Model;
        return Task.FromResult(Reply.Json(new { model = new { name, description } }));
    }

    internal static async Task<IResult> Create(Call call)
    {
        var limits = new List<LimitState>();
        foreach (var body in LimitBodies.Each(call, "limits"))
            limits.Add(await Read(call, body));
        var made = await call.Get<UnifiedLimits>().Create(limits, call.Aborted);
        return LimitBodies.Created("limits", made.Select(limit => LimitBodies.Of(limit, call)));
    }

    /// <summary>All for who looks at the whole system; else those of the domain and its projects, or of the project, that the token is
    /// for.</summary>
    internal static async Task<IResult> List(Call call)
    {
        var (unified, query) = (call.Get<UnifiedLimits>(), new ResourceQuery(IdentityKinds.Limit) { Descending = false });
        IEnumerable<LimitState> limits = [];
        if (call.Caller.SystemScope)
            limits = await unified.ListLimits(query, call.Aborted);
        else if (call.Caller.DomainId is { } domain)
            limits = await InDomain(call, domain, query);
        else if (call.Caller.ProjectId is { } project)
            limits = await unified.ListLimits(query.WithRef("project", project.Text), call.Aborted);
        return IdentityReplies.List(call, "limits", limits.Select(limit => LimitBodies.Of(limit, call)).Filter(
            call, "service_id", "region_id", "resource_name", "project_id", "domain_id"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("limit", LimitBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "limit");
        var limit = await Find(call);
        body.RequireId(limit.Id);
        var most = body.Int("resource_limit");
        if (most is not null)
            await call.Get<UnifiedLimits>().RequireFit([limit with { ResourceLimit = most.Value }], call.Aborted);
        // Keystone takes neither a zero nor an empty text for a change.
        var changed = await call.Grains.GetGrain<ILimitGrain>(limit.Id).Update(
            most == 0 ? null : most, body.Text("description") is { Length: > 0 } text ? text : null);
        return IdentityReplies.Member("limit", LimitBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grains.GetGrain<ILimitGrain>((await Find(call)).Id).Delete();
        return Reply.Empty();
    }

    // A project that acts as a domain has the domain's limit.
    private static async Task<LimitState> Read(Call call, IdentityBody body)
    {
        await RegisteredLimitEndpoints.RequireThere(call, body, "limit");
        var index = call.Get<IdentityIndex>();
        var (project, domain) = (body.Text("project_id"), body.Text("domain_id"));
        if (project is not null && await index.FindProject(project, call.Aborted) is null)
        {
            domain = await index.FindDomain(project, call.Aborted) is null
                ? throw IdentityFaults.Missing("project_id", "limit")
                : project;
            project = null;
        }

        if (domain is not null && await index.FindDomain(domain, call.Aborted) is null)
            throw IdentityFaults.Missing("domain_id", "limit");
        var (service, region, resource) = (body.Text("service_id")!, body.Text("region_id"), body.Text("resource_name")!);
        var registered = await call.Get<UnifiedLimits>().Find(service, region, resource, call.Aborted)
            ?? throw IdentityFaults.NoLimitReference();
        return new()
        {
            Id = ResourceIdText.NewHex(),
            RegisteredLimitId = registered.Id,
            ProjectId = project,
            DomainId = domain,
            ServiceId = service,
            RegionId = region,
            ResourceName = resource,
            ResourceLimit = body.Int("resource_limit")!.Value,
            Description = body.Text("description"),
        };
    }

    private static async Task<IEnumerable<LimitState>> InDomain(Call call, UserDomainId domain, ResourceQuery query)
    {
        var projects = await call.Get<IResourceIndex>().ListIds(
            new ResourceQuery(IdentityKinds.Project).WithRef("domain", domain.Text), call.Aborted);
        var unified = call.Get<UnifiedLimits>();
        return [.. await unified.ListLimits(query.WithRef("domain", domain.Text), call.Aborted),
            .. await unified.LimitsOf(projects, call.Aborted)];
    }

    private static async Task<LimitState> Find(Call call)
    {
        var id = call.Path("limit_id");
        var limit = await call.Get<UnifiedLimits>().FindLimit(id, call.Aborted);
        var project = limit?.ProjectId is { } own ? await call.Get<IdentityIndex>().FindProject(own, call.Aborted) : null;
        call.Require(call.Route.Policy, IdentityTargets.Limit(limit, project));
        return limit ?? throw IdentityFaults.NoLimit(id);
    }
}
