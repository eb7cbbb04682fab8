using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Makes tokens for those who prove who they are (source: <c>keystone/api/_shared/authentication.py</c>).</summary>
internal sealed class Authenticator(
    IEnumerable<IAuthMethod> methods, ExternalUsers external, UserProof users, IdentityIndex index, TokenValidator tokens,
    TokenResolver resolver, TokenEra era, AuthReceipts receipts, IGrainFactory grains, TimeProvider time, IOptions<IdentityOptions> options)
{
    private readonly Dictionary<string, IAuthMethod> offered = methods.ToDictionary(static method => method.Name, StringComparer.Ordinal);

    /// <summary>The methods that are offered.</summary>
    internal IReadOnlySet<string> Offered { get; } = methods.Select(static method => method.Name).ToHashSet(StringComparer.Ordinal);

    /// <summary>A token for what is asked. Throws <see cref="MoreMethodsNeededException"/> when the user's own rules ask for more
    /// proof.</summary>
    internal async Task<KnownToken> Login(AuthRequest request, HttpContext http, CancellationToken ct)
    {
        var version = (await era.Now(ct)).Records;
        var (proof, proven) = await Prove(new(request, http, ct));
        proven |= receipts.Earlier(http, proof.User);
        AuthReceipts.Require(proof.User, proven, Offered);
        var payload = NewPayload(proof, proven);
        if (request.TrustId is { } trust)
            return await WithTrust(payload, trust, version, ct);
        var (scope, scopeId) = proof.ProjectId is { } project ? (TokenScope.Project, project) : await FindScope(request, ct);
        if (request.Scope is null && scope == TokenScope.Unscoped && proof is { IdentityProviderId: null, User.DefaultProjectId: { } home }
            && await resolver.Resolve(payload with { Scope = TokenScope.Project, ScopeId = home.Text }, ct) is { } atHome)
            return tokens.Issue(atHome, version);
        return await Issue(payload with { Scope = scope, ScopeId = scopeId }, version, ct);
    }

    /// <summary>A token for what was proven by other means than a login.</summary>
    internal async Task<KnownToken> Issue(AuthProof proof, TokenMethods proven, string projectId, string? trustId, CancellationToken ct)
    {
        var version = (await era.Now(ct)).Records;
        var payload = NewPayload(proof, proven) with { Scope = TokenScope.Project, ScopeId = projectId, TrustId = trustId };
        return await Issue(payload, version, ct);
    }

    private async Task<KnownToken> Issue(TokenPayload payload, long version, CancellationToken ct) =>
        await resolver.Resolve(payload, ct) is { } resolved ? tokens.Issue(resolved, version) : throw IdentityFaults.Unauthorized();

    private async Task<(AuthProof Proof, TokenMethods Methods)> Prove(AuthAttempt attempt)
    {
        AuthProof? all = await external.Find(attempt.Http, attempt.Aborted) is { } user ? new(user) : null;
        var proven = all is null ? TokenMethods.None : TokenMethods.External;
        foreach (var name in attempt.Request.Methods)
        {
            var proof = await offered[name].Prove(attempt.Request.Identity.GetProperty(name), attempt);
            all = all is null ? proof : all.And(proof);
            proven |= TokenMethodNames.Parse(name);
        }

        return all is null ? throw IdentityFaults.Unauthorized() : (all, proven | all.Earlier);
    }

    private TokenPayload NewPayload(AuthProof proof, TokenMethods proven)
    {
        var issued = TokenPayload.ToMicroseconds(time.GetUtcNow());
        var end = TokenPayload.ToSeconds(issued + options.Value.TokenLifetime);
        // A life shorter than a second is no use, but a life all the same.
        if (end <= issued)
            end = issued + options.Value.TokenLifetime;
        return new()
        {
            UserId = proof.User.Id.Text,
            Methods = proven,
            IssuedAt = issued,
            ExpiresAt = proof.ExpiresAt is { } bound && bound < end ? TokenPayload.ToMicroseconds(bound) : end,
            AuditIds = proof.AuditChainId is { } chain ? [TokenPayload.NewAuditId(), chain] : [TokenPayload.NewAuditId()],
            AppCredentialId = proof.AppCredentialId,
            AccessTokenId = proof.AccessTokenId,
            IdentityProviderId = proof.IdentityProviderId,
            ProtocolId = proof.ProtocolId,
            GroupIds = proof.GroupIds,
        };
    }

    // A use is taken before the token is given out: two who want the last one never both get it.
    private async Task<KnownToken> WithTrust(TokenPayload payload, string id, long version, CancellationToken ct)
    {
        var trust = await index.FindTrust(id, ct);
        if (trust is null || !trust.CanBeUsed(time.GetUtcNow()))
            throw IdentityFaults.Unauthorized();
        if (trust.ProjectId is not { } project || trust.TrusteeId.Text != payload.UserId)
            throw IdentityFaults.Forbidden();
        if (await index.FindProject(project.Text, ct) is not { Enabled: true } there
            || await index.FindDomain(there.DomainId.Text, ct) is not { Enabled: true })
            throw IdentityFaults.Unauthorized();
        payload = payload with { Scope = TokenScope.Project, ScopeId = project.Text, TrustId = id };
        var (resolved, why) = await resolver.Judge(payload, ct);
        if (resolved is null)
            throw why!.Type == "TrustNotFound" ? IdentityFaults.Unauthorized() : why;
        await grains.GetGrain<ITrustGrain>(id).Consume();
        return tokens.Issue(resolved, version);
    }

    private async Task<(TokenScope Scope, string Id)> FindScope(AuthRequest request, CancellationToken ct)
    {
        switch (request.Scope)
        {
            case TokenScope.System:
                return (TokenScope.System, "");
            case TokenScope.Domain:
                var domain = await users.FindDomain(request.ScopeThing!, ct) ?? throw IdentityFaults.Unauthorized();
                return (TokenScope.Domain, domain.Id.Text);
            case TokenScope.Project:
                var project = await users.FindProject(request.ScopeThing!, ct) ?? throw IdentityFaults.Unauthorized();
                return (TokenScope.Project, project.Id.Text);
            default:
                return (TokenScope.Unscoped, "");
        }
    }
}
