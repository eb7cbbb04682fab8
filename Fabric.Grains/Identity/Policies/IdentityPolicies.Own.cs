using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <content>What Keystone asks no rule for.</content>
public static partial class IdentityPolicies
{
    /// <summary>Who asks proves itself by its signature.</summary>
    public static readonly PolicyRule OAuthRequest = new("fabric:identity:oauth1_token", Check.Anyone,
        "Get an OAuth1 request token, or an access token for one that was granted.",
        "POST /v3/OS-OAUTH1/request_token", "POST /v3/OS-OAUTH1/access_token");

    /// <summary>Who asks proves itself by its application credential.</summary>
    public static readonly PolicyRule OAuth2Token = new("fabric:identity:oauth2_token", Check.Anyone,
        "Get an OAuth 2.0 access token.", "POST /v3/OS-OAUTH2/token");

    /// <summary>What is gone is gone for all.</summary>
    public static readonly PolicyRule NoLonger = new("fabric:identity:no_longer", Check.Anyone, "What Keystone had for PKI tokens.",
        "GET /v3/auth/tokens/OS-PKI/revoked", "GET /v3/OS-SIMPLE-CERT/ca", "GET /v3/OS-SIMPLE-CERT/certificates");
}
