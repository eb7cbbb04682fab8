using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A token with all that it stands for now.</summary>
internal sealed record ResolvedToken
{
    private IReadOnlyList<string>? revocationKeys;
    private DateTimeOffset? ends;

    public required TokenPayload Payload { get; init; }

    /// <summary>Who logged in.</summary>
    public required UserState User { get; init; }
    public required UserDomainState UserDomain { get; init; }

    /// <summary>The project of a project's token, and the user domain it lies in.</summary>
    public ProjectState? Project { get; init; }
    public UserDomainState? ProjectDomain { get; init; }

    /// <summary>The user domain of a domain's token.</summary>
    public UserDomainState? Domain { get; init; }

    /// <summary>Until when what it stands for may be remembered: its own end, or that of something it stands on.</summary>
    public DateTimeOffset Ends
    {
        get => ends ?? Payload.ExpiresAt;
        init => ends = value;
    }

    /// <summary>Implied ones included; none for an unscoped token.</summary>
    public IReadOnlyList<RoleState> Roles { get; init; } = [];

    /// <summary>The trust that lends the roles, and who lends them.</summary>
    public TrustState? Trust { get; init; }
    public UserState? Trustor { get; init; }
    public UserDomainState? TrustorDomain { get; init; }

    /// <summary>The application credential that logged in.</summary>
    public AppCredentialState? AppCredential { get; init; }

    /// <summary>The OAuth1 access token that logged in.</summary>
    public AccessTokenState? AccessToken { get; init; }

    /// <summary>In whose name it acts: the trustor's when the trust is for that.</summary>
    internal UserState Actor => Impersonates ? Trustor! : User;

    /// <summary>The domain of <see cref="Actor"/>.</summary>
    internal UserDomainState ActorDomain => Impersonates ? TrustorDomain! : UserDomain;

    /// <summary>What events of the log of revocations call it.</summary>
    internal IReadOnlyList<string> RevocationKeys => revocationKeys ??= [.. NamesInRevocations().Select(static name => name.Key)];

    private bool Impersonates => Trust is { Impersonation: true };

    /// <summary>The same for policy checks and grains.</summary>
    internal Caller ToCaller() => new()
    {
        UserId = Actor.Id,
        UserName = Actor.Name,
        UserDomainId = Actor.DomainId,
        ProjectId = Project?.Id,
        ProjectName = Project?.Name,
        ProjectDomainId = Project?.DomainId,
        DomainId = Domain?.Id,
        SystemScope = Payload.Scope == TokenScope.System,
        Roles = [.. Roles.Select(static role => role.Name.ToLowerInvariant())],
    };

    private IEnumerable<Revocation> NamesInRevocations()
    {
        yield return new() { AuditId = Payload.AuditIds[0] };
        yield return new() { AuditChainId = Payload.AuditIds[^1] };
        yield return new() { UserId = User.Id.Text };
        yield return new() { DomainId = User.DomainId.Text };
        if (Trust is { } trust)
        {
            yield return new() { TrustId = trust.Id };
            yield return new() { UserId = trust.TrustorId.Text };
        }

        if (Project is { } project)
        {
            yield return new() { ProjectId = project.Id.Text };
            yield return new() { DomainId = project.DomainId.Text };
        }

        if (Domain is { } domain)
            yield return new() { DomainId = domain.Id.Text };
        if (AccessToken is { } token)
        {
            yield return new() { AccessTokenId = token.Id };
            yield return new() { ConsumerId = token.ConsumerId };
        }
    }
}
