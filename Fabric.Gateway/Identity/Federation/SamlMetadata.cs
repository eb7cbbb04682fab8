using System.Xml.Linq;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What others must know to trust this cloud's word for its users (source: class <c>MetadataGenerator</c> in
/// <c>keystone/federation/idp.py</c>).</summary>
internal static class SamlMetadata
{
    private static readonly XNamespace Md = SamlXml.Metadata;
    private static readonly XNamespace Ds = SamlXml.Signature;

    /// <summary>The document.</summary>
    /// <param name="settings">Who this cloud is.</param>
    /// <param name="certificate">What it signs with, base 64.</param>
    internal static XElement Of(SamlIssuerOptions settings, string certificate)
    {
        var role = new XElement(Md + "IDPSSODescriptor", new XAttribute("protocolSupportEnumeration", SamlXml.Protocol),
            new XElement(Md + "KeyDescriptor", new XAttribute("use", "signing"),
                new XElement(Ds + "KeyInfo", new XElement(Ds + "X509Data", new XElement(Ds + "X509Certificate", certificate)))));
        AddOrganization(role, settings);
        AddContact(role, settings);
        role.Add(
            new XElement(Md + "NameIDFormat", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
            new XElement(Md + "SingleSignOnService", new XAttribute("Binding", "urn:oasis:names:tc:SAML:2.0:bindings:URI"),
                new XAttribute("Location", settings.SsoEndpoint ?? settings.EntityId!)));
        return new(Md + "EntityDescriptor",
            new XAttribute(XNamespace.Xmlns + "md", Md), new XAttribute(XNamespace.Xmlns + "ds", Ds),
            new XAttribute("entityID", settings.EntityId!), role);
    }

    private static void AddOrganization(XElement role, SamlIssuerOptions settings)
    {
        if (settings is not { OrganizationName: { } name, OrganizationDisplayName: { } shown, OrganizationUrl: { } url })
            return;
        XElement In(string element, string text) => new(Md + element, new XAttribute(XNamespace.Xml + "lang", settings.Language), text);
        role.Add(new XElement(Md + "Organization",
            In("OrganizationName", name), In("OrganizationDisplayName", shown), In("OrganizationURL", url)));
    }

    private static void AddContact(XElement role, SamlIssuerOptions settings)
    {
        if (settings is not { ContactCompany: { } company, ContactName: { } name, ContactSurname: { } surname,
            ContactEmail: { } email, ContactTelephone: { } telephone })
            return;
        role.Add(new XElement(Md + "ContactPerson", new XAttribute("contactType", settings.ContactType),
            new XElement(Md + "Company", company), new XElement(Md + "GivenName", name), new XElement(Md + "SurName", surname),
            new XElement(Md + "EmailAddress", email), new XElement(Md + "TelephoneNumber", telephone)));
    }
}
