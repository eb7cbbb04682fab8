using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Makes tokens for those who prove who they are. Whatever is wrong with a proof, the answer is the same and takes as
/// long.</summary>
internal sealed class Authenticator(
    IdentityIndex index, PasswordProof passwords, TokenValidator tokens, TokenResolver resolver, TimeProvider time,
    Microsoft.Extensions.Options.IOptions<IdentityOptions> options)
{
    /// <summary>A token for what is asked.</summary>
    internal async Task<KnownToken> Login(AuthRequest request, CancellationToken ct)
    {
        var version = await index.Version(IdentityKinds.Tokens, ct);
        var (user, parent) = await Prove(request, ct);
        var (scope, scopeId) = await FindScope(request, ct);
        var issued = TokenPayload.ToMicroseconds(time.GetUtcNow());
        var payload = new TokenPayload
        {
            UserId = user.Id.Text,
            Methods = Methods(request) | (parent?.Methods ?? TokenMethods.None),
            Scope = scope,
            ScopeId = scopeId,
            IssuedAt = issued,
            // A token made from a token lives no longer than that one, and says which chain it belongs to.
            ExpiresAt = parent?.ExpiresAt ?? issued + options.Value.TokenLifetime,
            AuditIds = parent is null ? [TokenPayload.NewAuditId()] : [TokenPayload.NewAuditId(), parent.AuditIds[^1]],
        };
        if (request.Scope is null && user.DefaultProjectId is { } project
            && await resolver.Resolve(payload with { Scope = TokenScope.Project, ScopeId = project.Text }, ct) is { } home)
            return tokens.Issue(home, version);
        return await resolver.Resolve(payload, ct) is { } resolved ? tokens.Issue(resolved, version) : throw IdentityFaults.Unauthorized();
    }

    /// <summary>Whether it is the user's password; throws 401 when it is not. One that has expired is good for changing it
    /// alone.</summary>
    internal async Task<UserState> ProvePassword(NamedThing named, string password, bool mayBeExpired, CancellationToken ct)
    {
        var user = await passwords.Prove(await FindUser(named, ct), password, ct);
        return user.PasswordIsExpired(time.GetUtcNow()) && !mayBeExpired ? throw PasswordProof.Expired(user) : user;
    }

    private async Task<(UserState User, TokenPayload? Parent)> Prove(AuthRequest request, CancellationToken ct)
    {
        UserState? user = null;
        TokenPayload? parent = null;
        if (request.TokenId is { } text)
        {
            var known = await tokens.Find(text, ct) ?? throw IdentityFaults.NotFound("token", text);
            (user, parent) = (known.Token.User, known.Token.Payload);
        }

        if (request.User is { } named)
        {
            var proven = await ProvePassword(named, request.Password, mayBeExpired: false, ct);
            if (user is not null && user.Id != proven.Id)
                throw IdentityFaults.Unauthorized();
            user = proven;
        }

        return (user ?? throw IdentityFaults.Unauthorized(), parent);
    }

    private async Task<UserState?> FindUser(NamedThing named, CancellationToken ct)
    {
        if (named.Id is { } id)
            return await index.FindUser(id, ct);
        return await FindDomain(named.Domain!, ct) is { } domain ? await index.FindUserByName(domain.Id, named.Name!, ct) : null;
    }

    private async Task<(TokenScope Scope, string Id)> FindScope(AuthRequest request, CancellationToken ct)
    {
        switch (request.Scope)
        {
            case TokenScope.System:
                return (TokenScope.System, "");
            case TokenScope.Domain:
                var domain = await FindDomain(request.ScopeThing!, ct) ?? throw IdentityFaults.Unauthorized();
                return (TokenScope.Domain, domain.Id.Text);
            case TokenScope.Project:
                var project = await FindProject(request.ScopeThing!, ct) ?? throw IdentityFaults.Unauthorized();
                return (TokenScope.Project, project.Id.Text);
            default:
                return (TokenScope.Unscoped, "");
        }
    }

    private async Task<ProjectState?> FindProject(NamedThing named, CancellationToken ct)
    {
        if (named.Name is null)
            return await index.FindProject(named.Id!, ct);
        return await FindDomain(named.Domain!, ct) is { } domain ? await index.FindProjectByName(domain.Id, named.Name, ct) : null;
    }

    private Task<UserDomainState?> FindDomain(NamedThing named, CancellationToken ct) =>
        named.Name is { } name ? index.FindDomainByName(name, ct) : index.FindDomain(named.Id!, ct);

    private static TokenMethods Methods(AuthRequest request) =>
        (request.User is null ? TokenMethods.None : TokenMethods.Password) | (
            request.TokenId is null ? TokenMethods.None : TokenMethods.Token);
}
