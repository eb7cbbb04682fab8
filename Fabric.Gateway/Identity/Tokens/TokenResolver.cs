using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Says what a token stands for now, by the records as they are now. So whatever ends a token (a user disabled, a role taken
/// away, a trust or an application credential removed) needs no list of tokens to walk through.</summary>
internal sealed class TokenResolver(IdentityIndex index, TimeProvider time)
{
    /// <summary>What the token stands for; null when it stands for nothing any more.</summary>
    /// <param name="payload">What the token says.</param>
    /// <param name="grace">For how long after its end it is looked at still.</param>
    /// <param name="ct">Stops.</param>
    internal async Task<ResolvedToken?> Resolve(TokenPayload payload, CancellationToken ct, TimeSpan grace = default)
    {
        if (payload.ExpiresAt + grace <= time.GetUtcNow())
            return null;
        var user = await index.FindUser(payload.UserId, ct);
        if (user is not { Enabled: true } || payload.IssuedAt < user.TokensNotBefore)
            return null;
        if (await LiveDomain(user.DomainId, payload, ct) is not { } domain)
            return null;
        if (payload.IdentityProviderId is { } provider && !await index.HasProvider(provider, ct))
            return null;
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
        var payload = token.Payload;
        var project = await index.FindProject(payload.ScopeId, ct);
        if (project is not { Enabled: true } || payload.IssuedAt < project.TokensNotBefore)
            return null;
        if (await LiveDomain(project.DomainId, payload, ct) is not { } domain)
            return null;
        token = token with { Project = project, ProjectDomain = domain };
        if (payload.TrustId is { } trust)
            return await ByTrust(token, trust, ct);
        if (payload.AppCredentialId is { } credential)
            return await ByAppCredential(token, credential, ct);
        if (payload.AccessTokenId is { } access)
            return await ByAccessToken(token, access, ct);
        return WithRoles(token, await index.RolesOnProject(token, project, ct));
    }

    // The roles are the first trustor's, as far as every trust of the chain lends them; when one of them is gone, all are.
    private async Task<ResolvedToken?> ByTrust(ResolvedToken token, string id, CancellationToken ct)
    {
        if (await index.FindTrust(id, ct) is not { } trust || trust.TrusteeId != token.User.Id || trust.ProjectId != token.Project!.Id)
            return null;
        if (await index.Pedigree(trust, ct) is not { } above || above.Prepend(trust).Any(one => one.HasExpired(time.GetUtcNow())))
            return null;
        foreach (var agent in above.Select(static one => one.TrusteeId).Append(trust.TrustorId).Distinct())
        {
            if (await index.FindUser(agent.Text, ct) is not { Enabled: true })
                return null;
        }

        var trustor = await index.FindUser(trust.TrustorId.Text, ct);
        if (trustor is null || token.Payload.IssuedAt < trustor.TokensNotBefore
            || await LiveDomain(trustor.DomainId, token.Payload, ct) is not { } domain)
            return null;
        var roles = await index.Roles(ct);
        if (trust.Roles.Any(role => roles.Find(role) is null))
            return null;
        var lent = roles.Expand(trust.Roles);
        var owner = (above.LastOrDefault() ?? trust).TrustorId;
        var held = (await index.RolesOnProject(owner, token.Project, ct)).Select(static role => role.Id).ToHashSet();
        return lent.All(role => held.Contains(role.Id))
            ? WithRoles(token with { Trust = trust, Trustor = trustor, TrustorDomain = domain },
                [.. lent.Where(static role => role.DomainId is null)])
            : null;
    }

    private async Task<ResolvedToken?> ByAppCredential(ResolvedToken token, string id, CancellationToken ct)
    {
        if (await index.FindAppCredential(id, ct) is not { } credential || credential.UserId != token.User.Id
            || credential.ProjectId != token.Project!.Id || credential.ExpiresAt <= time.GetUtcNow())
            return null;
        return await Lent(token with { AppCredential = credential }, credential.Roles, ct);
    }

    private async Task<ResolvedToken?> ByAccessToken(ResolvedToken token, string id, CancellationToken ct)
    {
        if (await index.FindAccessToken(id, ct) is not { } access || access.AuthorizerId != token.User.Id
            || access.ProjectId != token.Project!.Id || await index.FindConsumer(access.ConsumerId, ct) is null)
            return null;
        return await Lent(token with { AccessToken = access }, access.Roles, ct);
    }

    // What was lent and what that implies, as far as the user still has it.
    private async Task<ResolvedToken?> Lent(ResolvedToken token, IReadOnlyList<RoleId> roles, CancellationToken ct)
    {
        var lent = (await index.Roles(ct)).Expand(roles).Select(static role => role.Id).ToHashSet();
        var held = await index.RolesOnProject(token.User.Id, token.Project!, ct);
        return WithRoles(token, [.. held.Where(role => lent.Contains(role.Id))]);
    }

    private async Task<ResolvedToken?> OnDomain(ResolvedToken token, CancellationToken ct)
    {
        if (await LiveDomain(new(token.Payload.ScopeId), token.Payload, ct) is not { } domain)
            return null;
        var roles = await index.RolesOnDomain(token, domain, ct);
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
