using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;
using Microsoft.Extensions.Options;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Vouches for a token's user to another cloud: a signed SAML 2 response (source: class <c>SAMLGenerator</c> in
/// <c>keystone/federation/idp.py</c>, which signs with SHA-1 where we use SHA-256).</summary>
internal sealed class SamlIssuer(
    IdentityIndex index, TimeProvider time, IOptions<IdentityOptions> identity, IOptions<FederationOptions> options)
{
    private const string EntityFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    private const string PasswordContext = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";

    private static readonly XNamespace Saml = SamlXml.Assertion;
    private static readonly XNamespace Samlp = SamlXml.Protocol;

    /// <summary>The settings, with a name for this cloud; 501 when it has none.</summary>
    internal SamlIssuerOptions Settings => options.Value.Saml is { EntityId.Length: > 0 } settings
        ? settings
        : throw Fault.NotImplemented("This cloud does not vouch for its users: it has no name as an identity provider.");

    /// <summary>The certificate that this cloud signs with, without its key.</summary>
    internal X509Certificate2 Certificate() =>
        X509CertificateLoader.LoadCertificateFromFile(identity.Value.PathOf(Settings.CertificateFile));

    /// <summary>The response for a project's token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="recipient">Where it is sent.</param>
    /// <param name="ct">Stops.</param>
    internal async Task<XmlDocument> Vouch(ResolvedToken token, string recipient, CancellationToken ct)
    {
        var id = NewId();
        var response = Response(token, recipient, id, await Groups(token, ct));
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using (var reader = response.CreateReader())
            document.Load(reader);
        await Sign(document.DocumentElement!.Child(SamlXml.Assertion, "Assertion")!, id, ct);
        return document;
    }

    private XElement Response(ResolvedToken token, string recipient, string id, IReadOnlyList<string> groups)
    {
        var settings = Settings;
        var now = time.GetUtcNow();
        var (issued, end) = (Seconds(now), Http.Wire.Micros(now + settings.AssertionLifetime));
        XElement Issuer() => new(Saml + "Issuer", new XAttribute("Format", EntityFormat), settings.EntityId);
        return new(Samlp + "Response",
            new XAttribute(XNamespace.Xmlns + "samlp", Samlp), new XAttribute(XNamespace.Xmlns + "saml", Saml),
            new XAttribute("Destination", recipient), new XAttribute("ID", NewId()),
            new XAttribute("IssueInstant", issued), new XAttribute("Version", "2.0"),
            Issuer(),
            new XElement(Samlp + "Status", new XElement(Samlp + "StatusCode", new XAttribute("Value", SamlXml.Success))),
            new XElement(Saml + "Assertion",
                new XAttribute("ID", id), new XAttribute("IssueInstant", issued), new XAttribute("Version", "2.0"),
                Issuer(),
                new XElement(Saml + "Subject",
                    new XElement(Saml + "NameID", token.User.Name),
                    new XElement(Saml + "SubjectConfirmation", new XAttribute("Method", SamlXml.Bearer),
                        new XElement(Saml + "SubjectConfirmationData",
                            new XAttribute("NotOnOrAfter", end), new XAttribute("Recipient", recipient)))),
                new XElement(Saml + "AuthnStatement",
                    new XAttribute("AuthnInstant", issued), new XAttribute("SessionIndex", Guid.NewGuid().ToString("N")),
                    new XAttribute("SessionNotOnOrAfter", end),
                    new XElement(Saml + "AuthnContext",
                        new XElement(Saml + "AuthnContextClassRef", PasswordContext),
                        new XElement(Saml + "AuthenticatingAuthority", settings.EntityId))),
                Attributes(token, groups)));
    }

    private static XElement Attributes(ResolvedToken token, IReadOnlyList<string> groups)
    {
        var statement = new XElement(Saml + "AttributeStatement",
            Attribute("openstack_user", [token.User.Name]),
            Attribute("openstack_roles", [.. token.Roles.Select(static role => role.Name)]),
            Attribute("openstack_project", [token.Project!.Name]),
            Attribute("openstack_project_domain", [token.ProjectDomain!.Name]),
            Attribute("openstack_user_domain", [token.UserDomain.Name]));
        if (groups.Count > 0)
            statement.Add(Attribute("openstack_groups", groups));
        return statement;
    }

    private static XElement Attribute(string name, IReadOnlyList<string> values) => new(Saml + "Attribute",
        new XAttribute("Name", name), values.Select(static value => new XElement(Saml + "AttributeValue", value)));

    // In the form that the mapping of the other cloud reads again.
    private async Task<IReadOnlyList<string>> Groups(ResolvedToken token, CancellationToken ct)
    {
        var found = new List<string>();
        foreach (var group in await index.GroupsOf(token.User.Id, ct))
        {
            var domain = (await index.FindDomain(group.DomainId.Text, ct))?.Name ?? "";
            found.Add($"JSON:{{\"name\": {JsonSerializer.Serialize(group.Name)}, \"domain\": "
                + $"{{\"name\": {JsonSerializer.Serialize(domain)}}}}}");
        }

        return found;
    }

    private async Task Sign(XmlElement assertion, string id, CancellationToken ct)
    {
        using var key = RSA.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(identity.Value.PathOf(Settings.KeyFile), ct));
        using var certificate = Certificate();
        var signed = new SignedXml(assertion) { SigningKey = key };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = SignedXml.XmlDsigRSASHA256Url;
        var reference = new Reference("#" + id) { DigestMethod = SignedXml.XmlDsigSHA256Url };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.KeyInfo.AddClause(new KeyInfoX509Data(certificate));
        signed.ComputeSignature();
        assertion.InsertAfter(assertion.OwnerDocument.ImportNode(signed.GetXml(), deep: true),
            assertion.Child(SamlXml.Assertion, "Issuer"));
    }

    // A name in XML does not begin with a digit.
    private static string NewId() => "_" + Guid.NewGuid().ToString("N");

    private static string Seconds(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
