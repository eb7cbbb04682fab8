using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.OAuth;

/// <summary><c>/users/{user_id}/OS-OAUTH1/access_tokens</c>: what a user has granted.</summary>
internal static class AccessTokenEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        await RequireNotLent(call);
        var found = await call.Get<IdentityIndex>().AccessTokensOf(call.Path("user_id"), call.Aborted);
        return IdentityReplies.List(call, "access_tokens", found.Select(token => Body(token, call)));
    }

    internal static async Task<IResult> Show(Call call)
    {
        await RequireNotLent(call);
        return IdentityReplies.Member("access_token", Body(await Find(call), call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await RequireNotLent(call);
        await call.Get<DelegationRemoval>().EndAccessToken((await Find(call)).Id);
        return Reply.Empty();
    }

    internal static async Task<IResult> Roles(Call call)
    {
        var roles = await RolesOf(call);
        return IdentityReplies.List(call, "roles", roles.Select(role => Role(role, call)));
    }

    internal static async Task<IResult> Role(Call call)
    {
        var id = call.Path("role_id");
        var role = (await RolesOf(call)).FirstOrDefault(role => role.Id.Text == id) ?? throw IdentityFaults.NotFound("role", id);
        return IdentityReplies.Member("role", Role(role, call));
    }

    private static async Task RequireNotLent(Call call)
    {
        if ((await TokenEndpoints.OfCaller(call)).Payload.IsDelegated)
            throw IdentityFaults.Forbidden();
    }

    private static async Task<IEnumerable<RoleState>> RolesOf(Call call)
    {
        var token = await Find(call);
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        return token.Roles.Select(roles.Find).OfType<RoleState>();
    }

    private static async Task<AccessTokenState> Find(Call call)
    {
        var token = await call.Get<IdentityIndex>().FindAccessToken(call.Path("access_token_id"), call.Aborted);
        return token is not null && token.AuthorizerId.Text == call.Path("user_id") ? token
            : throw Fault.NotFound("Access token not found");
    }

    private static Dictionary<string, object?> Role(RoleState role, Call call)
    {
        var body = RoleBodies.Of(role, call);
        body.Remove("description");
        return body;
    }

    private static Dictionary<string, object?> Body(AccessTokenState token, Call call)
    {
        var self = $"{call.BaseUrl}/users/{token.AuthorizerId.Text}/OS-OAUTH1/access_tokens/{token.Id}";
        return new()
        {
            ["id"] = token.Id,
            ["consumer_id"] = token.ConsumerId,
            ["authorizing_user_id"] = token.AuthorizerId.Text,
            ["project_id"] = token.ProjectId.Text,
            ["expires_at"] = token.ExpiresAt is { } end ? Wire.Micros(end) : null,
            ["links"] = new { self, roles = self + "/roles" },
        };
    }
}
