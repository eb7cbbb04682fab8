using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary><c>/OS-TRUST/trusts</c> (source: <c>keystone/api/trusts.py</c>).</summary>
internal static class TrustEndpoints
{
    internal static async Task<IResult> Create(Call call)
    {
        var trust = await TrustMaking.Make(call);
        return IdentityReplies.Member("trust", await WithRoles(await call.Grains.GetGrain<ITrustGrain>(trust.Id).Create(trust), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var (trustor, trustee) = (call.Query("trustor_user_id"), call.Query("trustee_user_id"));
        if (trustor is { Length: > 0 })
            call.Require(IdentityPolicies.ListTrustsForTrustor, DelegationTargets.Trust(new(trustor), null));
        else if (trustee is { Length: > 0 })
            call.Require(IdentityPolicies.ListTrustsForTrustee, DelegationTargets.Trust(null, new(trustee)));
        else
            call.Require(IdentityPolicies.ListTrusts, default(PolicyTarget));
        await RequireOwnRights(call);
        if (call.Http.Request.Query.Count == 0 && call.IsOpenToAll(IdentityPolicies.ListTrusts)
            && !call.Allows(IdentityPolicies.AdminRequired, default))
            throw IdentityFaults.ForbiddenAction("admin_required");
        (string, string)? tie = trustor is { Length: > 0 } ? (TrustState.TrustorRef, trustor)
            : trustee is { Length: > 0 } ? (TrustState.TrusteeRef, trustee) : null;
        // A question about something else finds nothing, as in Keystone.
        IReadOnlyList<TrustState> found = tie is null && call.Http.Request.Query.Count > 0
            ? []
            : await call.Get<IdentityIndex>().Trusts(tie, call.Aborted);
        return IdentityReplies.List(call, "trusts", found.Select(trust => Body(trust, call)));
    }

    internal static async Task<IResult> Show(Call call)
    {
        var trust = await FindOwn(call);
        return IdentityReplies.Member("trust", await WithRoles(trust, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var id = call.Path("trust_id");
        var trust = await Existing(call, id);
        call.Require(call.Route.Policy, DelegationTargets.Trust(trust.TrustorId, trust.TrusteeId));
        await RequireOwnRights(call);
        if (call.IsOpenToAll(call.Route.Policy) && call.Caller.UserId != trust.TrustorId)
            throw IdentityFaults.ForbiddenAction("Only admin or trustor can delete a trust");
        await call.Get<DelegationRemoval>().EndTrust(id, call.Aborted);
        return Reply.Empty();
    }

    internal static async Task<IResult> Roles(Call call)
    {
        var trust = await FindOwn(call);
        var body = await WithRoles(trust, call);
        return Reply.Json(new { roles = body["roles"], links = body["roles_links"] });
    }

    internal static async Task<IResult> Role(Call call)
    {
        var trust = await FindOwn(call);
        var id = new RoleId(call.Path("role_id"));
        return trust.Roles.Contains(id) && (await call.Get<IdentityIndex>().Roles(call.Aborted)).Find(id) is { } role
            ? IdentityReplies.Member("role", RoleBodies.Of(role, call))
            : throw IdentityFaults.NotFound("role", id.Text);
    }

    /// <summary>Rights lent otherwise than by a trust do not reach trusts, unless the operator says that an application credential's do.
    /// Says what token the caller came with.</summary>
    internal static async Task<ResolvedToken> RequireOwnRights(Call call)
    {
        var token = await TokenEndpoints.OfCaller(call);
        var isAllowed = token.AppCredential is not null
            && call.Get<IOptions<IdentityOptions>>().Value.AllowInsecureApplicationCredentialTrustEscalation;
        return isAllowed || !token.Payload.Methods.AreDelegated() ? token
            : throw IdentityFaults.ForbiddenAction("Delegated tokens cannot manage trusts.");
    }

    /// <summary>A trust that can be used; not found otherwise. A chain of trusts whose agents are gone is forbidden.</summary>
    internal static async Task<TrustState> Existing(Call call, string id)
    {
        var index = call.Get<IdentityIndex>();
        var trust = await index.FindTrust(id, call.Aborted);
        if (trust is null || !trust.CanBeUsed(call.Get<TimeProvider>().GetUtcNow()))
            throw IdentityFaults.NotFound("trust", id);
        foreach (var above in await index.Pedigree(trust, call.Aborted) ?? throw IdentityFaults.NotFound("trust", id))
        {
            if (await index.FindUser(above.TrusteeId.Text, call.Aborted) is not { Enabled: true })
                throw IdentityFaults.Forbidden();
        }

        return trust;
    }

    // A rule that lets everybody in lets in only whom the trust is about: it was Keystone's own text once, and policies of old still
    // have it.
    private static async Task<TrustState> FindOwn(Call call)
    {
        var trust = await Existing(call, call.Path("trust_id"));
        call.Require(call.Route.Policy, DelegationTargets.Trust(trust.TrustorId, trust.TrusteeId));
        await RequireOwnRights(call);
        if (call.IsOpenToAll(call.Route.Policy) && call.Caller.UserId != trust.TrustorId && call.Caller.UserId != trust.TrusteeId)
            throw IdentityFaults.ForbiddenAction("Requested user has no relation to this trust");
        return trust;
    }

    private static async Task<Dictionary<string, object?>> WithRoles(TrustState trust, Call call)
    {
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var body = Body(trust, call);
        body["roles"] = trust.Roles.Select(roles.Find).OfType<RoleState>().Select(role => RoleBodies.Of(role, call)).ToArray();
        body["roles_links"] = new
        {
            self = $"{call.BaseUrl}/{trust.Id}/roles", next = (string?)null, previous = (string?)null,
        };
        return body;
    }

    private static Dictionary<string, object?> Body(TrustState trust, Call call) => new Dictionary<string, object?>
    {
        ["id"] = trust.Id,
        ["trustor_user_id"] = trust.TrustorId.Text,
        ["trustee_user_id"] = trust.TrusteeId.Text,
        ["project_id"] = trust.ProjectId?.Text,
        ["impersonation"] = trust.Impersonation,
        ["expires_at"] = trust.ExpiresAt is { } end ? Wire.Micros(end) : null,
        ["remaining_uses"] = trust.RemainingUses,
        ["deleted_at"] = null,
        ["redelegated_trust_id"] = trust.RedelegatedTrustId,
        ["redelegation_count"] = trust.RedelegationCount,
        ["links"] = IdentityReplies.SelfLink(call, "OS-TRUST/trusts", trust.Id),
    }.WithExtra(trust.Extra);
}
