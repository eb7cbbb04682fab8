using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using Fabric.Gateway.Identity.Federation;

namespace Fabric.Tests.Identity.Federation;

/// <summary>Documents that pysaml2 signed and xmlsec1 encrypted, metadata that pysaml2 wrote, and elliptic curves.</summary>
public sealed class SamlDocumentTests
{
    private static readonly DateTimeOffset Then = new(2026, 11, 26, 9, 45, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("pysaml2.xml")]
    [InlineData("pysaml2-aes256-cbc.xml")]
    [InlineData("pysaml2-aes128-gcm.xml")]
    public void What_another_provider_signed_or_encrypted_is_read(string name)
    {
        var said = Verify(Read(name), File.ReadAllText(PathOf("sp.key")));
        Assert.Equal(("ada", "dev;ops"), (said.Name, said.Attributes["eduPersonAffiliation"]));
    }

    [Theory]
    [InlineData("pysaml2-rsa15.xml")]
    [InlineData("pysaml2-aes256-cbc.xml", true)]
    public void What_cannot_be_opened_or_is_sealed_weakly_is_refused(string name, bool anotherKey = false)
    {
        using var other = RSA.Create(2048);
        var key = anotherKey ? other.ExportPkcs8PrivateKeyPem() : File.ReadAllText(PathOf("sp.key"));
        Assert.Throws<AssertionRefusedException>(() => Verify(Read(name), key));
        Assert.Throws<AssertionRefusedException>(() => Verify(Read(name)));
    }

    [Theory]
    [InlineData("pysaml2-aes256-cbc.xml")]
    [InlineData("pysaml2-aes128-gcm.xml")]
    public void An_encrypted_assertion_that_was_changed_is_refused(string name)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(Read(name));
        var values = document.GetElementsByTagName("CipherValue", "http://www.w3.org/2001/04/xmlenc#");
        foreach (var value in values.OfType<XmlElement>())
        {
            var whole = value.InnerText;
            var bytes = Convert.FromBase64String(whole);
            bytes[bytes.Length / 2] ^= 1;
            value.InnerText = Convert.ToBase64String(bytes);
            Assert.Throws<AssertionRefusedException>(() => Verify(document.OuterXml, File.ReadAllText(PathOf("sp.key"))));
            value.InnerText = whole;
        }
    }

    [Fact]
    public void An_assertion_beside_an_encrypted_one_is_refused()
    {
        var plain = new XmlDocument { PreserveWhitespace = true };
        plain.LoadXml(Read("pysaml2.xml"));
        var sealedToo = new XmlDocument { PreserveWhitespace = true };
        sealedToo.LoadXml(Read("pysaml2-aes256-cbc.xml"));
        sealedToo.DocumentElement!.AppendChild(sealedToo.ImportNode(SamlIdp.Assertion(plain), true));
        Assert.Throws<AssertionRefusedException>(() => Verify(sealedToo.OuterXml, File.ReadAllText(PathOf("sp.key"))));
    }

    [Fact]
    public void Metadata_says_all_certificates_and_where_one_logs_in()
    {
        using var rsa = RSA.Create(2048);
        using var second = New(rsa);
        var metadata = Read("pysaml2-metadata.xml");
        var role = metadata.IndexOf("<ns0:IDPSSODescriptor", StringComparison.Ordinal);
        var begin = metadata.IndexOf('>', role) + 1;
        metadata = metadata.Insert(begin, "<ns0:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
            + $"<ds:X509Data><ds:X509Certificate>{Convert.ToBase64String(second.RawData)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
            + "</ns0:KeyDescriptor>");
        var folder = Directory.CreateTempSubdirectory("fabric-metadata-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "idp.xml"), metadata);
            using var files = SamlTrustFiles.Read(new() { EntityId = FederationKit.Issuer, MetadataFile = "idp.xml" }, folder);
            Assert.Equal("https://idp.test/sso", files.SsoUrl);
            Assert.Contains(second.Thumbprint, files.Certificates.Select(static one => one.Thumbprint));
            Assert.True(files.Certificates.Count >= 2);
            Assert.Equal("ada", new SamlVerifier(Trust(), files.Certificates, [SamlIdp.Recipient], Then).Verify(Read("pysaml2.xml")).Name);
            Assert.Throws<AssertionRefusedException>(
                () => SamlTrustFiles.Read(new() { EntityId = "https://other.test", MetadataFile = "idp.xml" }, folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("256")]
    [InlineData("384")]
    [InlineData("512")]
    public void Elliptic_curves_sign_as_well(string bits)
    {
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=idp", curve, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var document = SamlIdp.Response(new());
        var assertion = SamlIdp.Assertion(document);
        Sign(assertion, curve, bits);
        var verifier = new SamlVerifier(Trust(), [certificate], [SamlIdp.Recipient], DateTimeOffset.UtcNow);

        Assert.Equal("ada", verifier.Verify(document.OuterXml).Name);

        Assert.Throws<AssertionRefusedException>(
            () => verifier.Verify(document.OuterXml.Replace(">ada<", ">eve<", StringComparison.Ordinal)));
        using var rsa = RSA.Create(2048);
        using var other = New(rsa);
        Assert.Throws<AssertionRefusedException>(
            () => new SamlVerifier(Trust(), [other], [SamlIdp.Recipient], DateTimeOffset.UtcNow).Verify(document.OuterXml));
    }

    [Fact]
    public void What_answers_must_answer_what_was_asked()
    {
        using var idp = new SamlIdp();
        var document = SamlIdp.Response(new());
        document.DocumentElement!.SetAttribute("InResponseTo", "_asked");
        idp.Sign(SamlIdp.Assertion(document));
        var xml = document.OuterXml;
        SamlVerifier With(Func<string, bool> asked, bool required = false) => new(
            Trust() with { RequireInResponseTo = required }, [idp.Certificate], [SamlIdp.Recipient], DateTimeOffset.UtcNow)
        {
            IsRequest = asked,
        };

        Assert.Equal("ada", With(static id => id == "_asked").Verify(xml).Name);
        Assert.Throws<AssertionRefusedException>(() => With(static id => id == "_other").Verify(xml));
        Assert.Equal("ada", With(static _ => false).Verify(idp.Signed()).Name);
        Assert.Throws<AssertionRefusedException>(() => With(static _ => false, required: true).Verify(idp.Signed()));
    }

    private static void Sign(XmlElement assertion, ECDsa curve, string bits)
    {
        // What knows these algorithms is loaded with the first document that is looked at.
        Assert.Contains(SamlEcdsa.Methods, method => method.EndsWith(bits, StringComparison.Ordinal));
        var signed = new SignedXml(assertion) { SigningKey = curve };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha" + bits;
        var reference = new Reference("#" + assertion.GetAttribute("ID")) { DigestMethod = SignedXml.XmlDsigSHA256Url };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.ComputeSignature();
        assertion.InsertAfter(assertion.OwnerDocument.ImportNode(signed.GetXml(), true),
            assertion["Issuer", "urn:oasis:names:tc:SAML:2.0:assertion"]);
    }

    private static X509Certificate2 New(RSA key) => new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    private static VerifiedAssertion Verify(string xml, params string[] keys)
    {
        using var files = SamlTrustFiles.Read(
            new() { EntityId = FederationKit.Issuer, MetadataFile = "pysaml2-metadata.xml" }, Path.GetDirectoryName(PathOf("x"))!);
        return new SamlVerifier(Trust(), files.Certificates, [SamlIdp.Recipient], Then) { Keys = keys }.Verify(xml);
    }

    private static SamlTrust Trust() => new() { EntityId = FederationKit.Issuer, Audiences = [FederationKit.Audience] };

    private static string Read(string name) => File.ReadAllText(PathOf(name), Encoding.UTF8);

    private static string PathOf(string name, [CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "Documents", name);
}
