namespace Fabric.Grains.Identity.Federation;

/// <summary>Settings of federation; configuration section <c>Identity:Federation</c>. Names of files are relative to identity's data
/// directory.</summary>
public sealed class FederationOptions
{
    /// <summary>Directory with a file <c>ID.json</c> for each identity provider: how to tell that something was said by it. Default:
    /// <c>federation</c>.</summary>
    public string TrustDirectory { get; set; } = "federation";

    /// <summary>Which attribute names the provider that said something, for protocols that do not say. Default: none is looked at.
    /// </summary>
    public string? RemoteIdAttribute { get; set; }

    /// <summary>For how many minutes a user stays in the groups that a login put it into, for providers that do not say. Default: 0, for as
    /// long as the token.</summary>
    public int DefaultAuthorizationTtl { get; set; }

    /// <summary>Dashboards to which a browser is sent back with its token, whole addresses, e.g.
    /// <c>https://cloud.example.org/auth/websso/</c>. Default: none.</summary>
    public IList<string> TrustedDashboards { get; } = [];

    /// <summary>How this cloud vouches for its users to others.</summary>
    public SamlIssuerOptions Saml { get; set; } = new();
}

/// <summary>How this cloud vouches for its users to others; configuration section <c>Identity:Federation:Saml</c>.</summary>
public sealed class SamlIssuerOptions
{
    /// <summary>The cloud's name as an identity provider, an address. Default: none, and nothing is vouched for.</summary>
    public string? EntityId { get; set; }

    /// <summary>Where metadata says that one logs in.</summary>
    public string? SsoEndpoint { get; set; }

    /// <summary>The certificate that metadata shows, PEM. Default: <c>saml/signing_cert.pem</c>.</summary>
    public string CertificateFile { get; set; } = "saml/signing_cert.pem";

    /// <summary>Its private key, PEM. Default: <c>saml/signing_key.pem</c>.</summary>
    public string KeyFile { get; set; } = "saml/signing_key.pem";

    /// <summary>How long an assertion is good. Default: an hour.</summary>
    public TimeSpan AssertionLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Language of the organization's names. Default: <c>en</c>.</summary>
    public string Language { get; set; } = "en";

    /// <summary>The organization and whom to ask there, as metadata shows them; what is not set is left out.</summary>
    public string? OrganizationName { get; set; }
    public string? OrganizationDisplayName { get; set; }
    public string? OrganizationUrl { get; set; }
    public string? ContactCompany { get; set; }
    public string? ContactName { get; set; }
    public string? ContactSurname { get; set; }
    public string? ContactEmail { get; set; }
    public string? ContactTelephone { get; set; }

    /// <summary><c>technical</c>, <c>support</c>, <c>administrative</c>, <c>billing</c> or <c>other</c>. Default: <c>other</c>.</summary>
    public string ContactType { get; set; } = "other";
}
