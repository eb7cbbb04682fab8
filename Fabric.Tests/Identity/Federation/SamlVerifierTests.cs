using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Fabric.Gateway.Identity.Federation;

namespace Fabric.Tests.Identity.Federation;

/// <summary>A document that another program signed: <c>xmlsec1</c>, which is what most of Python's identity providers sign with.</summary>
public sealed class SamlVerifierTests
{
    private static readonly DateTimeOffset Then = new(2030, 1, 1, 0, 1, 0, TimeSpan.Zero);

    [Fact]
    public void What_xmlsec1_signed_is_read()
    {
        var said = Verify(Document(), Then);
        Assert.Equal(("_a1", "ada@idp.test"), (said.Id, said.Name));
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 6, 0, TimeSpan.Zero), said.ExpiresAt.AddTicks(-1_234_560));
        Assert.Equal(("ada", "ada", "dev;ops"),
            (said.Attributes["uid"], said.Attributes["urn:oid:0.9.2342.19200300.100.1.1"], said.Attributes["groups"]));
    }

    [Theory]
    [InlineData(">dev<", ">root<")]
    [InlineData("ID=\"_a1\"", "ID=\"_a2\"")]
    [InlineData("<saml:Audience>fabric", "<saml:Audience>other")]
    public void What_was_changed_afterwards_is_refused(string from, string to) =>
        Assert.Throws<AssertionRefusedException>(() => Verify(Document().Replace(from, to, StringComparison.Ordinal), Then));

    [Theory]
    [InlineData(-181)]
    [InlineData(301)]
    public void It_is_good_for_its_time_alone(int seconds) =>
        Assert.Throws<AssertionRefusedException>(() => Verify(Document(), Then.AddSeconds(seconds)));

    private static VerifiedAssertion Verify(string xml, DateTimeOffset now)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(PathOf("xmlsec1.pem"));
        var trust = new SamlTrust
        {
            EntityId = FederationKit.Issuer, Certificates = ["xmlsec1.pem"], Audiences = [FederationKit.Audience],
        };
        return new SamlVerifier(trust, [certificate], [SamlIdp.Recipient], now).Verify(xml);
    }

    private static string Document() => File.ReadAllText(PathOf("xmlsec1.xml"));

    private static string PathOf(string name, [CallerFilePath] string source = "") =>
        Path.Combine(Path.GetDirectoryName(source)!, "Documents", name);
}
