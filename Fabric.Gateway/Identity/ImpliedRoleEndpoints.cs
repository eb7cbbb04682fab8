using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary><c>/roles/{id}/implies</c> and <c>/role_inferences</c></summary>
internal static class ImpliedRoleEndpoints
{
    /// <summary>Keystone looks for the roles before it asks a rule.</summary>
    internal static async ValueTask Required(Call call)
    {
        await RoleEndpoints.Find(call, "prior_role_id");
        if (call.Route.Path.EndsWith("{implied_role_id}", StringComparison.Ordinal))
            await RoleEndpoints.Find(call, "implied_role_id");
    }

    internal static async Task<IResult> List(Call call)
    {
        var prior = await RoleEndpoints.Find(call, "prior_role_id");
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        return Reply.Json(new
        {
            role_inference = Inference(prior, roles, call),
            links = new { self = $"{call.BaseUrl}/roles/{prior.Id}/implies" },
        });
    }

    internal static async Task<IResult> Show(Call call)
    {
        var (prior, implied) = await Implication(call);
        return One(prior, implied, call, 200);
    }

    /// <summary>HTTP has it that HEAD answers as GET would; Keystone has another status for it, and a rule.</summary>
    internal static async Task<IResult> Check(Call call)
    {
        await Implication(call);
        return Reply.Empty();
    }

    internal static async Task<IResult> Create(Call call)
    {
        var (prior, implied) = await Pair(call);
        // Nothing may imply admin: a rule of Keystone's (prohibited_implied_role), for it would make admins by accident.
        if (implied.Name.Equals("admin", StringComparison.OrdinalIgnoreCase))
            throw NotImpliable(implied);
        if (prior.DomainId is null && implied.DomainId is not null)
            throw NotImpliable(implied);
        await call.Grain<IRoleGrain>(prior.Id).Imply(implied.Id);
        return One(prior, implied, call, 201);
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var (prior, implied) = await Pair(call);
        await call.Grain<IRoleGrain>(prior.Id).StopImplying(implied.Id);
        return Reply.Empty();
    }

    internal static async Task<IResult> ListAll(Call call)
    {
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        return Reply.Json(new
        {
            role_inferences = roles.All.Where(static role => role.Implies.Count > 0).Select(
                prior => Inference(prior, roles, call)).ToArray(),
        });
    }

    private static async Task<(RoleState Prior, RoleState Implied)> Implication(Call call)
    {
        var (prior, implied) = await Pair(call);
        return prior.Implies.Contains(implied.Id)
            ? (prior, implied)
            : throw Fault.NotFound("ImpliedRoleNotFound", $"{prior.Id} does not imply {implied.Id}.");
    }

    private static async Task<(RoleState Prior, RoleState Implied)> Pair(Call call) =>
        (await RoleEndpoints.Find(call, "prior_role_id"), await RoleEndpoints.Find(call, "implied_role_id"));

    private static Fault NotImpliable(RoleState implied) =>
        new(FaultKind.Forbidden, "InvalidImpliedRole", $"{implied.Id} cannot be an implied roles.");

    private static object Inference(RoleState prior, RoleSet roles, Call call) => new
    {
        prior_role = RoleBodies.Short(prior, call),
        implies = prior.Implies.Select(roles.Find).OfType<RoleState>().Select(implied => RoleBodies.Short(implied, call)).ToArray(),
    };

    private static IResult One(RoleState prior, RoleState implied, Call call, int status) => Reply.Json(new
    {
        role_inference = new { prior_role = RoleBodies.Short(prior, call), implies = RoleBodies.Short(implied, call) },
        links = new { self = $"{call.BaseUrl}/roles/{prior.Id}/implies/{implied.Id}" },
    }, status);
}
