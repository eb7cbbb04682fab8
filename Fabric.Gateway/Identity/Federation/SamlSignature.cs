using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Tells whether an element of a SAML document was signed by a provider. What is verified is the very element that is read
/// afterwards: its signature is its own child and refers to it alone, and no two elements of the document share an id.</summary>
internal static class SamlSignature
{
    private static readonly string[] Transforms =
    [
        SignedXml.XmlDsigEnvelopedSignatureTransformUrl, SignedXml.XmlDsigExcC14NTransformUrl,
        SignedXml.XmlDsigExcC14NWithCommentsTransformUrl, SignedXml.XmlDsigC14NTransformUrl,
    ];

    private static readonly string[] Methods =
        [SignedXml.XmlDsigRSASHA256Url, SignedXml.XmlDsigRSASHA384Url, SignedXml.XmlDsigRSASHA512Url, .. SamlEcdsa.Methods];

    private static readonly string[] Digests = [SignedXml.XmlDsigSHA256Url, SignedXml.XmlDsigSHA384Url, SignedXml.XmlDsigSHA512Url];

    /// <summary>Whether the element is signed. Refused when its signature is not the provider's.</summary>
    /// <param name="element">A response or an assertion.</param>
    /// <param name="certificates">The provider's.</param>
    /// <param name="allowSha1">Whether SHA-1 will do.</param>
    internal static bool IsSigned(XmlElement element, IReadOnlyList<X509Certificate2> certificates, bool allowSha1)
    {
        if (element.Child(SamlXml.Signature, "Signature") is not { } signature)
            return false;
        var id = element.Required("ID");
        var signed = new OneElement(element, id);
        try
        {
            signed.LoadXml(signature);
            RequireForm(signed, id, allowSha1);
            if (!certificates.Any(certificate => IsBy(signed, certificate)))
                throw new AssertionRefusedException($"No certificate of the provider made the signature of the {element.LocalName}.");
            return true;
        }
        catch (Exception error) when (error is CryptographicException or FormatException)
        {
            throw new AssertionRefusedException("A signature cannot be read: " + error.Message);
        }
    }

    /// <summary>Refused when two elements share an id.</summary>
    internal static void RequireUniqueIds(XmlDocument document)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var element in document.GetElementsByTagName("*").OfType<XmlElement>())
        {
            foreach (var name in (ReadOnlySpan<string>)["ID", "Id", "id", "xml:id"])
            {
                if (element.HasAttribute(name) && !seen.Add(element.GetAttribute(name)))
                    throw new AssertionRefusedException("Two elements share an id.");
            }
        }
    }

    private static void RequireForm(SignedXml signed, string id, bool allowSha1)
    {
        if (signed.SignedInfo is not { } info || info.References.Count != 1 || info.References[0] is not Reference reference
            || reference.Uri != "#" + id)
            throw new AssertionRefusedException("A signature is of something else than the element it stands in.");
        var (method, digest, form) = (info.SignatureMethod ?? "", reference.DigestMethod ?? "", info.CanonicalizationMethod ?? "");
        if ((method == SignedXml.XmlDsigRSASHA1Url || digest == SignedXml.XmlDsigSHA1Url) && !allowSha1)
            throw new AssertionRefusedException("A signature uses SHA-1.");
        if ((!Methods.Contains(method) && method != SignedXml.XmlDsigRSASHA1Url)
            || (!Digests.Contains(digest) && digest != SignedXml.XmlDsigSHA1Url) || !Transforms[1..].Contains(form))
            throw new AssertionRefusedException("A signature's algorithm is not allowed.");
        string[] transforms =
            [.. Enumerable.Range(0, reference.TransformChain.Count).Select(i => reference.TransformChain[i].Algorithm ?? "")];
        if (transforms.Length > 2 || transforms.Except(Transforms).Any()
            || !transforms.Contains(SignedXml.XmlDsigEnvelopedSignatureTransformUrl))
            throw new AssertionRefusedException("A signature's transforms are not allowed.");
    }

    // The key is the operator's word, never the document's.
    private static bool IsBy(SignedXml signed, X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = SamlEcdsa.Methods.Contains(signed.SignedInfo!.SignatureMethod)
            ? certificate.GetECDsaPublicKey() : certificate.GetRSAPublicKey();
        return key is not null && signed.CheckSignature(key);
    }

    /// <summary>Knows one element by id, whatever else the document holds.</summary>
    private sealed class OneElement : SignedXml
    {
        private readonly XmlElement element;
        private readonly string id;

        internal OneElement(XmlElement element, string id)
            : base(element) => (this.element, this.id) = (element, id);

        public override XmlElement? GetIdElement(XmlDocument? document, string idValue) => idValue == id ? element : null;
    }
}
