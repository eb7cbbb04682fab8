namespace Fabric.Gateway.Http;

/// <summary>Turns a token into the one who shows it. Identity's part of every request; fast: it runs on each.</summary>
public interface ITokenValidator
{
    /// <summary>The caller; null when the token is malformed, expired, revoked, its user, project or user domain is gone or disabled, or it
    /// is not for such a request.</summary>
    ValueTask<Caller?> Validate(string token, AskedRequest asked, CancellationToken ct);
}

/// <summary>What a token is shown for.</summary>
/// <param name="ServiceType">OpenStack's type of the service asked.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The whole path.</param>
/// <param name="PathInService">The path without where the service begins, from its version on.</param>
/// <param name="ServiceToken">The token of a service that asks for the user; null when the user asks itself.</param>
public readonly record struct AskedRequest(
    string ServiceType, string Method, string Path, string PathInService, string? ServiceToken = null);
