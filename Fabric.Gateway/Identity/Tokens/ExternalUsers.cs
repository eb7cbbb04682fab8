using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Users whom a web server before the gateway has authenticated (source: <c>keystone/auth/plugins/external.py</c>). Off unless the
/// operator says by which header that server tells them.</summary>
internal sealed class ExternalUsers(IdentityIndex index, IOptions<IdentityOptions> options)
{
    /// <summary>Whether the operator has said by which header.</summary>
    internal bool IsOn => options.Value.ExternalUserHeader.Length > 0;

    /// <summary>The user that the server vouches for; null when it names nobody whom we know.</summary>
    internal async Task<UserState?> Find(HttpContext http, CancellationToken ct)
    {
        if (!IsOn || http.Request.Headers[options.Value.ExternalUserHeader] is not [{ } name]
            || name.Length == 0)
            return null;
        var domain = UserDomainState.Default;
        if (options.Value.ExternalDomainHeader.Length > 0
            && http.Request.Headers[options.Value.ExternalDomainHeader] is [{ Length: > 0 } domainName])
        {
            if (await index.FindDomainByName(domainName, ct) is not { } named)
                return null;
            domain = named.Id;
        }

        return await index.FindUserByName(domain, name, ct) is { Enabled: true } user ? user : null;
    }
}

/// <summary>By what the web server before the gateway says, asked for by name.</summary>
internal sealed class ExternalMethod(ExternalUsers users) : IAuthMethod
{
    internal const string MethodName = "external";

    public string Name => MethodName;

    public async Task<AuthProof> Prove(System.Text.Json.JsonElement data, AuthAttempt attempt) =>
        new(await users.Find(attempt.Http, attempt.Aborted) ?? throw IdentityFaults.Unauthorized());
}
