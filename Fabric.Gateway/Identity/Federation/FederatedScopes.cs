using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What a federated token may do and where it could go: besides what its user holds, what the groups hold that its login put the
/// user into (source: <c>_get_federated_roles</c> in <c>keystone/models/token_model.py</c>).</summary>
internal static class FederatedScopes
{
    /// <summary>Most values that one question to the index names.</summary>
    private const int MostValues = 500;

    /// <summary>Whether the identity provider is there: no token outlives it.</summary>
    internal static async Task<bool> HasProvider(this IdentityIndex index, string id, CancellationToken ct) =>
        await index.Records.Find<IdentityProviderState>(FederationKinds.Provider, id, ct) is not null;

    /// <summary>The roles of a token on a project, implied ones included.</summary>
    internal static async Task<IReadOnlyList<RoleState>> RolesOnProject(
        this IdentityIndex index, ResolvedToken token, ProjectState project, CancellationToken ct)
    {
        var own = await index.RolesOnProject(token.User.Id, project, ct);
        var held = await HeldBy(index, token.Payload, ct);
        if (held.Count == 0)
            return own;
        IReadOnlyList<ProjectState> above = project.ParentId is null ? [] : await index.Ancestors(project, ct);
        return await Join(index, own, held.Where(assignment => ProjectTree.Reaches(assignment.Key, project, above)), ct);
    }

    /// <summary>The roles of a token on a user domain, implied ones included.</summary>
    internal static async Task<IReadOnlyList<RoleState>> RolesOnDomain(
        this IdentityIndex index, ResolvedToken token, UserDomainState domain, CancellationToken ct)
    {
        var own = await index.RolesOn(token.User.Id, AssignmentTarget.Domain, domain.Id.Text, ct);
        var held = await HeldBy(index, token.Payload, ct);
        return held.Count == 0 ? own : await Join(index, own, held.Where(assignment =>
            assignment.Key is { Target: AssignmentTarget.Domain, Inherited: false } key && key.TargetId == domain.Id.Text), ct);
    }

    /// <summary>What the groups of the caller's token hold.</summary>
    internal static async Task<IReadOnlyList<RoleAssignmentState>> Held(Call call)
    {
        var known = await call.Get<TokenValidator>().Find(call.Http.Request.Headers["X-Auth-Token"].ToString(), call.Aborted);
        return known is null ? [] : await HeldBy(call.Get<IdentityIndex>(), known.Token.Payload, call.Aborted);
    }

    /// <summary>The projects to which the groups of the caller's token lead.</summary>
    internal static async Task<IReadOnlyList<ProjectState>> Projects(Call call)
    {
        var found = new List<ProjectState>();
        foreach (var assignment in await Held(call))
            found.AddRange(await call.Get<IdentityIndex>().Reached(assignment.Key, call.Aborted));
        return found;
    }

    private static async Task<IReadOnlyList<RoleAssignmentState>> HeldBy(IdentityIndex index, TokenPayload payload, CancellationToken ct)
    {
        var held = new List<RoleAssignmentState>();
        foreach (var chunk in payload.GroupIds.Select(static id => AssignmentKey.ActorText(AssignmentActor.Group, id)).Chunk(MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.Assignment) { Descending = false }.WithRef(RoleAssignmentState.ActorRef, chunk);
            held.AddRange(await index.Records.List<RoleAssignmentState>(query, ct));
        }

        return held;
    }

    private static async Task<IReadOnlyList<RoleState>> Join(
        IdentityIndex index, IReadOnlyList<RoleState> own, IEnumerable<RoleAssignmentState> held, CancellationToken ct)
    {
        var given = (await index.Roles(ct)).Expand(held.SelectMany(static assignment => assignment.Roles));
        return [.. own.UnionBy(given, static role => role.Id)];
    }
}

/// <summary>Whether a federated token may be exchanged for one with another scope (source: <c>handle_scoped_token</c> in
/// <c>keystone/auth/plugins/mapped.py</c>).</summary>
internal sealed class FederatedRescope(FederationIndex federation, IdentityIndex index)
{
    /// <summary>Throws when it may not; nothing for a token that is not federated.</summary>
    internal async Task Require(TokenPayload payload, CancellationToken ct)
    {
        if (payload.IdentityProviderId is not { } id)
            return;
        var provider = await federation.FindProvider(id, ct) ?? throw FederationFaults.NoProvider(id);
        if (!provider.Enabled)
            throw FederationFaults.Forbidden();
        var protocol = provider.Protocol(payload.ProtocolId!) ?? throw FederationFaults.NoProtocol(id, payload.ProtocolId!);
        if (await federation.FindMapping(protocol.MappingId, ct) is null)
            throw IdentityFaults.NotFound("mapping", protocol.MappingId);
        foreach (var group in payload.GroupIds)
        {
            if (await index.FindGroup(group, ct) is null)
                throw IdentityFaults.Unauthorized();
        }
    }
}
