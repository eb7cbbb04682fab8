using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Says what a token stands for now, by the records as they are now. So whatever ends a token (a user disabled, a role taken
/// away) needs no list of tokens to walk through.</summary>
internal sealed class TokenResolver(IdentityIndex index, TimeProvider time)
{
    /// <summary>What the token stands for; null when it stands for nothing any more.</summary>
    internal async Task<ResolvedToken?> Resolve(TokenPayload payload, CancellationToken ct)
    {
        if (payload.ExpiresAt <= time.GetUtcNow())
            return null;
        var user = await index.FindUser(payload.UserId, ct);
        if (user is not { Enabled: true } || payload.IssuedAt < user.TokensNotBefore)
            return null;
        if (await LiveDomain(user.DomainId, payload, ct) is not { } domain)
            return null;
        foreach (var id in payload.AuditIds.Take(1))
        {
            if (await index.IsRevoked(id, ct))
                return null;
        }

        var token = new ResolvedToken { Payload = payload, User = user, UserDomain = domain };
        return payload.Scope switch
        {
            TokenScope.Project => await OnProject(token, ct),
            TokenScope.Domain => await OnDomain(token, ct),
            TokenScope.System => WithRoles(token, await index.RolesOn(user.Id, AssignmentTarget.System, "all", ct)),
            _ => token,
        };
    }

    private async Task<ResolvedToken?> OnProject(ResolvedToken token, CancellationToken ct)
    {
        var project = await index.FindProject(token.Payload.ScopeId, ct);
        if (project is not { Enabled: true } || token.Payload.IssuedAt < project.TokensNotBefore)
            return null;
        if (await LiveDomain(project.DomainId, token.Payload, ct) is not { } domain)
            return null;
        return WithRoles(token with { Project = project, ProjectDomain = domain }, await index.RolesOnProject(token.User.Id, project, ct));
    }

    private async Task<ResolvedToken?> OnDomain(ResolvedToken token, CancellationToken ct)
    {
        if (await LiveDomain(new(token.Payload.ScopeId), token.Payload, ct) is not { } domain)
            return null;
        var roles = await index.RolesOn(token.User.Id, AssignmentTarget.Domain, domain.Id.Text, ct);
        return WithRoles(token with { Domain = domain }, roles);
    }

    private async Task<UserDomainState?> LiveDomain(UserDomainId id, TokenPayload payload, CancellationToken ct)
    {
        var domain = await index.FindDomain(id.Text, ct);
        return domain is { Enabled: true } && payload.IssuedAt >= domain.TokensNotBefore ? domain : null;
    }

    // A scope on which nothing is allowed is no scope.
    private static ResolvedToken? WithRoles(ResolvedToken token, IReadOnlyList<RoleState> roles) =>
        roles.Count == 0 ? null : token with { Roles = roles };
}
