using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Gateway.Identity.Delegation;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.OAuth;

/// <summary>The three steps of OAuth1: a consumer asks, a user grants, the consumer gets what it may act with.</summary>
internal static class OAuthTokenEndpoints
{
    private const string VerifierLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private const int VerifierLength = 8;

    internal static async Task<IResult> Request(Call call)
    {
        var signature = OAuthSignature.Of(call);
        var consumerId = signature.Value("oauth_consumer_key");
        var asked = call.Http.Request.Headers["Requested-Project-Id"].ToString();
        if (asked.Length == 0)
            throw IdentityFaults.Missing("Requested-Project-Id", "request");
        var project = await call.Get<IdentityIndex>().FindProject(asked, call.Aborted) ?? throw IdentityFaults.NotFound("project", asked);
        var consumer = await ConsumerEndpoints.Find(call, consumerId);
        var vault = call.Get<CredentialVault>();
        var now = call.Get<TimeProvider>().GetUtcNow();
        signature.RequireForm(now, asksForCallback: true);
        signature.Require(vault.Open(consumer.Secret), "", now);
        var (id, secret) = (ResourceIdText.NewHex(), ResourceIdText.NewHex());
        var made = await call.Grains.GetGrain<IRequestTokenGrain>(id).Create(new()
        {
            Id = id,
            Secret = vault.Seal(secret),
            ConsumerId = consumer.Id,
            ProjectId = project.Id,
            ExpiresAt = End(now, call.Get<IOptions<IdentityOptions>>().Value.RequestTokenLifetime),
        });
        return new FormReply(id, secret, made.ExpiresAt);
    }

    internal static async Task<IResult> Authorize(Call call)
    {
        var token = await TokenEndpoints.OfCaller(call);
        if (token.Payload.IsDelegated)
            throw IdentityFaults.Forbidden();
        var request = await Find(call, call.Path("request_token_id"));
        var index = call.Get<IdentityIndex>();
        var listed = call.Body.TryGetProperty("roles", out var list) ? list : default;
        var roles = listed.ValueKind == JsonValueKind.Array ? Lending.RolesOf(listed, await index.Roles(call.Aborted)) : [];
        var held = await index.FindProject(request.ProjectId.Text, call.Aborted) is { } project
            ? await index.RolesOnProject(token.User.Id, project, call.Aborted)
            : [];
        if (!roles.All(role => held.Any(mine => mine.Id == role)))
            throw IdentityFaults.Unauthorized();
        var verifier = RandomNumberGenerator.GetString(VerifierLetters, VerifierLength);
        await call.Grains.GetGrain<IRequestTokenGrain>(request.Id)
            .Authorize(token.User.Id, [.. roles.Distinct()], Hash(verifier));
        return Reply.Json(new { token = new { oauth_verifier = verifier } });
    }

    // The request token remembers what it becomes, so that a crash between the two records loses neither.
    internal static async Task<IResult> Access(Call call)
    {
        var signature = OAuthSignature.Of(call);
        var consumerId = signature.Value("oauth_consumer_key");
        var requestId = signature.Value("oauth_token");
        var verifier = signature.Value("oauth_verifier");
        var request = await Find(call, requestId);
        var vault = call.Get<CredentialVault>();
        var now = call.Get<TimeProvider>().GetUtcNow();
        signature.RequireForm(now);
        signature.RequireAgreed();
        if (await call.Get<IdentityIndex>().FindConsumer(consumerId, call.Aborted) is not { } consumer || request.ConsumerId != consumerId)
            throw IdentityFaults.Unauthorized();
        signature.Require(vault.Open(consumer.Secret), vault.Open(request.Secret), now);
        if (request.AuthorizerId is not { } user || request.VerifierHash is not { } hash
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(Hash(verifier))))
            throw IdentityFaults.Unauthorized();
        var grain = call.Grains.GetGrain<IRequestTokenGrain>(request.Id);
        var id = await grain.Use(ResourceIdText.NewHex());
        var made = await call.Grains.GetGrain<IAccessTokenGrain>(id).Create(new()
        {
            Id = id,
            Secret = vault.Seal(ResourceIdText.NewHex()),
            ConsumerId = consumer.Id,
            ProjectId = request.ProjectId,
            AuthorizerId = user,
            Roles = request.Roles,
            ExpiresAt = End(now, call.Get<IOptions<IdentityOptions>>().Value.AccessTokenLifetime),
        });
        await grain.Forget();
        return new FormReply(made.Id, vault.Open(made.Secret), made.ExpiresAt);
    }

    private static async Task<RequestTokenState> Find(Call call, string id)
    {
        var request = await call.Get<IdentityIndex>().FindRequestToken(id, call.Aborted) ?? throw Fault.NotFound("Request token not found");
        return request.ExpiresAt < call.Get<TimeProvider>().GetUtcNow() ? throw IdentityFaults.Unauthorized() : request;
    }

    private static DateTimeOffset? End(DateTimeOffset now, TimeSpan lifetime) => lifetime > TimeSpan.Zero
        ? TokenPayload.ToSeconds(now + lifetime)
        : null;

    private static string Hash(string verifier) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(verifier)));

    /// <summary>A token as OAuth1 answers it.</summary>
    private sealed class FormReply(string id, string secret, DateTimeOffset? end) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.StatusCode = 201;
            http.Response.ContentType = "application/x-www-form-urlencoded";
            var text = $"oauth_token={id}&oauth_token_secret={secret}" + (end is { } at ? $"&oauth_expires_at={Wire.Micros(at)}" : "");
            await http.Response.WriteAsync(text, http.RequestAborted);
        }
    }
}
