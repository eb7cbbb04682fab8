using System.Text.Json;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Gateway.Identity.OAuth;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>By an OAuth1 access token: the request for a token is signed with it (source:
/// <c>keystone/auth/plugins/oauth1.py</c>).</summary>
internal sealed class OAuthMethod(IdentityIndex index, CredentialVault vault, TimeProvider time, IOptions<IdentityOptions> options)
    : IAuthMethod
{
    public string Name => "oauth1";

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        var signature = OAuthSignature.Of(attempt.Http, options.Value.PublicUrl);
        var access = await index.FindAccessToken(signature.Value("oauth_token"), attempt.Aborted)
            ?? throw Fault.NotFound("Access token not found");
        var consumerId = signature.Value("oauth_consumer_key");
        var consumer = await index.FindConsumer(consumerId, attempt.Aborted);
        if (consumer is null || access.ConsumerId != consumer.Id || access.ExpiresAt <= time.GetUtcNow())
            throw IdentityFaults.Unauthorized();
        signature.Require(vault.Open(consumer.Secret), vault.Open(access.Secret), time.GetUtcNow());
        return await index.FindUser(access.AuthorizerId.Text, attempt.Aborted) is { Enabled: true } user
            ? new(user) { ProjectId = access.ProjectId.Text, AccessTokenId = access.Id, ExpiresAt = access.ExpiresAt }
            : throw IdentityFaults.Unauthorized();
    }
}
