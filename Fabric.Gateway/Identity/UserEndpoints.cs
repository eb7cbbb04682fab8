using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Federation;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/users</c></summary>
internal static class UserEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "user");
        call.Require(call.Route.Policy, IdentityTargets.New("user", body));
        var domain = await DomainEndpoints.OfNew(call, body.Text("domain_id"));
        await RequireNoDomain(call, body);
        var password = await HashOf(call, body);
        var user = UserBodies.ToNew(body, domain.Id, password, await FederatedLinks.Read(call, body));
        return IdentityReplies.Member("user", UserBodies.Written(await call.Grain<IUserGrain>(user.Id).Create(user), body, call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var domain = call.Caller.DomainId?.Text ?? call.Query("domain_id");
        var query = new ResourceQuery(IdentityKinds.User) { Sort = ResourceSort.Name, Descending = false };
        if (domain is not null)
            query = query.WithRef("domain", domain);
        var expiry = ExpiryFilter.Read(call);
        if (expiry is not null)
            query = query with { Where = user => expiry((UserState)user) };
        var users = FederatedLinks.Filter(call) is { } known
            ? await call.Get<FederationIndex>().Users(known, query, call.Aborted)
            : call.Query("name") is { } name
            ? await call.Get<IdentityIndex>().ByName<UserState>(
                query, name, domain, home => UserState.NameKey(home, name), static user => user.Id.Text, call.Aborted)
            : await call.Get<IResourceIndex>().List<UserState>(query, call.Aborted);
        users = await call.Get<UserActivity>().Seen(users, call.Aborted);
        return IdentityReplies.List(
            call, "users", users.Select(user => UserBodies.Of(user, call)).Filter(call, "name", "enabled", "domain_id"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member(
        "user", UserBodies.OfOne(await call.Get<UserActivity>().Seen(await Find(call), call.Aborted), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "user");
        var user = await Find(call);
        body.RequireId(user.Id.Text);
        if (body.IsNull("id"))
            throw Fault.BadRequest("ValidationError", "Cannot change user ID");
        DomainEndpoints.RequireSame(body, user.DomainId);
        await RequireNoDomain(call, body);
        var change = UserBodies.ToChange(body, await HashOf(call, body), await FederatedLinks.Read(call, body));
        var changed = await Changed(call, user.Id, change);
        if (change.Enabled == false)
            await call.Get<DelegationRemoval>().OfDisabledUser(user.Id, call.Aborted);
        return IdentityReplies.Member("user", UserBodies.Written(changed, body, call).WithExtraTwice(changed.Extra));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var user = await Find(call);
        await call.Get<IdentityRemoval>().RemoveUser(user.Id, call.Aborted);
        return Reply.Empty();
    }

    /// <summary>Needs no token: who knows the old password may set a new one, even when a token could not be had.</summary>
    internal static async Task<IResult> ChangePassword(Call call)
    {
        var body = IdentityBody.Of(call, "user");
        var (named, from) = (new NamedThing(call.Path("user_id"), null, null), UserProof.PlaceOf(call.Http));
        var user = await call.Get<UserProof>().ProvePassword(
            named, body.Text("original_password")!, mayBeExpired: true, call.Http);
        await call.Get<PasswordRequirements>().RequireChange(user, body.Text("password")!, call.Aborted, from);
        var next = await call.Get<PasswordHasher>().Hash(body.Text("password")!, call.Aborted, from);
        await call.Grain<IUserGrain>(user.Id).ChangePassword(user.Password!.Value, next);
        return Reply.Empty();
    }

    internal static async Task<IResult> Projects(Call call)
    {
        var user = await Find(call);
        var projects = await call.Get<IdentityIndex>().ProjectsOf(user.Id, call.Aborted);
        return IdentityReplies.Whole(call, "projects",
            projects.Select(project => ProjectBodies.Of(project, call)).Filter(call, "domain_id", "enabled", "name"));
    }

    /// <summary>The user of the path, whom the caller may ask about. Who may not is told so whether there is one or not.</summary>
    internal static async Task<UserState> Find(Call call)
    {
        var id = call.Path("user_id");
        var user = await call.Get<IdentityIndex>().FindUser(id, call.Aborted);
        call.Require(call.Route.Policy, IdentityTargets.User(id, user));
        return user ?? throw IdentityFaults.NotFound("user", id);
    }

    // A default project that is not there is taken as it is, as Keystone does; a user domain is not.
    private static async Task RequireNoDomain(Call call, IdentityBody body)
    {
        if (body.Text("default_project_id") is { } id && await call.Get<IdentityIndex>().FindDomain(id, call.Aborted) is not null)
            throw Fault.BadRequest("ValidationError", $"User's default project ID cannot be a domain ID: {id}");
    }

    private static async Task<PasswordHash?> HashOf(Call call, IdentityBody body)
    {
        if (!body.Has("password"))
            return null;
        var password = body.Text("password");
        call.Get<PasswordRequirements>().Require(password);
        return password is null ? null : await call.Get<PasswordHasher>().Hash(password, call.Aborted, UserProof.PlaceOf(call.Http));
    }

    // An administrator who enables a user forgives it its wrong passwords and its absence.
    private static async Task<UserState> Changed(Call call, UserId id, UserChange change)
    {
        var changed = await call.Grain<IUserGrain>(id).Update(change);
        if (changed.Enabled && call.Get<UserActivity>().IsWatching)
            await call.Grains.GetGrain<IUserLoginGrain>(id.Text).Forgive();
        return await call.Get<UserActivity>().Seen(changed, call.Aborted);
    }
}
