using System.Xml;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>SAML's XML, read without anything that a document could make us fetch or expand.</summary>
internal static class SamlXml
{
    internal const string Protocol = "urn:oasis:names:tc:SAML:2.0:protocol";
    internal const string Assertion = "urn:oasis:names:tc:SAML:2.0:assertion";
    internal const string Metadata = "urn:oasis:names:tc:SAML:2.0:metadata";
    internal const string Signature = "http://www.w3.org/2000/09/xmldsig#";
    internal const string Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    internal const string Ecp = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp";
    internal const string Success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    internal const string Bearer = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    private const int MostCharacters = 512 * 1024;

    /// <summary>The document; refused when it is none, or has a document type.</summary>
    internal static XmlDocument Parse(string xml)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MostCharacters,
        };
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), settings);
            var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
            document.Load(reader);
            return document;
        }
        catch (XmlException error)
        {
            throw new AssertionRefusedException("What was sent is no XML that is read here: " + error.Message);
        }
    }

    /// <summary>The children of that name.</summary>
    internal static IEnumerable<XmlElement> Children(this XmlElement parent, string space, string name) =>
        parent.ChildNodes.OfType<XmlElement>().Where(child => child.NamespaceURI == space && child.LocalName == name);

    /// <summary>The one child of that name; null for none, refused when there are more.</summary>
    internal static XmlElement? Child(this XmlElement parent, string space, string name)
    {
        var children = parent.Children(space, name).Take(2).ToArray();
        return children.Length < 2 ? children.FirstOrDefault()
            : throw new AssertionRefusedException($"There is more than one {name} where one may be.");
    }

    /// <summary>An attribute that must be there.</summary>
    internal static string Required(this XmlElement element, string name) =>
        element.GetAttribute(name) is { Length: > 0 } value
            ? value
            : throw new AssertionRefusedException($"A {element.LocalName} has no {name}.");
}
