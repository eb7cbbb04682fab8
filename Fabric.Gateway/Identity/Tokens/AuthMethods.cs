using System.Text.Json;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>By password.</summary>
internal sealed class PasswordMethod(UserProof users) : IAuthMethod
{
    public string Name => "password";

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        var named = NamedThing.User(data);
        var password = data.GetProperty("user").TryGetProperty("password", out var text) ? text.GetString()! : "";
        return new(await users.ProvePassword(named, password, mayBeExpired: false, attempt.Http));
    }
}

/// <summary>By a token that one has: for another scope. It lives no longer than that one, and says which chain it belongs to (source:
/// <c>keystone/auth/plugins/token.py</c>).</summary>
internal sealed class TokenMethod(TokenValidator tokens, FederatedRescope federated) : IAuthMethod
{
    public string Name => "token";

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        var text = data.GetProperty("id").GetString()!;
        if (text.Length == 0)
            throw NoToken();
        var known = await tokens.Find(text, attempt.Aborted) ?? throw await tokens.Explain(text, attempt.Aborted);
        var payload = known.Token.Payload;
        if (payload.AccessTokenId is not null)
        {
            throw IdentityFaults.ForbiddenAction(
                "Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead");
        }

        if (payload.TrustId is not null)
        {
            throw IdentityFaults.ForbiddenAction(
                "Using trust-scoped token to create another token. Create a new trust-scoped token instead");
        }

        if (payload.Scope == TokenScope.System && attempt.Request.Scope is TokenScope.Project or TokenScope.Domain)
        {
            throw IdentityFaults.ForbiddenAction(
                "Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed.");
        }

        if (payload.IsDelegated)
            throw IdentityFaults.ForbiddenAction("Using a delegated token to create another token is not allowed.");
        await federated.Require(payload, attempt.Aborted);
        return new(known.Token.User)
        {
            Earlier = payload.Methods,
            ExpiresAt = payload.ExpiresAt,
            AuditChainId = payload.AuditIds[^1],
            IdentityProviderId = payload.IdentityProviderId,
            ProtocolId = payload.ProtocolId,
            GroupIds = payload.GroupIds,
        };
    }

    /// <summary>No token where one must be.</summary>
    internal static Fault NoToken() => Fault.NotFound("TokenNotFound", "No token in the request");
}

/// <summary>By an application credential, named by its id, or by its name and its user (source:
/// <c>keystone/auth/plugins/application_credential.py</c>).</summary>
internal sealed class AppCredentialMethod(UserProof users, IdentityIndex index, PasswordHasher hasher, TimeProvider time) : IAuthMethod
{
    public string Name => "application_credential";

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        var ct = attempt.Aborted;
        var credential = await Find(data, ct);
        var secret = "";
        if (data.TryGetProperty("secret", out var text) && text.ValueKind != JsonValueKind.Null)
            secret = text.ValueKind == JsonValueKind.String ? text.GetString()! : throw IdentityFaults.Missing("string", "password");
        var right = await hasher.Verify(credential?.Secret, secret, ct, UserProof.PlaceOf(attempt.Http));
        if (!right || credential is null || credential.ExpiresAt <= time.GetUtcNow())
            throw IdentityFaults.Unauthorized();
        var user = await index.FindUser(credential.UserId.Text, ct);
        return user is { Enabled: true }
            ? new(user) { ProjectId = credential.ProjectId.Text, AppCredentialId = credential.Id, ExpiresAt = credential.ExpiresAt }
            : throw IdentityFaults.Unauthorized();
    }

    // Which ids there are is no secret, as in Keystone: nobody guesses one. Which users there are is one here: who names a user that is
    // none hears no other answer than who gives a wrong secret, and none sooner.
    private async Task<AppCredentialState?> Find(JsonElement data, CancellationToken ct)
    {
        var named = NamedThing.Of(data);
        if (named.HasId)
            return await index.FindAppCredential(named.Id!, ct) ?? throw IdentityFaults.NotFound("Application Credential", named.Id!);
        if (!named.HasName)
            throw IdentityFaults.Missing("name or ID", "application credential");
        if (!data.TryGetProperty("user", out var given) || given.ValueKind != JsonValueKind.Object || !given.EnumerateObject().Any())
            throw IdentityFaults.Missing("user", "application credential");
        var user = NamedThing.Of(given);
        if (user.HasId)
            return await index.FindAppCredentialByName(new(user.Id!), named.Name!, ct);
        if (user.Domain is null)
            throw IdentityFaults.Missing("domain", "user");
        var name = user.Name ?? throw IdentityFaults.Missing("id or name", "user");
        return await users.FindDomain(user.Domain, ct) is { Enabled: true } domain
            && await index.FindUserByName(domain.Id, name, ct) is { } owner
            ? await index.FindAppCredentialByName(owner.Id, named.Name!, ct)
            : null;
    }
}
