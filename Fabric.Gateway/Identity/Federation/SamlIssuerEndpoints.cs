using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>This cloud as an identity provider of others: <c>/OS-FEDERATION/saml2/metadata</c>, <c>/auth/OS-FEDERATION/saml2</c> and
/// <c>/auth/OS-FEDERATION/saml2/ecp</c>.</summary>
internal static class SamlIssuerEndpoints
{
    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

    internal static Task<IResult> Metadata(Call call)
    {
        var issuer = call.Get<SamlIssuer>();
        var settings = issuer.Settings;
        using var certificate = Usable(issuer.Certificate);
        var metadata = SamlMetadata.Of(settings, Convert.ToBase64String(certificate.RawData));
        return Task.FromResult(Xml(metadata.ToString(SaveOptions.DisableFormatting)));
    }

    internal static async Task<IResult> Assertion(Call call)
    {
        var (response, _) = await Vouch(call);
        return Xml(response.OuterXml);
    }

    /// <summary>The same in the envelope of an enhanced client, which sends it on as it is.</summary>
    internal static async Task<IResult> Envelope(Call call)
    {
        var (response, to) = await Vouch(call);
        var state = System.Security.SecurityElement.Escape(to.RelayStatePrefix + Guid.NewGuid().ToString("N"));
        // The response is put in as text: read anew, what is signed could come out another way.
        return Xml($"<soap:Envelope xmlns:soap=\"{SamlXml.Soap}\"><soap:Header><ecp:RelayState xmlns:ecp=\"{SamlXml.Ecp}\" "
            + "soap:actor=\"http://schemas.xmlsoap.org/soap/actor/next\" soap:mustUnderstand=\"1\">"
            + $"{state}</ecp:RelayState></soap:Header><soap:Body>{response.OuterXml}</soap:Body></soap:Envelope>");
    }

    /// <summary>An assertion is not there to be looked up.</summary>
    internal static Task<IResult> NotAllowed(Call call) =>
        throw new Fault(FaultKind.MethodNotAllowed, "MethodNotAllowed", "The method is not allowed for the requested URL.");

    private static async Task<(XmlDocument Response, ServiceProviderState To)> Vouch(Call call)
    {
        var auth = call.Body.GetProperty("auth");
        var id = auth.GetProperty("scope").GetProperty("service_provider").GetProperty("id").GetString()!;
        var to = await call.Get<FederationIndex>().FindServiceProvider(id, call.Aborted) ?? throw FederationFaults.NoServiceProvider(id);
        if (!to.Enabled)
            throw FederationFaults.Forbidden();
        var text = auth.GetProperty("identity").GetProperty("token").GetProperty("id").GetString()!;
        var known = await call.Get<TokenValidator>().Find(text, call.Aborted) ?? throw IdentityFaults.NotFound("token", text);
        if (known.Token.Payload.Scope != TokenScope.Project)
        {
            throw IdentityFaults.ForbiddenAction(
                "Use a project scoped token when attempting to create a SAML assertion");
        }

        var issuer = call.Get<SamlIssuer>();
        _ = issuer.Settings;
        call.Http.Response.Headers["X-sp-url"] = to.SpUrl;
        call.Http.Response.Headers["X-auth-url"] = to.AuthUrl;
        try
        {
            return (await issuer.Vouch(known.Token, to.SpUrl, call.Aborted), to);
        }
        catch (Exception error) when (IsUnusableKey(error))
        {
            throw NoKey();
        }
    }

    private static T Usable<T>(Func<T> load)
    {
        try
        {
            return load();
        }
        catch (Exception error) when (IsUnusableKey(error))
        {
            throw NoKey();
        }
    }

    private static bool IsUnusableKey(Exception error) =>
        error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException;

    private static Fault NoKey() =>
        Fault.Unavailable("This cloud cannot vouch for its users now: the key or the certificate that it signs with cannot be read.");

    private static IResult Xml(string xml) => Results.Content(Declaration + xml, "text/xml", Encoding.UTF8);
}
