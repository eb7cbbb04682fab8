using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What an identity provider says about somebody, proven: the attributes that Keystone's mappings read from its web server's
/// environment, under the names that the modules of that server give them.</summary>
internal sealed class AssertionReader(
    OpenIdProof tokens, SamlRequestIds requests, IGrainFactory grains, TimeProvider time, IOptions<IdentityOptions> identity,
    IOptions<FederationOptions> options)
{
    /// <summary>The attribute that names the user where the mapping does not.</summary>
    internal const string RemoteUser = "REMOTE_USER";

    /// <summary>The attributes. Throws <see cref="AssertionRefusedException"/> when nothing is proven. A SAML assertion proves once.
    /// </summary>
    internal async Task<IReadOnlyDictionary<string, string>> Read(
        string provider, string protocol, PresentedProof proof, PathString path, CancellationToken ct)
    {
        var directory = identity.Value.PathOf(options.Value.TrustDirectory);
        var trust = await TrustSettings.Find(directory, provider, protocol, ct)
            ?? throw new AssertionRefusedException("Nothing is said about how to trust the provider by this protocol.");
        if (trust.Openid is { } openId && (proof.Claims ?? (proof.Bearer is { } bearer
            ? await tokens.Verify(bearer, openId, directory, ct) : null)) is { } claims)
            return OfClaims(claims, openId);
        if (trust.Saml2 is { } saml && proof.Saml is { } xml)
            return await OfSaml(provider, protocol, saml, directory, xml, path, ct);
        throw new AssertionRefusedException("There is no proof of a kind that the provider is trusted by.");
    }

    /// <summary>Where SAML responses may be sent for a login at a path; none when the settings do not say.</summary>
    internal string[] Recipients(SamlTrust trust, PathString path) => trust.Recipients.Count > 0
        ? [.. trust.Recipients]
        : identity.Value.PublicUrl is { } address ? [address.TrimEnd('/') + path] : [];

    private async Task<IReadOnlyDictionary<string, string>> OfSaml(
        string provider, string protocol, SamlTrust trust, string directory, string xml, PathString path, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        using var files = SamlTrustFiles.Read(trust, directory);
        var verified = new SamlVerifier(trust, files.Certificates, Recipients(trust, path), time.GetUtcNow())
        {
            Keys = files.Keys, IsRequest = id => requests.IsOurs(id, provider, protocol),
        }.Verify(xml);
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(provider + "\n" + verified.Id)));
        if (!await grains.GetGrain<IUsedAssertionGrain>(key).Use(verified.ExpiresAt))
            throw new AssertionRefusedException("The assertion was used before.");
        return OfAssertion(verified, trust);
    }

    // As mod_shib and mod_auth_mellon name them. What names the provider is ours to say, whatever attributes it has.
    private static Dictionary<string, string> OfAssertion(VerifiedAssertion verified, SamlTrust trust)
    {
        var said = verified.Attributes.ToDictionary(
            one => trust.AttributePrefix + one.Key, static one => one.Value, StringComparer.Ordinal);
        said["Shib-Identity-Provider"] = trust.EntityId;
        said["MELLON_IDP"] = trust.EntityId;
        said.Remove(RemoteUser);
        if (verified.Name is { Length: > 0 } name)
        {
            said["MELLON_NAME_ID"] = name;
            said[RemoteUser] = name;
        }

        return said;
    }

    // As mod_auth_openidc names them, in its environment and in its headers.
    private static Dictionary<string, string> OfClaims(JsonElement claims, OpenIdTrust trust)
    {
        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var claim in claims.EnumerateObject())
        {
            var text = Text(claim.Value);
            said["OIDC-" + claim.Name] = text;
            said["HTTP_OIDC_" + string.Concat(claim.Name.Select(
                static c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'))] = text;
        }

        said["HTTP_OIDC_ISS"] = trust.Issuer;
        if (claims.TryGetProperty(trust.RemoteUserClaim, out var user))
            said[RemoteUser] = Text(user);
        return said;
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        JsonValueKind.Null => "",
        JsonValueKind.Array => string.Join(';', value.EnumerateArray().Select(Text)),
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
