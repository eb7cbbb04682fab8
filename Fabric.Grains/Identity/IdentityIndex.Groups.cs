using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <content>Groups, who is in them, and what a user holds through them.</content>
public sealed partial class IdentityIndex
{
    /// <summary>Most values that one question to the index names.</summary>
    internal const int MostValues = 500;

    public Task<GroupState?> FindGroup(string id, CancellationToken ct) => index.Find<GroupState>(IdentityKinds.Group, id, ct);

    /// <summary>Whether the user is in the group, for good or for a while.</summary>
    public async Task<bool> IsMember(GroupId group, UserId user, CancellationToken ct) =>
        await index.Find<GroupMemberState>(IdentityKinds.GroupMember, GroupMemberState.Key(group, user), ct) is not null
        || (await MembershipsForAWhile(user, ct)).Any(one => one.Group == group);

    /// <summary>The groups that a user is in, by name, also those that a login of not long ago put it into. A membership of a group that
    /// is gone counts for nothing: it may have been made while the group was being removed.</summary>
    public async Task<IReadOnlyList<GroupState>> GroupsOf(UserId user, CancellationToken ct)
    {
        var members = await Members(GroupMemberState.UserRef, user.Text, ct);
        var ids = members.Select(static member => member.GroupId)
            .Concat((await MembershipsForAWhile(user, ct)).Select(static one => one.Group)).Distinct().ToArray();
        return ids.Length == 0 ? [] : await ByIds<GroupState>(IdentityKinds.Group, ids.Select(static id => id.Text), ct);
    }

    /// <summary>When the next of the memberships ends that a user has for a while; null when it has none.</summary>
    public async Task<DateTimeOffset?> NextMembershipEnd(UserId user, CancellationToken ct)
    {
        var memberships = await MembershipsForAWhile(user, ct);
        return memberships.Count == 0 ? null : memberships.Min(static membership => membership.EndsAt);
    }

    /// <summary>The groups that logins of not long ago put a user into, and when each membership ends: when the provider's settings say so
    /// now.</summary>
    public async Task<IReadOnlyList<(GroupId Group, DateTimeOffset EndsAt)>> MembershipsForAWhile(UserId user, CancellationToken ct)
    {
        var login = await index.Find<Federation.FederatedGroupsState>(Federation.FederationKinds.Groups, user.Text, ct);
        var (now, found) = (time.GetUtcNow(), new List<(GroupId, DateTimeOffset)>());
        foreach (var word in (login?.Groups ?? []).GroupBy(static one => one.ProviderId))
        {
            var provider = word.Key is null ? null
                : await index.Find<Federation.IdentityProviderState>(Federation.FederationKinds.Provider, word.Key, ct);
            found.AddRange(word.Select(one => (one.GroupId, word.Key is null ? one.Until
                : provider is null ? DateTimeOffset.MinValue : one.VerifiedAt + provider.StayInGroups(federation.Value))));
        }

        return [.. found.Where(one => one.Item2 > now)];
    }

    /// <summary>The users in a group, by name.</summary>
    public async Task<IReadOnlyList<UserState>> UsersIn(GroupId group, CancellationToken ct)
    {
        var members = await Members(GroupMemberState.GroupRef, group.Text, ct);
        return await ByIds<UserState>(IdentityKinds.User, members.Select(static member => member.UserId.Text), ct);
    }

    /// <summary>All memberships of a group, or of a user.</summary>
    public Task<IReadOnlyList<GroupMemberState>> Members(string reference, string id, CancellationToken ct) =>
        index.List<GroupMemberState>(
            new ResourceQuery(IdentityKinds.GroupMember) { Descending = false }.WithRef(reference, id), ct);

    /// <summary>All that a user holds anywhere, itself or through its groups.</summary>
    public async Task<IReadOnlyList<RoleAssignmentState>> HeldBy(UserId user, CancellationToken ct)
    {
        var actors = (await GroupsOf(user, ct)).Select(static group => AssignmentKey.ActorText(AssignmentActor.Group, group.Id.Text))
            .Prepend(AssignmentKey.ActorText(AssignmentActor.User, user.Text));
        var held = new List<RoleAssignmentState>();
        foreach (var chunk in actors.Chunk(MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.Assignment) { Descending = false }.WithRef(RoleAssignmentState.ActorRef, chunk);
            held.AddRange(await index.List<RoleAssignmentState>(query, ct));
        }

        return held;
    }

    /// <summary>The records of those ids that are there, by name.</summary>
    public async Task<IReadOnlyList<T>> ByIds<T>(string kind, IEnumerable<string> ids, CancellationToken ct)
        where T : class
    {
        var found = new List<T>();
        foreach (var chunk in ids.Chunk(MostValues))
        {
            var query = new ResourceQuery(kind) { Ids = chunk, Sort = ResourceSort.Name, Descending = false };
            found.AddRange(await index.List<T>(query, ct));
        }

        return found;
    }
}
