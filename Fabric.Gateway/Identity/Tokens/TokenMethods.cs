namespace Fabric.Gateway.Identity.Tokens;

/// <summary>How a token's holder proved who it is. The values stand in tokens: none ever changes its meaning.</summary>
[Flags]
internal enum TokenMethods : uint
{
    None = 0,
    Password = 1,
    Token = 1 << 1,
    ApplicationCredential = 1 << 2,
    Totp = 1 << 3,
    External = 1 << 4,
    OAuth1 = 1 << 5,
    Mapped = 1 << 6,
    Saml2 = 1 << 7,
    OpenId = 1 << 8,
    Kerberos = 1 << 9,
    X509 = 1 << 10,
    Ec2Credential = 1 << 16,
    OAuth2Credential = 1 << 17,
}

/// <summary>Methods by the names they have on the wire.</summary>
internal static class TokenMethodNames
{
    // In the order in which tokens show them, which is the opposite of that in which Keystone's settings do.
    private static readonly (TokenMethods Method, string Name)[] All =
    [
        (TokenMethods.OAuth2Credential, "oauth2_credential"),
        (TokenMethods.Ec2Credential, "ec2credential"),
        (TokenMethods.X509, "x509"),
        (TokenMethods.Kerberos, "kerberos"),
        (TokenMethods.OpenId, "openid"),
        (TokenMethods.Saml2, "saml2"),
        (TokenMethods.Totp, "totp"),
        (TokenMethods.ApplicationCredential, "application_credential"),
        (TokenMethods.Mapped, "mapped"),
        (TokenMethods.OAuth1, "oauth1"),
        (TokenMethods.Token, "token"),
        (TokenMethods.Password, "password"),
        (TokenMethods.External, "external"),
    ];

    private const TokenMethods Delegated = TokenMethods.ApplicationCredential | TokenMethods.OAuth1 | TokenMethods.Ec2Credential
        | TokenMethods.OAuth2Credential;

    /// <summary>The names of all methods in the set.</summary>
    internal static string[] Of(TokenMethods methods) =>
        [.. All.Where(one => methods.HasFlag(one.Method)).Select(static one => one.Name)];

    /// <summary>Of some names those of methods, in the order of Keystone's settings.</summary>
    internal static IEnumerable<string> InOrder(IReadOnlySet<string> names) =>
        Enumerable.Reverse(All).Select(static one => one.Name).Where(names.Contains);

    /// <summary>The method of that name; none when nobody knows it.</summary>
    internal static TokenMethods Parse(string name) => All.FirstOrDefault(one => one.Name == name).Method;

    /// <summary>Whether somebody else's right was lent, rather than one's own proven (source:
    /// <c>keystone/api/_shared/delegation.py</c>).</summary>
    internal static bool AreDelegated(this TokenMethods methods) => methods == TokenMethods.None || (methods & Delegated) != 0;
}
