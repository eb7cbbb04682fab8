using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/groups</c>, and the groups of a user.</summary>
internal static class GroupEndpoints
{
    /// <summary>Less than the schema lets pass.</summary>
    private const int LongestName = 64;

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "group");
        call.Require(call.Route.Policy, IdentityTargets.New("group", body));
        var domain = await DomainEndpoints.OfNew(call, body.Text("domain_id"));
        IdentityFaults.RequireShort(body.Text("name"), "name", LongestName);
        var group = new NewGroup
        {
            Id = GroupId.New(),
            Name = body.Text("name")!.Trim(),
            DomainId = domain.Id,
            Description = body.DescriptionOfNew(),
            Extra = body.Extra(GroupBodies.Known),
        };
        return IdentityReplies.Member("group", GroupBodies.Of(await call.Grain<IGroupGrain>(group.Id).Create(group), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var query = new ResourceQuery(IdentityKinds.Group) { Sort = ResourceSort.Name, Descending = false };
        var domain = call.Caller.DomainId?.Text ?? call.Query("domain_id");
        if (domain is not null)
            query = query.WithRef("domain", domain);
        var groups = call.Query("name") is { } name
            ? await call.Get<IdentityIndex>().ByName<GroupState>(
                query, name, domain, home => GroupState.NameKey(home, name), static group => group.Id.Text, call.Aborted)
            : await call.Get<IResourceIndex>().List<GroupState>(query, call.Aborted);
        return IdentityReplies.List(
            call, "groups", groups.Select(group => GroupBodies.Of(group, call)).Filter(call, "domain_id", "name"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("group", GroupBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "group");
        var group = await Find(call);
        body.RequireId(group.Id.Text);
        DomainEndpoints.RequireSame(body, group.DomainId);
        IdentityFaults.RequireShort(body.Text("name"), "name", LongestName);
        var changed = await call.Grain<IGroupGrain>(group.Id).Update(new()
        {
            Name = body.Text("name")?.Trim(),
            Description = body.Text("description"),
            ClearDescription = body.IsNull("description"),
            Extra = body.Extra(GroupBodies.Known),
        });
        return IdentityReplies.Member("group", GroupBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveGroup((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    internal static async Task<IResult> Users(Call call)
    {
        var group = await Find(call);
        var expiry = ExpiryFilter.Read(call);
        IEnumerable<UserState> users = await call.Get<UserActivity>().Seen(
            await call.Get<IdentityIndex>().UsersIn(group.Id, call.Aborted), call.Aborted);
        if (call.Caller.DomainId is { } domain)
            users = users.Where(user => user.DomainId == domain);
        if (expiry is not null)
            users = users.Where(expiry);
        return IdentityReplies.List(
            call, "users", users.Select(user => UserBodies.Of(user, call)).Filter(call, "domain_id", "enabled", "name"));
    }

    internal static async Task<IResult> CheckUser(Call call)
    {
        var (group, user) = await Pair(call);
        return await call.Get<IdentityIndex>().IsMember(group.Id, user.Id, call.Aborted)
            ? Reply.Empty()
            : throw IdentityFaults.NoMember(user.Id, group.Id);
    }

    internal static async Task<IResult> AddUser(Call call)
    {
        var (group, user) = await Pair(call);
        await Membership(call, group.Id, user.Id).Join(group.Id, user.Id);
        return Reply.Empty();
    }

    internal static async Task<IResult> RemoveUser(Call call)
    {
        var (group, user) = await Pair(call);
        return await Membership(call, group.Id, user.Id).Leave() ? Reply.Empty() : throw IdentityFaults.NoMember(user.Id, group.Id);
    }

    /// <summary><c>/users/{id}/groups</c></summary>
    internal static async Task<IResult> OfUser(Call call)
    {
        var user = await UserEndpoints.Find(call);
        var index = call.Get<IdentityIndex>();
        var forGood = (await index.Members(GroupMemberState.UserRef, user.Id.Text, call.Aborted)).Select(static member => member.GroupId);
        var forAWhile = await index.MembershipsForAWhile(user.Id, call.Aborted);
        var groups = (await index.GroupsOf(user.Id, call.Aborted)).Where(group => call.Caller.DomainId is not { } domain
            || group.DomainId == domain).ToArray();
        // Whoever is in a group both ways sees it twice, as in Keystone.
        var bodies = groups.Where(group => forGood.Contains(group.Id)).Select(group => GroupBodies.OfMember(group, null, call)).Concat(
            forAWhile.Join(groups, static one => one.Group, static group => group.Id,
                (one, group) => GroupBodies.OfMember(group, one.EndsAt, call)));
        return IdentityReplies.List(call, "groups", bodies.Filter(call, "name"));
    }

    /// <summary>The group of the path, which the caller may ask about.</summary>
    internal static async Task<GroupState> Find(Call call)
    {
        var id = call.Path("group_id");
        var group = await call.Get<IdentityIndex>().FindGroup(id, call.Aborted);
        call.Require(call.Route.Policy, IdentityTargets.Group(group));
        return group ?? throw IdentityFaults.NotFound("group", id);
    }

    // The rule is about both together.
    private static async Task<(GroupState Group, UserState User)> Pair(Call call)
    {
        var (index, groupId, userId) = (call.Get<IdentityIndex>(), call.Path("group_id"), call.Path("user_id"));
        var group = await index.FindGroup(groupId, call.Aborted);
        var user = await index.FindUser(userId, call.Aborted);
        call.Require(call.Route.Policy, IdentityTargets.Member(group, user));
        return (group ?? throw IdentityFaults.NotFound("group", groupId), user ?? throw IdentityFaults.NotFound("user", userId));
    }

    private static IGroupMemberGrain Membership(Call call, GroupId group, UserId user) =>
        call.Grains.GetGrain<IGroupMemberGrain>(GroupMemberState.Key(group, user));
}
