using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>A token with all that it stands for now.</summary>
internal sealed record ResolvedToken
{
    public required TokenPayload Payload { get; init; }
    public required UserState User { get; init; }
    public required UserDomainState UserDomain { get; init; }

    /// <summary>The project of a project's token, and the user domain it lies in.</summary>
    public ProjectState? Project { get; init; }
    public UserDomainState? ProjectDomain { get; init; }

    /// <summary>The user domain of a domain's token.</summary>
    public UserDomainState? Domain { get; init; }

    /// <summary>Implied ones included; none for an unscoped token.</summary>
    public IReadOnlyList<RoleState> Roles { get; init; } = [];

    /// <summary>The same for policy checks and grains.</summary>
    internal Caller ToCaller() => new()
    {
        UserId = User.Id,
        UserName = User.Name,
        UserDomainId = User.DomainId,
        ProjectId = Project?.Id,
        ProjectName = Project?.Name,
        ProjectDomainId = Project?.DomainId,
        DomainId = Domain?.Id,
        SystemScope = Payload.Scope == TokenScope.System,
        Roles = [.. Roles.Select(static role => role.Name.ToLowerInvariant())],
    };
}
