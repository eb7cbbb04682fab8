using System.Text.Json;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>One way to prove who one is. What is registered is offered; a login may need several.</summary>
internal interface IAuthMethod
{
    /// <summary>Its name on the wire.</summary>
    string Name { get; }

    /// <summary>Whom the data proves. Throws 401, in the same words whatever is wrong, when it proves nobody.</summary>
    Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt);
}

/// <summary>One login.</summary>
internal sealed record AuthAttempt(AuthRequest Request, HttpContext Http, CancellationToken Aborted);

/// <summary>What one method proved.</summary>
/// <param name="User">Who it is.</param>
internal sealed record AuthProof(UserState User)
{
    /// <summary>The methods of an earlier login that this one goes on from.</summary>
    public TokenMethods Earlier { get; init; }

    /// <summary>When what proves it ends: no token lives longer.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The chain of tokens that this one belongs to.</summary>
    public string? AuditChainId { get; init; }

    /// <summary>The project that the proof is for; null when the login says where.</summary>
    public string? ProjectId { get; init; }
    public string? AppCredentialId { get; init; }
    public string? AccessTokenId { get; init; }

    /// <summary>Who vouched for a federated user, by which protocol, and for membership of which groups.</summary>
    public string? IdentityProviderId { get; init; }
    public string? ProtocolId { get; init; }
    public IReadOnlyList<string> GroupIds { get; init; } = [];

    /// <summary>Both proofs of the same user; 401 when they prove two.</summary>
    internal AuthProof And(AuthProof other)
    {
        if (User.Id != other.User.Id || (ProjectId is not null && other.ProjectId is not null && ProjectId != other.ProjectId))
            throw IdentityFaults.Unauthorized();
        return this with
        {
            Earlier = Earlier | other.Earlier,
            ExpiresAt = ExpiresAt is { } mine && other.ExpiresAt is { } its ? (mine < its ? mine : its) : ExpiresAt ?? other.ExpiresAt,
            AuditChainId = AuditChainId ?? other.AuditChainId,
            ProjectId = ProjectId ?? other.ProjectId,
            AppCredentialId = AppCredentialId ?? other.AppCredentialId,
            AccessTokenId = AccessTokenId ?? other.AccessTokenId,
            IdentityProviderId = IdentityProviderId ?? other.IdentityProviderId,
            ProtocolId = ProtocolId ?? other.ProtocolId,
            GroupIds = GroupIds.Count > 0 ? GroupIds : other.GroupIds,
        };
    }
}
