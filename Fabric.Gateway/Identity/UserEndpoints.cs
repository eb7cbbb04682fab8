using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/users</c></summary>
internal static class UserEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "user");
        call.Require(call.Route.Policy, IdentityTargets.New("user", body));
        var domain = await DomainEndpoints.OfNew(call, body.Text("domain_id"));
        var password = await HashOf(call, body);
        var user = UserBodies.ToNew(body, domain.Id, password);
        return IdentityReplies.Member("user", UserBodies.Of(await call.Grain<IUserGrain>(user.Id).Create(user), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var domain = call.Caller.DomainId?.Text ?? call.Query("domain_id");
        var query = new ResourceQuery(IdentityKinds.User)
        {
            Names = call.Query("name") is { } name ? [name] : null,
            Sort = ResourceSort.Name,
            Descending = false,
        };
        if (domain is not null)
            query = query.WithRef("domain", domain);
        var users = await call.Get<IResourceIndex>().List<UserState>(query, call.Aborted);
        return IdentityReplies.List(
            call, "users", users.Select(user => UserBodies.Of(user, call)).Filter(call, "name", "enabled", "domain_id"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("user", UserBodies.Of(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "user");
        var user = await Find(call);
        body.RequireId(user.Id.Text);
        DomainEndpoints.RequireSame(body, user.DomainId);
        var change = UserBodies.ToChange(body, await HashOf(call, body));
        var changed = await call.Grain<IUserGrain>(user.Id).Update(change);
        if (change.Enabled == false)
            await call.Get<DelegationRemoval>().OfDisabledUser(user.Id, call.Aborted);
        return IdentityReplies.Member("user", UserBodies.Of(changed, call));
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
        var named = new NamedThing(call.Path("user_id"), null, null);
        var user = await call.Get<UserProof>().ProvePassword(named, body.Text("original_password")!, call.Aborted);
        var next = await call.Get<PasswordHasher>().Hash(body.Text("password")!, call.Aborted);
        await call.Grain<IUserGrain>(user.Id).ChangePassword(user.Password!.Value, next);
        return Reply.Empty();
    }

    internal static async Task<IResult> Projects(Call call)
    {
        var user = await Find(call);
        var projects = await call.Get<IdentityIndex>().ProjectsOf(user.Id, call.Aborted);
        return IdentityReplies.List(call, "projects",
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

    private static async Task<PasswordHash?> HashOf(Call call, IdentityBody body) =>
        body.Text("password") is { } password ? await call.Get<PasswordHasher>().Hash(password, call.Aborted) : null;
}
