using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Delegation;

/// <summary>Judges a trust that somebody wants to make, out of own rights or out of another trust (source: <c>post</c> in
/// <c>keystone/api/trusts.py</c>, <c>create_trust</c> in <c>keystone/trust/core.py</c>).</summary>
internal static class TrustMaking
{
    private static readonly string[] Known = ["trustor_user_id", "trustee_user_id", "project_id", "impersonation", "roles", "expires_at",
        "remaining_uses", "redelegation_count", "allow_redelegation", "redelegated_trust_id", "deleted_at", "roles_links"];

    /// <summary>The trust, if it may be made.</summary>
    internal static async Task<TrustState> Make(Call call)
    {
        var body = IdentityBody.Of(call, "trust");
        var asked = call.Body.GetProperty("trust");
        var trustor = new UserId(body.Text("trustor_user_id")!);
        var token = await TrustEndpoints.RequireOwnRights(call);
        var project = body.Text("project_id") is { Length: > 0 } id ? new ProjectId(id) : (ProjectId?)null;
        var listed = asked.TryGetProperty("roles", out var list) ? list : default;
        if (project is not null && (listed.ValueKind != JsonValueKind.Array || listed.GetArrayLength() == 0))
            throw IdentityFaults.ForbiddenAction("At least one role should be specified");
        if (call.Caller.UserId != trustor)
            throw IdentityFaults.ForbiddenAction("The authenticated user should match the trustor");
        var index = call.Get<IdentityIndex>();
        var trustee = body.Text("trustee_user_id")!;
        if (await index.FindUser(trustee, call.Aborted) is null)
            throw IdentityFaults.NotFound("user", trustee);
        if (body.Text("redelegated_trust_id") is { Length: > 0 } said && await index.FindTrust(said, call.Aborted) is null)
            throw IdentityFaults.NotFound("trust", said);
        var parent = token.Trust;
        var above = parent is null ? [] : await index.Pedigree(parent, call.Aborted) ?? throw IdentityFaults.Forbidden();
        var owner = (above.LastOrDefault() ?? parent)?.TrustorId ?? trustor;
        var roles = listed.ValueKind == JsonValueKind.Array ? await Roles(call, token, owner, project, listed) : [];
        var trustId = ResourceIdText.NewHex();
        if (roles.Distinct().Count() < roles.Count)
            throw TrustState.Taken(trustId);
        var trust = WithDepth(new()
        {
            Id = trustId,
            TrustorId = trustor,
            TrusteeId = new(trustee),
            ProjectId = project,
            Impersonation = body.Bool("impersonation") ?? false,
            Roles = roles,
            ExpiresAt = Lending.EndOf(body.Text("expires_at"), call),
            RemainingUses = Number(asked, "remaining_uses"),
            RedelegatedTrustId = parent?.Id,
            Extra = body.Extra(Known),
        }, parent, body.Bool("allow_redelegation") ?? false, Number(asked, "redelegation_count"));
        return parent is null ? trust : WithinChain(trust, [parent, .. above]);
    }

    // The trustor must have what it lends, now; an application credential lends no more than it has itself.
    private static async Task<IReadOnlyList<RoleId>> Roles(
        Call call, ResolvedToken token, UserId owner, ProjectId? project, JsonElement list)
    {
        var index = call.Get<IdentityIndex>();
        var roles = Lending.RolesOf(list, await index.Roles(call.Aborted));
        IReadOnlyList<RoleState> held = [];
        if (project is { } id)
        {
            var there = await index.FindProject(id.Text, call.Aborted) ?? throw IdentityFaults.NotFound("project", id.Text);
            held = token.AppCredential is null ? await index.HeldOnProject(owner, there, call.Aborted)
                : token.Project?.Id == id ? token.Roles : [];
        }

        foreach (var role in roles)
        {
            if (held.All(mine => mine.Id != role))
                throw IdentityFaults.NotFound("role", role.Text);
        }

        return roles;
    }

    private static TrustState WithDepth(TrustState trust, TrustState? parent, bool allowed, int? depth)
    {
        var redelegatable = allowed && depth != 0;
        if (redelegatable && depth > TrustState.MostRedelegations)
            throw IdentityFaults.Forbidden();
        if (redelegatable && trust.RemainingUses is not null)
            throw Fault.BadRequest("ValidationError", "remaining_uses must not be set if redelegation is allowed");
        if (!redelegatable)
            return trust with { RedelegationCount = 0 };
        if (parent is null)
            return trust with { RedelegationCount = depth ?? TrustState.MostRedelegations };
        var left = parent.RedelegationCount - 1;
        return depth is null || depth == left ? trust with { RedelegationCount = left } : throw IdentityFaults.Forbidden();
    }

    // A trust made from a trust is never wider than any above it: in depth, time, roles, place and name.
    private static TrustState WithinChain(TrustState trust, IReadOnlyList<TrustState> above)
    {
        foreach (var parent in above)
        {
            if (parent.RedelegationCount is <= 0 or > TrustState.MostRedelegations || trust.RemainingUses is not null
                || trust.ProjectId != parent.ProjectId || (trust.Impersonation && !parent.Impersonation)
                || !trust.Roles.All(parent.Roles.Contains) || (trust.ExpiresAt is { } end && parent.ExpiresAt < end))
                throw IdentityFaults.Forbidden();
            trust = trust with { ExpiresAt = trust.ExpiresAt ?? parent.ExpiresAt };
        }

        return trust;
    }

    private static int? Number(JsonElement trust, string name) =>
        trust.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : null;
}
