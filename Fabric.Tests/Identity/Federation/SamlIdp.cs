using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace Fabric.Tests.Identity.Federation;

/// <summary>A SAML identity provider with a key of its own.</summary>
internal sealed class SamlIdp : IDisposable
{
    internal const string Recipient = "https://cloud.test/login";
    private const string Names =
        "xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";

    private readonly RSA key = RSA.Create(2048);

    internal SamlIdp() => Certificate = new CertificateRequest("CN=idp", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    internal X509Certificate2 Certificate { get; }
    internal string KeyPem => key.ExportPkcs8PrivateKeyPem();

    public void Dispose()
    {
        Certificate.Dispose();
        key.Dispose();
    }

    /// <summary>What a response says.</summary>
    internal sealed record Said
    {
        public string Issuer { get; init; } = FederationKit.Issuer;
        public string? Audience { get; init; } = FederationKit.Audience;
        public string Recipient { get; init; } = SamlIdp.Recipient;
        public string Status { get; init; } = "urn:oasis:names:tc:SAML:2.0:status:Success";
        public string Method { get; init; } = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
        public int EndsIn { get; init; } = 300;
        public int BeginsIn { get; init; } = -10;
        public string NameId { get; init; } = "ada";
        public string Attributes { get; init; } = Attribute("mail", "ada@idp.test") + Attribute("teams", "dev", "ops");
    }

    internal static string Attribute(string name, params string[] values) => $"<saml:Attribute Name=\"{name}\">"
        + string.Concat(values.Select(static value => $"<saml:AttributeValue>{value}</saml:AttributeValue>")) + "</saml:Attribute>";

    /// <summary>A response without a signature.</summary>
    internal static XmlDocument Response(Said said)
    {
        var (now, id) = (DateTimeOffset.UtcNow, Guid.NewGuid().ToString("N"));
        string At(int seconds) => now.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var audience = said.Audience is { } name
            ? $"<saml:AudienceRestriction><saml:Audience>{name}</saml:Audience></saml:AudienceRestriction>" : "";
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml($"""
            <samlp:Response {Names} ID="r{id}" Version="2.0" IssueInstant="{At(0)}" Destination="{said.Recipient}">
              <saml:Issuer>{said.Issuer}</saml:Issuer>
              <samlp:Status><samlp:StatusCode Value="{said.Status}"/></samlp:Status>
              <saml:Assertion ID="a{id}" Version="2.0" IssueInstant="{At(0)}">
                <saml:Issuer>{said.Issuer}</saml:Issuer>
                <saml:Subject>
                  <saml:NameID>{said.NameId}</saml:NameID>
                  <saml:SubjectConfirmation Method="{said.Method}">
                    <saml:SubjectConfirmationData NotOnOrAfter="{At(said.EndsIn)}" Recipient="{said.Recipient}"/>
                  </saml:SubjectConfirmation>
                </saml:Subject>
                <saml:Conditions NotBefore="{At(said.BeginsIn)}" NotOnOrAfter="{At(said.EndsIn)}">{audience}</saml:Conditions>
                <saml:AuthnStatement AuthnInstant="{At(0)}" SessionIndex="s"/>
                <saml:AttributeStatement>{said.Attributes}</saml:AttributeStatement>
              </saml:Assertion>
            </samlp:Response>
            """);
        return document;
    }

    /// <summary>A response with its assertion signed.</summary>
    internal string Signed(Said? said = null)
    {
        var document = Response(said ?? new());
        Sign(Assertion(document));
        return document.OuterXml;
    }

    internal static XmlElement Assertion(XmlDocument document) =>
        (XmlElement)document.GetElementsByTagName("Assertion", "urn:oasis:names:tc:SAML:2.0:assertion")[0]!;

    /// <summary>Signs an element, and puts the signature into it.</summary>
    internal void Sign(XmlElement element, bool sha1 = false)
    {
        var signed = new SignedXml(element) { SigningKey = key };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = sha1 ? SignedXml.XmlDsigRSASHA1Url : SignedXml.XmlDsigRSASHA256Url;
        var reference = new Reference("#" + element.GetAttribute("ID"))
        {
            DigestMethod = sha1 ? SignedXml.XmlDsigSHA1Url : SignedXml.XmlDsigSHA256Url,
        };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.KeyInfo.AddClause(new KeyInfoX509Data(Certificate));
        signed.ComputeSignature();
        element.InsertAfter(element.OwnerDocument.ImportNode(signed.GetXml(), true),
            element["Issuer", "urn:oasis:names:tc:SAML:2.0:assertion"]);
    }
}
