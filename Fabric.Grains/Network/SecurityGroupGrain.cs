using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>One security group. Rules are part of its record, so that a duplicate is seen by whoever writes.</summary>
[GrainType("network.security-group")]
internal sealed class SecurityGroupGrain(
    [PersistentState(SecurityGroupState.Kind)] IPersistentState<SecurityGroupState> record,
    IResourceIndex index,
    NodeNotices notices,
    TimeProvider time) : Grain, ISecurityGroupGrain
{
    /// <summary>In a storm of boots each new port is a member of its project's default group, which lets its members in: telling every
    /// node for each
    /// would be work without end.</summary>
    private static readonly TimeSpan MembersDelay = TimeSpan.FromSeconds(1);

    private IGrainTimer? membersTimer;

    private SecurityGroupId Id => SecurityGroupId.Parse(this.GetPrimaryKeyString());

    public async Task<SecurityGroupState> Create(CreateSecurityGroup request)
    {
        if (!record.RecordExists)
            await record.Save(SecurityGroupState.New(Id, request, isDefault: false, time.GetUtcNow()));
        return record.State;
    }

    public async Task<SecurityGroupState> EnsureDefault(ProjectId project)
    {
        if (!record.RecordExists)
        {
            var request = new CreateSecurityGroup
            {
                ProjectId = project,
                Name = SecurityGroupState.DefaultName,
                Description = "Default security group",
            };
            await record.Save(SecurityGroupState.New(Id, request, isDefault: true, time.GetUtcNow()));
        }

        return record.State;
    }

    public async Task<SecurityGroupState> Update(SecurityGroupChange change)
    {
        var before = Existing();
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("security_group", Id, expected);
        if (before.Name == SecurityGroupState.DefaultName && change.Name is not null)
            throw Fault.Conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.");
        if (change.Stateful is { } stateful && stateful != before.Stateful && await Members() > 0)
            throw NetworkFaults.SecurityGroupInUse(Id);
        await record.Save(before.Touched(time.GetUtcNow()) with
        {
            Name = change.Name ?? before.Name,
            Description = change.Description ?? before.Description,
            Stateful = change.Stateful ?? before.Stateful,
            Tags = change.Tags ?? before.Tags,
        });
        return record.State;
    }

    public async Task Delete(bool asAdmin)
    {
        var group = Existing();
        if (await Members() > 0)
            throw NetworkFaults.SecurityGroupInUse(Id);
        if (group.Name == SecurityGroupState.DefaultName && !asAdmin)
            throw Fault.Conflict("SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.");
        await record.ClearStateAsync();
        foreach (var other in await Referring())
        {
            if (other != Id.Text)
                await notices.Groups([other]);
        }

        DeactivateOnIdle();
    }

    public async Task<IReadOnlyList<SecurityRule>> AddRules(IReadOnlyList<SecurityRule> rules)
    {
        var group = Existing();
        var now = time.GetUtcNow();
        IReadOnlyList<SecurityRule> added = [.. rules.Select(rule => SecurityRules.Checked(rule) with { CreatedAt = now })];
        var keys = new Dictionary<string, SecurityRule>(StringComparer.Ordinal);
        foreach (var rule in added)
        {
            if (!keys.TryAdd(SecurityRules.Key(rule), rule))
                throw Fault.Conflict("DuplicateSecurityGroupRuleInPost", "Duplicate Security Group Rule in POST.");
        }

        if (group.Rules.FirstOrDefault(rule => keys.ContainsKey(SecurityRules.Key(rule))) is { } same)
        {
            throw Fault.Conflict("SecurityGroupRuleExists", $"Security group rule already exists. Rule id is {same.Id}.");
        }

        await record.Save(group.Touched(now) with { Rules = [.. group.Rules, .. added] });
        await notices.Groups([Id.Text]);
        return added;
    }

    public async Task RemoveRule(SecurityGroupRuleId id)
    {
        var group = Existing();
        if (group.Rules.All(rule => rule.Id != id))
            throw NetworkFaults.RuleNotFound(id);
        await record.Save(group.Touched(time.GetUtcNow()) with { Rules = [.. group.Rules.Where(rule => rule.Id != id)] });
        await notices.Groups([Id.Text]);
    }

    public Task MembersChanged()
    {
        membersTimer ??= this.RegisterGrainTimer(TellMembers,
            new GrainTimerCreationOptions(MembersDelay, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        return Task.CompletedTask;
    }

    private async Task TellMembers()
    {
        membersTimer?.Dispose();
        membersTimer = null;
        await notices.Groups(await Referring());
    }

    private SecurityGroupState Existing() => record.RecordExists ? record.State : throw NetworkFaults.SecurityGroupNotFound(Id);

    private Task<int> Members() =>
        index.Count(new ResourceQuery(PortState.Kind).WithRef(PortState.GroupRef, Id.Text), CancellationToken.None);

    private Task<IReadOnlyList<string>> Referring() =>
        index.ListIds(new ResourceQuery(SecurityGroupState.Kind).WithRef(SecurityGroupState.RemoteRef, Id.Text), CancellationToken.None);
}
