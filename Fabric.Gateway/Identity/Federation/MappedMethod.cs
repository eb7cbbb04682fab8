using System.Text.Json;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>By what an identity provider says, or by the token that came of it (source: <c>keystone/auth/plugins/mapped.py</c>, which
/// answers to several names).</summary>
internal sealed class MappedMethod(string name, FederatedLogin login, TokenValidator tokens, FederatedRescope federated) : IAuthMethod
{
    /// <summary>The names.</summary>
    internal static readonly string[] Names = ["mapped", "saml2", "openid"];

    public string Name => name;

    public async Task<AuthProof> Prove(JsonElement data, AuthAttempt attempt)
    {
        if (data.TryGetProperty("id", out var token))
            return await ByToken(token, attempt.Aborted);
        var provider = Required(data, "identity_provider");
        var protocol = Required(data, "protocol");
        var proof = attempt.Request.Proof ?? PresentedProof.OfHeader(attempt.Http.Request);
        return await login.Prove(provider, protocol, proof, attempt.Http.Request.Path, attempt.Aborted);
    }

    // What came of the login stays: whose word it was, and the groups. The new token ends with the old one.
    private async Task<AuthProof> ByToken(JsonElement id, CancellationToken ct)
    {
        var text = id.ValueKind == JsonValueKind.String ? id.GetString()! : throw NoToken();
        var known = await tokens.Find(text, ct) ?? throw IdentityFaults.NotFound("token", text);
        var payload = known.Token.Payload;
        if (payload.IdentityProviderId is null)
            throw NoToken();
        await federated.Require(payload, ct);
        return new(known.Token.User)
        {
            ExpiresAt = payload.ExpiresAt,
            IdentityProviderId = payload.IdentityProviderId,
            ProtocolId = payload.ProtocolId,
            GroupIds = payload.GroupIds,
        };
    }

    private static Fault NoToken() => Fault.BadRequest("ValidationError", "The id is not that of a token of a federated user.");

    private static string Required(JsonElement data, string member) =>
        data.TryGetProperty(member, out var value) ? Text(value) : throw IdentityFaults.Missing(member, "mapped");

    private static string Text(JsonElement value) => Http.Schemas.PythonRepr.Display(value);
}
