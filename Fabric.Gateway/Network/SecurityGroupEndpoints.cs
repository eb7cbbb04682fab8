using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Network;

/// <summary><c>/security-groups</c> and <c>/security-group-rules</c></summary>
internal static class SecurityGroupEndpoints
{
    internal static async Task<IResult> List(Call call) =>
        ResourceList.Reply(call, SecurityGroupBodies.Groups, (await All(call, narrowed: true)).Select(SecurityGroupBodies.Of),
            NetworkFaults.SecurityGroupNotFound);

    internal static async Task<IResult> Show(Call call) =>
        Reply.Json(new { security_group = SecurityGroupBodies.Of(await Visible.Group(call, call.Path("id"))).Chosen(call) });

    internal static Task<IResult> Create(Call call) =>
        Making.Run(call, SecurityGroupBodies.Groups, NetworkQuotas.SecurityGroup, given => Make(call, given),
            group => call.Grain<ISecurityGroupGrain>(group.Id).Delete(asAdmin: true), SecurityGroupBodies.Of);

    internal static async Task<IResult> Update(Call call)
    {
        var given = SecurityGroupBodies.Groups.ReadChange(call);
        var group = await Visible.Group(call, call.Path("id"));
        var changed = await call.Grain<ISecurityGroupGrain>(group.Id).Update(new()
        {
            Name = given.MaybeText("name"),
            Description = given.MaybeText("description"),
            Stateful = given.MaybeFlag("stateful"),
            IfRevision = Visible.IfRevision(call),
        });
        return Reply.Json(new { security_group = SecurityGroupBodies.Of(changed) });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var group = await Visible.Group(call, call.Path("id"));
        await call.Grain<ISecurityGroupGrain>(group.Id).Delete(call.Caller.IsAdmin);
        return Reply.Empty();
    }

    internal static async Task<IResult> ListRules(Call call)
    {
        var groups = await All(call, narrowed: false);
        return ResourceList.Reply(call, SecurityGroupBodies.Rules, groups.SelectMany(static group => group.Rules)
            .Select(SecurityGroupBodies.Of),
            NetworkFaults.RuleNotFound);
    }

    internal static async Task<IResult> ShowRule(Call call)
    {
        var (_, rule) = await Rule(call);
        return Reply.Json(new { security_group_rule = SecurityGroupBodies.Of(rule).Chosen(call) });
    }

    internal static async Task<IResult> CreateRules(Call call)
    {
        var (items, bulk) = SecurityGroupBodies.Rules.ReadNew(call);
        var groupIds = items.Select(static given => given.Text("security_group_id")).Distinct().ToArray();
        if (groupIds.Length > 1)
            throw Fault.BadRequest("SecurityGroupNotSingleGroupRules", "Only allowed to update rules for one security profile at a time");
        var group = await Visible.Group(call, groupIds[0]);
        var rules = new List<SecurityRule>();
        foreach (var given in items)
            rules.Add(await ReadRule(call, given, group));
        var quota = call.Grains.GetGrain<INetworkQuotaGrain>(group.ProjectId.Text);
        var claim = await quota.Claim(NetworkQuotas.SecurityGroupRule, rules.Count);
        try
        {
            var added = (await call.Grain<ISecurityGroupGrain>(group.Id).AddRules(rules)).Select(SecurityGroupBodies.Of).ToArray();
            return bulk ? Reply.Json(new { security_group_rules = added }, 201) : Reply.Json(new { security_group_rule = added[0] }, 201);
        }
        finally
        {
            await quota.Settle(claim);
        }
    }

    internal static async Task<IResult> DeleteRule(Call call)
    {
        var (group, rule) = await Rule(call);
        await call.Grain<ISecurityGroupGrain>(group.Id).RemoveRule(rule.Id);
        return Reply.Empty();
    }

    /// <summary>A project's default group, made when it is first asked for.</summary>
    internal static async Task<SecurityGroupState> Default(Call call, ProjectId project)
    {
        var id = SecurityGroupState.DefaultIdOf(project);
        return await call.Get<IResourceIndex>().Find<SecurityGroupState>(SecurityGroupState.Kind, id.Text, call.Aborted)
            ?? await call.Grain<ISecurityGroupGrain>(id).EnsureDefault(project);
    }

    private static async Task<IReadOnlyList<SecurityGroupState>> All(Call call, bool narrowed)
    {
        var project = call.Query("project_id") ?? call.Query("tenant_id");
        if (project is { Length: > 0 } && call.Caller.IsAdmin)
            await Default(call, new(project));
        else if (call.Caller.ProjectId is { } mine)
            await Default(call, mine);
        var query = new ResourceQuery(SecurityGroupState.Kind) { Sort = ResourceSort.Id, Descending = false };
        if (narrowed)
            query = ResourceList.Narrow(call, query);
        else if (call.QueryAll("security_group_id") is { Count: > 0 and <= 1000 } groups)
            query = query with { Ids = [.. groups.Select(static id => id ?? "")] };
        return await call.Get<IResourceIndex>().List<SecurityGroupState>(Visible.Own(call, query), call.Aborted);
    }

    private static async Task<SecurityGroupState> Make(Call call, Given given)
    {
        var project = new ProjectId(given.Text("project_id"));
        await Default(call, project);
        return await call.Grain<ISecurityGroupGrain>(SecurityGroupId.New()).Create(new()
        {
            ProjectId = project,
            Name = given.Text("name"),
            Description = given.Text("description"),
            Stateful = given.Flag("stateful", true),
        });
    }

    private static async Task<SecurityRule> ReadRule(Call call, Given given, SecurityGroupState group)
    {
        SecurityGroupId? remote = given.MaybeText("remote_group_id") is { } id ? (await Visible.Group(call, id)).Id : null;
        return new()
        {
            Id = SecurityGroupRuleId.New(),
            GroupId = group.Id,
            ProjectId = new(given.Text("project_id")),
            Direction = given.Text("direction"),
            EtherType = given.Text("ethertype", "IPv4"),
            Protocol = given.MaybeText("protocol"),
            PortMin = given.MaybeNumber("port_range_min"),
            PortMax = given.MaybeNumber("port_range_max"),
            RemoteIpPrefix = given.MaybeText("remote_ip_prefix"),
            RemoteGroupId = remote,
            Description = given.Text("description"),
            CreatedAt = group.CreatedAt,
        };
    }

    private static async Task<(SecurityGroupState Group, SecurityRule Rule)> Rule(Call call)
    {
        var text = call.Path("id");
        if (SecurityGroupRuleId.TryParse(text, out var id))
        {
            var query = new ResourceQuery(SecurityGroupState.Kind).WithRef(SecurityGroupState.RuleRef, id.Text);
            foreach (var group in await call.Get<IResourceIndex>().List<SecurityGroupState>(query, call.Aborted))
            {
                var rule = group.Rules.First(rule => rule.Id == id);
                if (Visible.IsOwn(call, group.ProjectId) || Visible.IsOwn(call, rule.ProjectId))
                    return (group, rule);
            }
        }

        throw NetworkFaults.RuleNotFound(text);
    }
}
