using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Xml;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>What a provider says about a user, once it is sure that it does.</summary>
/// <param name="Id">The assertion's id.</param>
/// <param name="ExpiresAt">When it means nothing any more.</param>
/// <param name="Name">What the provider calls the user.</param>
/// <param name="Attributes">What it says; several values of one name are joined by semicolons.</param>
internal sealed record VerifiedAssertion(
    string Id, DateTimeOffset ExpiresAt, string? Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Tells whether a SAML 2 response is a provider's, for this cloud, and of now (SAML 2.0 core and profiles). Only what was signed
/// is read.</summary>
internal sealed class SamlVerifier(SamlTrust trust, IReadOnlyList<X509Certificate2> certificates, string[] recipients, DateTimeOffset now)
{
    /// <summary>This cloud's private keys, PEM, for assertions that are encrypted.</summary>
    internal IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Whether an id is that of a request which this cloud sent to the provider.</summary>
    internal Func<string, bool> IsRequest { get; init; } = static _ => false;

    private TimeSpan Skew => TimeSpan.FromSeconds(trust.ClockSkewSeconds);

    /// <summary>The assertion of a response. Throws <see cref="AssertionRefusedException"/> when it proves nothing.</summary>
    /// <param name="xml">A response, or a SOAP envelope around one.</param>
    internal VerifiedAssertion Verify(string xml)
    {
        var document = SamlXml.Parse(xml);
        SamlSignature.RequireUniqueIds(document);
        var response = Response(document.DocumentElement!);
        RequireResponse(response);
        // Either may be signed; a signature that is there must hold. The response's is over the assertion as it came, still encrypted.
        var responseSigned = SamlSignature.IsSigned(response, certificates, trust.AllowSha1);
        var assertion = Assertion(response);
        if (!SamlSignature.IsSigned(assertion, certificates, trust.AllowSha1) && !responseSigned)
            throw new AssertionRefusedException("Neither the response nor its assertion is signed.");
        return Read(assertion, response.GetAttribute("InResponseTo"));
    }

    private XmlElement Assertion(XmlElement response)
    {
        var plain = response.Child(SamlXml.Assertion, "Assertion");
        if (response.Child(SamlXml.Assertion, "EncryptedAssertion") is not { } encrypted)
            return plain ?? throw new AssertionRefusedException("The response holds no assertion that can be read.");
        if (plain is not null)
            throw new AssertionRefusedException("The response holds two assertions.");
        var opened = SamlEncryption.Open(encrypted, Keys);
        SamlSignature.RequireUniqueIds(opened.OwnerDocument);
        return opened;
    }

    // A provider may begin by itself, unless the settings say otherwise; what it says to answer must have been asked.
    private void RequireRequest(string answered)
    {
        if (answered.Length == 0 ? trust.RequireInResponseTo : !IsRequest(answered))
            throw new AssertionRefusedException("The response answers nothing that was asked here.");
    }

    private static XmlElement Response(XmlElement root)
    {
        if (root.NamespaceURI == SamlXml.Soap && root.LocalName == "Envelope")
        {
            return root.Child(SamlXml.Soap, "Body")?.Child(SamlXml.Protocol, "Response")
                ?? throw new AssertionRefusedException("The envelope holds no response.");
        }

        return root.NamespaceURI == SamlXml.Protocol && root.LocalName == "Response"
            ? root
            : throw new AssertionRefusedException("What was sent is no response.");
    }

    private void RequireResponse(XmlElement response)
    {
        var code = response.Child(SamlXml.Protocol, "Status")?.Child(SamlXml.Protocol, "StatusCode")?.GetAttribute("Value");
        if (code != SamlXml.Success)
            throw new AssertionRefusedException("The provider says that the login failed.");
        if (response.GetAttribute("Destination") is { Length: > 0 } to && !recipients.Contains(to))
            throw new AssertionRefusedException("The response was sent to somebody else.");
        if (response.Child(SamlXml.Assertion, "Issuer") is { } issuer && issuer.InnerText.Trim() != trust.EntityId)
            throw new AssertionRefusedException("The response is another provider's.");
    }

    private VerifiedAssertion Read(XmlElement assertion, string answered)
    {
        RequireRequest(answered);
        if (assertion.GetAttribute("Version") != "2.0" || assertion.Child(SamlXml.Assertion, "Issuer")?.InnerText.Trim() != trust.EntityId)
            throw new AssertionRefusedException("The assertion is another provider's.");
        RequireConditions(assertion);
        var subject = assertion.Child(SamlXml.Assertion, "Subject") ?? throw new AssertionRefusedException("The assertion has no subject.");
        var end = subject.Children(SamlXml.Assertion, "SubjectConfirmation").Select(Confirmed).Max()
            ?? throw new AssertionRefusedException("The assertion is not confirmed for its bearer, here and now.");
        foreach (var login in assertion.Children(SamlXml.Assertion, "AuthnStatement"))
        {
            if (Time(login, "SessionNotOnOrAfter") is { } over && over + Skew <= now)
                throw new AssertionRefusedException("The session with the provider is over.");
        }

        var name = subject.Child(SamlXml.Assertion, "NameID")?.InnerText.Trim();
        return new(assertion.Required("ID"), end + Skew, name, Attributes(assertion));
    }

    private void RequireConditions(XmlElement assertion)
    {
        var conditions = assertion.Child(SamlXml.Assertion, "Conditions");
        if (Time(conditions, "NotBefore") is { } begin && begin - Skew > now)
            throw new AssertionRefusedException("The assertion is not good yet.");
        if (Time(conditions, "NotOnOrAfter") is { } end && end + Skew <= now)
            throw new AssertionRefusedException("The assertion has expired.");
        var audiences = conditions?.Children(SamlXml.Assertion, "AudienceRestriction").ToArray() ?? [];
        if (audiences.Length == 0 && trust.RequireAudience)
            throw new AssertionRefusedException("The assertion does not say for whom it is.");
        if (!audiences.All(restriction => restriction.Children(SamlXml.Assertion, "Audience").Any(
                audience => trust.Audiences.Contains(audience.InnerText.Trim()))))
            throw new AssertionRefusedException("The assertion is for another audience.");
    }

    // Until when a confirmation holds; null when it is none for whoever brings it here.
    private DateTimeOffset? Confirmed(XmlElement confirmation)
    {
        if (confirmation.GetAttribute("Method") != SamlXml.Bearer
            || confirmation.Child(SamlXml.Assertion, "SubjectConfirmationData") is not { } data)
            return null;
        if (data.GetAttribute("InResponseTo") is { Length: > 0 } answered && !IsRequest(answered))
            return null;
        return recipients.Contains(data.GetAttribute("Recipient")) && Time(data, "NotOnOrAfter") is { } end && end + Skew > now
            && (Time(data, "NotBefore") is not { } begin || begin - Skew <= now) ? end : null;
    }

    private static Dictionary<string, string> Attributes(XmlElement assertion)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in assertion.Children(SamlXml.Assertion, "AttributeStatement").SelectMany(
            static statement => statement.Children(SamlXml.Assertion, "Attribute")))
        {
            var values = string.Join(';', attribute.Children(SamlXml.Assertion, "AttributeValue").Select(
                static value => value.InnerText.Trim()));
            foreach (var name in new[] { attribute.Required("Name"), attribute.GetAttribute("FriendlyName") }.Distinct())
            {
                if (name.Length > 0)
                    found[name] = found.TryGetValue(name, out var earlier) ? $"{earlier};{values}" : values;
            }
        }

        return found;
    }

    private static DateTimeOffset? Time(XmlElement? element, string name)
    {
        if (element?.GetAttribute(name) is not { Length: > 0 } text)
            return null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new AssertionRefusedException($"{name} is no time.");
    }
}
