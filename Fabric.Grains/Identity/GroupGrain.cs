using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>One group. The only writer of its record; each write is durable before the call returns.</summary>
[GrainType("group")]
internal sealed class GroupGrain(
    [PersistentState(IdentityKinds.Group, StorageNames.Records)] IPersistentState<GroupState> record, TimeProvider time)
    : Grain, IGroupGrain
{
    public async Task<GroupState> Create(NewGroup group)
    {
        if (record.RecordExists)
            throw Taken(group.Name, group.DomainId);
        var now = time.GetUtcNow();
        var next = new GroupState
        {
            Id = group.Id,
            Name = group.Name,
            DomainId = group.DomainId,
            Description = group.Description,
            Extra = group.Extra,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await record.Write(next, () => Taken(group.Name, group.DomainId));
        return record.State;
    }

    public async Task<GroupState> Update(GroupChange change)
    {
        var group = Existing();
        var next = group with
        {
            Name = change.Name ?? group.Name,
            Description = change.ClearDescription ? null : change.Description ?? group.Description,
            Extra = ExtraAttributes.Merge(group.Extra, change.Extra),
            UpdatedAt = time.GetUtcNow(),
        };
        await record.Write(next, () => Taken(next.Name, null));
        return record.State;
    }

    public async Task Delete()
    {
        Existing();
        await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    private static Fault Taken(string name, UserDomainId? domain) => IdentityFaults.DuplicateName("group", name, domain);

    private GroupState Existing() =>
        record.RecordExists ? record.State : throw IdentityFaults.NotFound("group", this.GetPrimaryKeyString());
}

/// <inheritdoc cref="IGroupMemberGrain"/>
[GrainType("group_member")]
internal sealed class GroupMemberGrain(
    [PersistentState(IdentityKinds.GroupMember, StorageNames.Records)] IPersistentState<GroupMemberState> record, TimeProvider time)
    : Grain, IGroupMemberGrain
{
    public Task Join(GroupId group, UserId user) => record.RecordExists
        ? Task.CompletedTask
        : record.Write(new GroupMemberState { GroupId = group, UserId = user, JoinedAt = time.GetUtcNow() });

    public async Task<bool> Leave()
    {
        var was = record.RecordExists;
        if (was)
            await record.ClearStateAsync();
        DeactivateOnIdle();
        return was;
    }
}
