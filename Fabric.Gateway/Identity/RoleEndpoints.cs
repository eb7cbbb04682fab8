using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/roles</c></summary>
internal static class RoleEndpoints
{
    private const int LongestText = 255;
    private const int LongestId = 64;

    /// <summary>A user domain's own roles have rules of their own, here by what the query asks for.</summary>
    internal static ValueTask<PolicyRule> RuleOfList(Call call) =>
        new(call.Query("domain_id") is null ? IdentityPolicies.ListRoles : IdentityPolicies.ListDomainRoles);

    /// <summary>The same by what the body says.</summary>
    internal static ValueTask<PolicyRule> RuleOfNew(Call call) => new(call.Body.ValueKind == JsonValueKind.Object
        && call.Body.TryGetProperty("role", out var role) && role.ValueKind == JsonValueKind.Object
        && role.TryGetProperty("domain_id", out var domain) && domain.ValueKind == JsonValueKind.String
        && domain.GetString() is { Length: > 0 }
            ? IdentityPolicies.CreateDomainRole
            : IdentityPolicies.CreateRole);

    /// <summary>The same by the role that the path names: whoever may change none of its kind hears so before the body is looked
    /// at.</summary>
    internal static async ValueTask<PolicyRule> RuleOfChange(Call call) =>
        (await call.Get<IdentityIndex>().Roles(call.Aborted)).Find(new(call.Path("role_id")))?.DomainId is null
            ? IdentityPolicies.UpdateRole
            : IdentityPolicies.UpdateDomainRole;

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.OfNew(call, "role");
        // Keystone looks at neither the form of a domain's id here nor whether there is such a domain; ours must be one that can be.
        if (body.Text("domain_id") is { Length: > 0 })
            call.Require(IdentityPolicies.CreateDomainRole, IdentityTargets.New("role", body));
        RequireDomainText(body);
        IdentityFaults.RequireShort(body.Text("description"), "description", LongestText);
        var role = new NewRole
        {
            Id = RoleId.New(),
            Name = body.Text("name")!,
            DomainId = body.Text("domain_id") is { } domain ? new UserDomainId(domain) : null,
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
        if (body.Has("domain_id") && (body.Text("domain_id") != role.DomainId?.Text
            || (body.Text("domain_id") is null && !body.IsNull("domain_id"))))
            throw Fault.BadRequest("ValidationError", "Update of `domain_id` is not allowed.");
        IdentityFaults.RequireShort(body.Text("description"), "description", LongestText);
        var changed = await call.Grain<IRoleGrain>(role.Id).Update(new()
        {
            Name = body.Text("name"),
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

    private static void RequireDomainText(IdentityBody body)
    {
        IdentityFaults.RequireShort(body.Text("domain_id"), "domain_id", LongestId);
        if (body.Has("domain_id") && !body.IsNull("domain_id") && body.Text("domain_id") is not { Length: > 0 })
            throw Fault.BadRequest("ValidationError", "The domain_id of a role is a text with something in it, or null.");
    }

    // A user domain's own role has a rule of its own. One that is not there has none: that was told before.
    private static async Task<RoleState> Find(Call call, PolicyRule ofDomain)
    {
        var role = (await call.Get<IdentityIndex>().Roles(call.Aborted)).Find(new(call.Path("role_id")));
        if (role?.DomainId is null)
            call.Require(call.Route.Policy);
        else
            call.Require(ofDomain, IdentityTargets.Grant(null, null, null, role));
        return role ?? throw IdentityFaults.NotFound("role", call.Path("role_id"));
    }

    /// <summary>The role that the path names.</summary>
    internal static async Task<RoleState> Find(Call call, string name)
    {
        var id = call.Path(name);
        return (await call.Get<IdentityIndex>().Roles(call.Aborted)).Find(new(id)) ?? throw IdentityFaults.NotFound("role", id);
    }
}
