using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What the files say that a SAML provider's settings name: with which certificates it signs, where it logs people in, and with
/// which keys of this cloud its assertions are opened.</summary>
internal sealed record SamlTrustFiles(IReadOnlyList<X509Certificate2> Certificates, string? SsoUrl, IReadOnlyList<string> Keys)
    : IDisposable
{
    private const string Redirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";

    /// <summary>Reads them. Refused when one cannot be read, or when none says how to tell the provider's signature.</summary>
    internal static SamlTrustFiles Read(SamlTrust trust, string directory)
    {
        try
        {
            var certificates = trust.Certificates.Select(
                file => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, file))).ToList();
            var role = trust.MetadataFile is { } file ? Role(SamlXml.Parse(File.ReadAllText(Path.Combine(directory, file))), trust) : null;
            if (role is not null)
                certificates.AddRange(Signing(role));
            if (certificates.Count == 0)
                throw new AssertionRefusedException("The settings name no certificate of the provider.");
            return new(certificates, trust.SsoUrl ?? Address(role),
                [.. trust.DecryptionKeys.Select(key => File.ReadAllText(Path.Combine(directory, key)))]);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new AssertionRefusedException("A file that the provider's settings name cannot be read: " + error.Message);
        }
    }

    public void Dispose()
    {
        foreach (var certificate in Certificates)
            certificate.Dispose();
    }

    // Metadata may be of one provider or of many.
    private static XmlElement Role(XmlDocument metadata, SamlTrust trust) =>
        metadata.GetElementsByTagName("EntityDescriptor", SamlXml.Metadata).OfType<XmlElement>()
            .FirstOrDefault(entity => entity.GetAttribute("entityID") == trust.EntityId)?
            .Children(SamlXml.Metadata, "IDPSSODescriptor").FirstOrDefault()
        ?? throw new AssertionRefusedException("The metadata does not know the provider.");

    private static IEnumerable<X509Certificate2> Signing(XmlElement role) => role.Children(SamlXml.Metadata, "KeyDescriptor")
        .Where(static key => key.GetAttribute("use") is "" or "signing")
        .SelectMany(static key => key.GetElementsByTagName("X509Certificate", SamlXml.Signature).OfType<XmlElement>())
        .Select(static certificate => X509CertificateLoader.LoadCertificate(
            Convert.FromBase64String(string.Concat(certificate.InnerText.Where(static c => !char.IsWhiteSpace(c))))));

    private static string? Address(XmlElement? role) => role?.Children(SamlXml.Metadata, "SingleSignOnService")
        .FirstOrDefault(static service => service.GetAttribute("Binding") == Redirect)?.GetAttribute("Location");
}
