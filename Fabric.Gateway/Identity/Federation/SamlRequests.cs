using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Asks an identity provider to log somebody in: a browser is sent there (SAML 2.0 bindings, HTTP redirect), an enhanced client
/// carries the request itself (SAML 2.0 profiles, ECP).</summary>
internal sealed class SamlRequests(
    AssertionReader assertions, SamlRequestIds ids, TimeProvider time, IOptions<IdentityOptions> identity,
    IOptions<FederationOptions> options)
{
    /// <summary>What an enhanced client says that it takes, and gets.</summary>
    internal const string EnhancedType = "application/vnd.paos+xml";

    private const string Paos = "urn:liberty:paos:2003-08";
    private const string Actor = "http://schemas.xmlsoap.org/soap/actor/next";

    private static readonly XNamespace Samlp = SamlXml.Protocol;
    private static readonly XNamespace Saml = SamlXml.Assertion;
    private static readonly XNamespace Soap = SamlXml.Soap;

    /// <summary>Where to send a browser; null when the provider does not say where one logs in.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="path">Where the browser comes back to.</param>
    /// <param name="state">What it brings along when it does.</param>
    /// <param name="ct">Stops.</param>
    internal async Task<string?> LoginAddress(
        string provider, string protocol, PathString path, string state, CancellationToken ct)
    {
        if (await Find(provider, protocol, ct) is not { } trust || Address(trust) is not { } address
            || assertions.Recipients(trust, path) is not [var back, ..])
            return null;
        var request = Request(ids.New(provider, protocol), trust, back, "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST");
        request.SetAttributeValue("Destination", address);
        using var packed = new MemoryStream();
        await using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            await deflate.WriteAsync(Encoding.UTF8.GetBytes(request.ToString(SaveOptions.DisableFormatting)), ct);
        var text = Uri.EscapeDataString(Convert.ToBase64String(packed.ToArray()));
        return $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}SAMLRequest={text}"
            + $"&RelayState={Uri.EscapeDataString(state)}";
    }

    /// <summary>What an enhanced client is to bring to the provider; null for a protocol that is none of SAML.</summary>
    internal async Task<string?> Envelope(string provider, string protocol, PathString path, CancellationToken ct)
    {
        if (await Find(provider, protocol, ct) is not { } trust || assertions.Recipients(trust, path) is not [var back, ..])
            return null;
        XNamespace ecp = SamlXml.Ecp;
        XNamespace paos = Paos;
        XAttribute[] ForNext() => [new(Soap + "mustUnderstand", "1"), new(Soap + "actor", Actor)];
        var envelope = new XElement(Soap + "Envelope", new XAttribute(XNamespace.Xmlns + "S", Soap),
            new XElement(Soap + "Header",
                new XElement(paos + "Request", new XAttribute(XNamespace.Xmlns + "paos", paos), ForNext(),
                    new XAttribute("responseConsumerURL", back), new XAttribute("service", SamlXml.Ecp)),
                new XElement(ecp + "Request", new XAttribute(XNamespace.Xmlns + "ecp", ecp), ForNext(),
                    new XAttribute("IsPassive", "0"), new XElement(Saml + "Issuer", Name(trust, back))),
                new XElement(ecp + "RelayState", new XAttribute(XNamespace.Xmlns + "ecp", ecp), ForNext(),
                    ServiceProviderState.DefaultRelayStatePrefix + Guid.NewGuid().ToString("N"))),
            new XElement(Soap + "Body", Request(ids.New(provider, protocol), trust, back, "urn:oasis:names:tc:SAML:2.0:bindings:PAOS")));
        return envelope.ToString(SaveOptions.DisableFormatting);
    }

    private async Task<SamlTrust?> Find(string provider, string protocol, CancellationToken ct) =>
        (await TrustSettings.Find(identity.Value.PathOf(options.Value.TrustDirectory), provider, protocol, ct))?.Saml2;

    private string? Address(SamlTrust trust)
    {
        using var files = SamlTrustFiles.Read(trust, identity.Value.PathOf(options.Value.TrustDirectory));
        return files.SsoUrl;
    }

    private XElement Request(string id, SamlTrust trust, string back, string binding) => new(Samlp + "AuthnRequest",
        new XAttribute(XNamespace.Xmlns + "samlp", Samlp), new XAttribute(XNamespace.Xmlns + "saml", Saml),
        new XAttribute("ID", id), new XAttribute("Version", "2.0"),
        new XAttribute("IssueInstant", time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)),
        new XAttribute("AssertionConsumerServiceURL", back), new XAttribute("ProtocolBinding", binding),
        new XElement(Saml + "Issuer", Name(trust, back)));

    // As what the provider knows this cloud.
    private static string Name(SamlTrust trust, string back) => trust.Audiences.FirstOrDefault() ?? back;
}
