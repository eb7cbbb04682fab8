using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Credentials;

/// <summary><c>/ec2tokens</c> and <c>/s3tokens</c>: a service that got a request signed Amazon's way asks who signed it, and gets a token
/// (source: <c>keystone/api/_shared/EC2_S3_Resource.py</c>). Whatever is wrong with a signature, the answer is the same.</summary>
internal static class SignedRequestEndpoints
{
    private static readonly string[] TimeForms =
    [
        "yyyyMMdd'T'HHmmss'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd'T'HH:mm:ss",
    ];

    internal static Task<IResult> Ec2(Call call) => Answer(call, static (credentials, access, secret) =>
        Ec2Signature.IsRight(Ec2Request.Of(credentials, access), secret));

    internal static async Task<IResult> S3(Call call)
    {
        var answer = await Answer(call, static (credentials, _, secret) => IsRightForS3(credentials, secret));
        call.Http.Response.Headers.Remove("X-Subject-Token");
        return answer;
    }

    private static async Task<IResult> Answer(Call call, Func<JsonElement, string, string, bool> isRight)
    {
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.EnumerateObject().Any())
            throw Fault.BadRequest("ValidationError", "request must include a request body");
        var credentials = Credentials(call.Body);
        if (credentials.ValueKind != JsonValueKind.Object || !credentials.TryGetProperty("access", out var named)
            || named.ValueKind != JsonValueKind.String)
            throw IdentityFaults.Unauthorized();
        var access = named.GetString()!;
        var id = CredentialEndpoints.IdOfAccessKey(access);
        var credential = await call.Get<IdentityIndex>().FindCredential(id, call.Aborted)
            ?? throw IdentityFaults.NotFound("credential", id);
        if (credential.ProjectId is not { } project || !CredentialEndpoints.IsEc2(credential.Type))
            throw IdentityFaults.Unauthorized();
        var blob = CredentialEndpoints.ReadBlob(call.Get<CredentialVault>().Open(credential.Secret));
        if (CredentialEndpoints.Text(blob, "secret") is not { } secret || !isRight(credentials, access, secret))
            throw IdentityFaults.Unauthorized();
        RequireFresh(call, Ec2Request.Of(credentials, access).Timestamp);
        var token = await Issue(call, credential.UserId, project, name => CredentialEndpoints.Text(blob, name));
        return await TokenEndpoints.Render(call, token, 200);
    }

    private static JsonElement Credentials(JsonElement body)
    {
        foreach (var name in (string[])["credentials", "credential", "ec2Credentials"])
        {
            if (body.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.Object)
                return found;
        }

        return default;
    }

    // What was made with lent rights gives a token with the same rights, and no more.
    private static async Task<KnownToken> Issue(Call call, UserId owner, ProjectId project, Func<string, string?> ofBlob)
    {
        var index = call.Get<IdentityIndex>();
        var trustId = ofBlob("trust_id");
        if (trustId is not null)
        {
            var trust = await index.FindTrust(trustId, call.Aborted);
            if (trust?.ProjectId != project)
                throw IdentityFaults.Unauthorized();
            // With impersonation the credential is in the trustor's name; the token is the trustee's all the same.
            if (trust.Impersonation)
                owner = trust.TrusteeId;
        }

        var user = await index.FindUser(owner.Text, call.Aborted) ?? throw IdentityFaults.Unauthorized();
        var proof = new AuthProof(user)
        {
            AppCredentialId = trustId is null ? ofBlob("app_cred_id") : null,
            AccessTokenId = trustId is null && ofBlob("app_cred_id") is null ? ofBlob("access_token_id") : null,
        };
        if (proof.AppCredentialId is { } id && await index.FindAppCredential(id, call.Aborted) is { ExpiresAt: { } end })
            proof = proof with { ExpiresAt = end };
        return await call.Get<Authenticator>().Issue(proof, TokenMethods.Ec2Credential, project.Text, trustId, call.Aborted);
    }

    private static void RequireFresh(Call call, string? timestamp)
    {
        if (timestamp is null)
            return;
        if (!DateTimeOffset.TryParseExact(timestamp, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var signed)
            || call.Get<TimeProvider>().GetUtcNow() > signed + call.Get<IOptions<IdentityOptions>>().Value.Ec2SignatureLifetime)
            throw IdentityFaults.Unauthorized();
    }

    private static bool IsRightForS3(JsonElement credentials, string secret)
    {
        if (!Text(credentials, "token", out var encoded) || !Text(credentials, "signature", out var signature))
            return false;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(encoded.Length)];
        if (Base64Url.DecodeFromChars(encoded.AsSpan().TrimEnd('='), bytes, out _, out var length) != OperationStatus.Done)
            return false;
        var signed = bytes.AsSpan(0, length);
        if (!signed.StartsWith("AWS4"u8))
            return Ec2Signature.Equal(signature, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), signed)));
        var lines = Encoding.UTF8.GetString(signed).Split('\n');
        var scope = lines.Length == 4 && lines[0] == "AWS4-HMAC-SHA256" ? lines[2].Split('/') : [];
        if (scope.Length != 4 || scope[3] != "aws4_request" || scope[2] is not ("s3" or "iam" or "sts"))
            return false;
        var key = Ec2Signature.V4Key(secret, scope[0], scope[1], scope[2]);
        return Ec2Signature.Equal(signature, Convert.ToHexStringLower(HMACSHA256.HashData(key, signed)));
    }

    private static bool Text(JsonElement element, string name, out string text)
    {
        var there = element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String;
        text = there ? value.GetString()! : "";
        return there;
    }
}
