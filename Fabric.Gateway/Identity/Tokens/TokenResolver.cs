using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Says what a token stands for now, by the records as they are now. So whatever ends a token (a user disabled, a role taken
/// away, a trust or an application credential removed) needs no list of tokens to walk through. What ends by itself at a known time is in
/// <see cref="ResolvedToken.Ends"/>.</summary>
internal sealed class TokenResolver(IdentityIndex index, TimeProvider time)
{
    /// <summary>What the token stands for; null when it stands for nothing any more.</summary>
    internal async Task<ResolvedToken?> Resolve(TokenPayload payload, CancellationToken ct, TimeSpan grace = default) =>
        (await Judge(payload, ct, grace)).Token;

    /// <summary>What the token stands for, or why it stands for nothing; 401 when it is for want of a role.</summary>
    /// <param name="payload">What the token says.</param>
    /// <param name="ct">Stops.</param>
    /// <param name="grace">For how long after its end it is looked at still.</param>
    internal async Task<Resolution> Judge(TokenPayload payload, CancellationToken ct, TimeSpan grace = default)
    {
        if (payload.ExpiresAt + grace <= time.GetUtcNow())
            return Resolution.Ended;
        if (await index.FindUser(payload.UserId, ct) is not { } user)
            return payload.TrustId is { } gone ? IdentityFaults.NotFound("trust", gone) : IdentityFaults.NotFound("user", payload.UserId);
        if (!user.Enabled || payload.IssuedAt < user.TokensNotBefore)
            return Resolution.Ended;
        if (await index.FindDomain(user.DomainId.Text, ct) is not { } domain)
            return IdentityFaults.NotFound("domain", user.DomainId.Text);
        if (!domain.Enabled)
            return payload.TrustId is null ? Resolution.Disabled(domain) : Fault.NotFound("TokenNotFound", "Trustee domain is disabled.");
        if (payload.IdentityProviderId is { } provider && !await index.HasProvider(provider, ct))
            return FederationFaults.NoProvider(provider);
        var token = new ResolvedToken { Payload = payload, User = user, UserDomain = domain };
        return payload.Scope switch
        {
            TokenScope.Project => await OnProject(token, ct),
            TokenScope.Domain => await OnDomain(token, ct),
            TokenScope.System => await WithRoles(token, await index.RolesOn(user.Id, AssignmentTarget.System, "all", ct), user.Id, ct),
            _ => token,
        };
    }

    private async Task<Resolution> OnProject(ResolvedToken token, CancellationToken ct)
    {
        var payload = token.Payload;
        if (await index.FindProject(payload.ScopeId, ct) is not { } project)
            return IdentityFaults.NotFound("project", payload.ScopeId);
        if (!project.Enabled)
            return Resolution.Disabled(project);
        if (await index.FindDomain(project.DomainId.Text, ct) is not { } domain)
            return IdentityFaults.NotFound("domain", project.DomainId.Text);
        if (!domain.Enabled)
            return Resolution.Disabled(domain);
        token = token with { Project = project, ProjectDomain = domain };
        if (payload.TrustId is { } trust)
            return await ByTrust(token, trust, ct);
        if (payload.AppCredentialId is { } credential)
            return await ByAppCredential(token, credential, ct);
        if (payload.AccessTokenId is { } access)
            return await ByAccessToken(token, access, ct);
        return await WithRoles(token, await index.RolesOnProject(token, project, ct), token.User.Id, ct);
    }

    // The roles are the first trustor's, as far as every trust of the chain lends them; when one of them is gone, all are.
    private async Task<Resolution> ByTrust(ResolvedToken token, string id, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (await index.FindTrust(id, ct) is not { } trust || await index.Pedigree(trust, ct) is not { } above
            || above.Prepend(trust).Any(one => one.HasExpired(now)))
            return IdentityFaults.NotFound("trust", id);
        if (trust.TrusteeId != token.User.Id || trust.ProjectId != token.Project!.Id)
            return IdentityFaults.Forbidden();
        if (await index.FindUser(trust.TrustorId.Text, ct) is not { } trustor)
            return IdentityFaults.NotFound("user", trust.TrustorId.Text);
        if (await index.FindDomain(trustor.DomainId.Text, ct) is not { Enabled: true } domain)
            return Fault.NotFound("TokenNotFound", "Trustor domain is disabled.");
        foreach (var agent in above.Select(static one => one.TrusteeId).Append(trust.TrustorId).Distinct())
        {
            if (await index.FindUser(agent.Text, ct) is not { Enabled: true })
                return IdentityFaults.Forbidden();
        }

        if (token.Payload.IssuedAt < trustor.TokensNotBefore)
            return Resolution.Ended;
        var owner = (above.LastOrDefault() ?? trust).TrustorId;
        if (await RolesOf(trust, owner, token.Project, ct) is not { } lent)
            return IdentityFaults.Forbidden();
        token = token with { Trust = trust, Trustor = trustor, TrustorDomain = domain, Ends = EndOf(token, [trust, .. above]) };
        return await WithRoles(token, lent, owner, ct);
    }

    private static DateTimeOffset EndOf(ResolvedToken token, IEnumerable<TrustState> trusts) =>
        trusts.Select(static one => one.ExpiresAt).OfType<DateTimeOffset>().Append(token.Ends).Min();

    // Null when the owner has lost one of them.
    private async Task<IReadOnlyList<RoleState>?> RolesOf(TrustState trust, UserId owner, ProjectState project, CancellationToken ct)
    {
        var roles = await index.Roles(ct);
        if (trust.Roles.Any(role => roles.Find(role) is null))
            return null;
        var lent = roles.Expand(trust.Roles);
        var held = (await index.HeldOnProject(owner, project, ct)).Select(static role => role.Id).ToHashSet();
        return lent.All(role => held.Contains(role.Id)) ? [.. lent.Where(static role => role.DomainId is null)] : null;
    }

    // The roles that it names, as far as the user still has them, and none that these imply.
    private async Task<Resolution> ByAppCredential(ResolvedToken token, string id, CancellationToken ct)
    {
        if (await index.FindAppCredential(id, ct) is not { } credential)
            return IdentityFaults.NotFound("Application Credential", id);
        if (credential.UserId != token.User.Id || credential.ProjectId != token.Project!.Id || credential.ExpiresAt <= time.GetUtcNow())
            return Resolution.Ended;
        var held = (await index.RolesOnProject(token.User.Id, token.Project, ct)).ToDictionary(static role => role.Id);
        var lent = credential.Roles.Select(role => held.GetValueOrDefault(role)).OfType<RoleState>();
        return await WithRoles(token with { AppCredential = credential }, [.. lent], token.User.Id, ct);
    }

    // What was lent and what that implies, as far as the user still has it.
    private async Task<Resolution> ByAccessToken(ResolvedToken token, string id, CancellationToken ct)
    {
        if (await index.FindAccessToken(id, ct) is not { } access)
            return Fault.NotFound("Access token not found");
        if (access.AuthorizerId != token.User.Id
            || access.ProjectId != token.Project!.Id || await index.FindConsumer(access.ConsumerId, ct) is null)
            return Resolution.Ended;
        var lent = (await index.Roles(ct)).Expand(access.Roles).Select(static role => role.Id).ToHashSet();
        var held = await index.RolesOnProject(token.User.Id, token.Project!, ct);
        return await WithRoles(
            token with { AccessToken = access }, [.. held.Where(role => lent.Contains(role.Id))], token.User.Id, ct);
    }

    private async Task<Resolution> OnDomain(ResolvedToken token, CancellationToken ct)
    {
        if (await index.FindDomain(token.Payload.ScopeId, ct) is not { } domain)
            return IdentityFaults.NotFound("domain", token.Payload.ScopeId);
        if (!domain.Enabled)
            return Resolution.Disabled(domain);
        var roles = await index.RolesOnDomain(token, domain, ct);
        return await WithRoles(token with { Domain = domain }, roles, token.User.Id, ct);
    }

    // A scope on which nothing is allowed is no scope. What a group for a while gave ends with the membership.
    private async Task<Resolution> WithRoles(ResolvedToken token, IReadOnlyList<RoleState> roles, UserId holder, CancellationToken ct)
    {
        if (roles.Count == 0)
            return IdentityFaults.Unauthorized();
        var membership = await index.NextMembershipEnd(holder, ct);
        return token with { Roles = roles, Ends = membership < token.Ends ? membership.Value : token.Ends };
    }
}
