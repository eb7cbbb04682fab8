namespace Fabric.Gateway.Http;

/// <summary>Turns a token into the one who shows it. Identity's part of every request; fast: it runs on each.</summary>
public interface ITokenValidator
{
    /// <summary>The caller; null when the token is malformed, expired, revoked, or its user, project or user domain is gone or
    /// disabled.</summary>
    ValueTask<Caller?> Validate(string token, CancellationToken ct);
}
