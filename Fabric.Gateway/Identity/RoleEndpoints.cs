using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/roles</c></summary>
internal static class RoleEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "role");
        if (body.Text("domain_id") is not null)
            call.Require(IdentityPolicies.CreateDomainRole, IdentityTargets.New("role", body));
        var domain = body.Text("domain_id") is { } id ? await DomainEndpoints.OfNew(call, id) : null;
        var role = new NewRole
        {
            Id = RoleId.New(),
            Name = body.Text("name")!.Trim(),
            DomainId = domain?.Id,
            Description = body.Text("description"),
            Extra = body.Extra(RoleBodies.Known),
            Options = body.Options(),
        };
        return IdentityReplies.Member("role", RoleBodies.Of(await call.Grain<IRoleGrain>(role.Id).Create(role), call), 201);
    }

    /// <summary>Without a user domain asked for, the roles of the whole cloud alone.</summary>
    internal static async Task<IResult> List(Call call)
    {
        var domain = call.Query("domain_id");
        if (domain is not null)
            call.Require(IdentityPolicies.ListDomainRoles);
        var roles = (await call.Get<IdentityIndex>().Roles(call.Aborted)).All.Where(role => role.DomainId?.Text == domain);
        return IdentityReplies.List(call, "roles", roles.OrderBy(static role => role.Name, StringComparer.Ordinal)
            .Select(role => RoleBodies.Of(role, call)).Filter(call, "name"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member(
        "role", RoleBodies.Of(await Find(call, IdentityPolicies.GetDomainRole), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "role");
        var role = await Find(call, IdentityPolicies.UpdateDomainRole);
        body.RequireId(role.Id.Text);
        if (body.Has("domain_id") && body.Text("domain_id") != role.DomainId?.Text)
            throw Fault.BadRequest("ValidationError", "Update of `domain_id` is not allowed.");
        var changed = await call.Grain<IRoleGrain>(role.Id).Update(new()
        {
            Name = body.Text("name")?.Trim(),
            Description = body.Text("description"),
            Extra = body.Extra(RoleBodies.Known),
            Options = body.Options(),
            OptionsAlone = body.OptionsAlone(),
        });
        return IdentityReplies.Member("role", RoleBodies.Of(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemoveRole((await Find(call, IdentityPolicies.DeleteDomainRole)).Id, call.Aborted);
        return Reply.Empty();
    }

    // A user domain's own role has a rule of its own.
    private static async Task<RoleState> Find(Call call, PolicyRule ofDomain)
    {
        var role = await Find(call, "role_id");
        if (role.DomainId is not null)
            call.Require(ofDomain, IdentityTargets.Grant(null, null, null, role));
        return role;
    }

    /// <summary>The role that the path names.</summary>
    internal static async Task<RoleState> Find(Call call, string name)
    {
        var id = call.Path(name);
        return (await call.Get<IdentityIndex>().Roles(call.Aborted)).Find(new(id)) ?? throw IdentityFaults.NotFound("role", id);
    }
}
