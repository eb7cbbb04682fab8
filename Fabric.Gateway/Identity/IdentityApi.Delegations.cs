using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Credentials;
using Fabric.Gateway.Identity.Delegation;
using Fabric.Gateway.Identity.OAuth;
using Fabric.Gateway.Identity.Tokens;
using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <content>Credentials, and what lends rights.</content>
internal static partial class IdentityApi
{
    private static void AddTokens(this IServiceCollection services)
    {
        services.AddSingleton<FernetKeys>();
        services.AddSingleton<JwsKeys>();
        services.AddSingleton<JwsTokens>();
        services.AddSingleton<TokenTexts>();
        services.AddSingleton<TokenResolver>();
        services.AddSingleton<TokenEra>();
        services.AddSingleton<RevocationLog>();
        services.AddSingleton<CatalogReplies>();
        services.AddSingleton<TokenValidator>();
        services.AddSingleton<ITokenValidator>(static provider => provider.GetRequiredService<TokenValidator>());
        services.AddSingleton<UserProof>();
        services.AddSingleton<ExternalUsers>();
        services.AddSingleton<AuthReceipts>();
        services.AddSingleton<IAuthMethod, PasswordMethod>();
        services.AddSingleton<IAuthMethod, TokenMethod>();
        services.AddSingleton<IAuthMethod, AppCredentialMethod>();
        services.AddSingleton<IAuthMethod, TotpMethod>();
        services.AddSingleton<IAuthMethod, OAuthMethod>();
        services.AddSingleton<IAuthMethod, ExternalMethod>();
        foreach (var name in Federation.MappedMethod.Names)
        {
            services.AddSingleton<IAuthMethod>(provider =>
                ActivatorUtilities.CreateInstance<Federation.MappedMethod>(provider, name));
        }
        services.AddSingleton<Authenticator>();
    }

    private static void AddDelegations(this IServiceCollection services)
    {
        services.AddSingleton<CredentialVault>();
        services.AddSingleton<CredentialReseal>();
        services.AddHostedService(static provider => provider.GetRequiredService<CredentialReseal>());
    }

    private static Route[] Delegations() =>
    [
        .. Credentials(), .. AppCredentials(), .. Trusts(), .. OAuth(),
        new("GET", "/OS-REVOKE/events", RevocationEndpoints.List, ListRevokeEvents),
        new("GET", "/auth/tokens/OS-PKI/revoked", RevocationEndpoints.Refused, NoLonger),
        new("GET", "/OS-SIMPLE-CERT/ca", RevocationEndpoints.Gone, NoLonger),
        new("GET", "/OS-SIMPLE-CERT/certificates", RevocationEndpoints.Gone, NoLonger),
    ];

    private static Route[] Credentials() =>
    [
        new("GET", "/credentials", CredentialEndpoints.List, ListCredentials),
        new("POST", "/credentials", CredentialEndpoints.Create, CreateCredential)
            { Body = DelegationSchemas.CreateCredential, Target = DelegationTargets.NewCredential },
        new("GET", "/credentials/{credential_id}", CredentialEndpoints.Show, GetCredential),
        new("PATCH", "/credentials/{credential_id}", CredentialEndpoints.Update, UpdateCredential)
            { Body = DelegationSchemas.UpdateCredential },
        new("DELETE", "/credentials/{credential_id}", CredentialEndpoints.Delete, DeleteCredential),
        new("GET", "/users/{user_id}/credentials/OS-EC2", Ec2CredentialEndpoints.List, Ec2ListCredentials),
        new("POST", "/users/{user_id}/credentials/OS-EC2", Ec2CredentialEndpoints.Create, Ec2CreateCredential)
            { Body = DelegationSchemas.CreateEc2 },
        new("GET", "/users/{user_id}/credentials/OS-EC2/{credential_id}", Ec2CredentialEndpoints.Show, Ec2GetCredential)
        {
            AskedLater = true,
        },
        new("DELETE", "/users/{user_id}/credentials/OS-EC2/{credential_id}", Ec2CredentialEndpoints.Delete, Ec2DeleteCredential)
        {
            AskedLater = true,
        },
        new("POST", "/ec2tokens", SignedRequestEndpoints.Ec2, Ec2TokensValidate) { Body = DelegationSchemas.SignedRequest },
        new("POST", "/s3tokens", SignedRequestEndpoints.S3, S3TokensValidate) { Body = DelegationSchemas.SignedRequest },
    ];

    private static Route[] AppCredentials() =>
    [
        new("GET", "/users/{user_id}/application_credentials", AppCredentialEndpoints.List, ListApplicationCredentials),
        new("POST", "/users/{user_id}/application_credentials", AppCredentialEndpoints.Create, CreateApplicationCredential)
            { Body = DelegationSchemas.CreateAppCredential, Target = static call => DelegationTargets.OwnedBy(new(call.Path("user_id"))) },
        new("GET", "/users/{user_id}/application_credentials/{application_credential_id}", AppCredentialEndpoints.Show,
            GetApplicationCredential),
        new("DELETE", "/users/{user_id}/application_credentials/{application_credential_id}", AppCredentialEndpoints.Delete,
            DeleteApplicationCredential),
        new("GET", "/users/{user_id}/access_rules", AccessRuleEndpoints.List, ListAccessRules),
        new("GET", "/users/{user_id}/access_rules/{access_rule_id}", AccessRuleEndpoints.Show, GetAccessRule),
        new("DELETE", "/users/{user_id}/access_rules/{access_rule_id}", AccessRuleEndpoints.Delete, DeleteAccessRule),
    ];

    private static Route[] Trusts() =>
    [
        // The handler asks the rule of the list that is wanted; this one lets all of them through.
        new("GET", "/OS-TRUST/trusts", TrustEndpoints.List, ListTrustsForTrustor) { AskedLater = true },
        new("POST", "/OS-TRUST/trusts", TrustEndpoints.Create, CreateTrust)
            { Body = DelegationSchemas.CreateTrust, Target = DelegationTargets.NewTrust },
        new("GET", "/OS-TRUST/trusts/{trust_id}", TrustEndpoints.Show, GetTrust) { AskedLater = true },
        new("DELETE", "/OS-TRUST/trusts/{trust_id}", TrustEndpoints.Delete, DeleteTrust) { AskedLater = true },
        new("GET", "/OS-TRUST/trusts/{trust_id}/roles", TrustEndpoints.Roles, ListRolesForTrust) { AskedLater = true },
        new("GET", "/OS-TRUST/trusts/{trust_id}/roles/{role_id}", TrustEndpoints.Role, GetRoleForTrust) { AskedLater = true },
    ];

    private static Route[] OAuth() =>
    [
        new("GET", "/OS-OAUTH1/consumers", ConsumerEndpoints.List, ListConsumers),
        new("POST", "/OS-OAUTH1/consumers", ConsumerEndpoints.Create, CreateConsumer) { Body = DelegationSchemas.CreateConsumer },
        new("GET", "/OS-OAUTH1/consumers/{consumer_id}", ConsumerEndpoints.Show, GetConsumer),
        new("PATCH", "/OS-OAUTH1/consumers/{consumer_id}", ConsumerEndpoints.Update, UpdateConsumer)
            { Body = DelegationSchemas.UpdateConsumer },
        new("DELETE", "/OS-OAUTH1/consumers/{consumer_id}", ConsumerEndpoints.Delete, DeleteConsumer),
        new("POST", "/OS-OAUTH1/request_token", OAuthTokenEndpoints.Request, OAuthRequest),
        new("POST", "/OS-OAUTH1/access_token", OAuthTokenEndpoints.Access, OAuthRequest),
        new("PUT", "/OS-OAUTH1/authorize/{request_token_id}", OAuthTokenEndpoints.Authorize, AuthorizeRequestToken)
            { Body = DelegationSchemas.Authorize },
        new("POST", "/OS-OAUTH2/token", OAuth2TokenEndpoints.Create, OAuth2Token) { TakesForm = true },
        new("GET", "/OS-OAUTH2/token", OAuth2TokenEndpoints.NotAllowed, OAuth2Token),
        new("PUT", "/OS-OAUTH2/token", OAuth2TokenEndpoints.NotAllowed, OAuth2Token),
        new("PATCH", "/OS-OAUTH2/token", OAuth2TokenEndpoints.NotAllowed, OAuth2Token),
        new("DELETE", "/OS-OAUTH2/token", OAuth2TokenEndpoints.NotAllowed, OAuth2Token),
        new("GET", "/users/{user_id}/OS-OAUTH1/access_tokens", AccessTokenEndpoints.List, ListAccessTokens),
        new("GET", "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", AccessTokenEndpoints.Show, GetAccessToken),
        new("DELETE", "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", AccessTokenEndpoints.Delete, DeleteAccessToken),
        new("GET", "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles", AccessTokenEndpoints.Roles, ListAccessTokenRoles),
        new("GET", "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}", AccessTokenEndpoints.Role,
            GetAccessTokenRole),
    ];

    // What a client has written through this gateway its next request must see, whatever the gateway knew before.
    private static IEnumerable<Route> Seen(IEnumerable<Route> routes) => routes.Select(static route => route.Method == "GET"
        ? route
        : route with { Handler = call => ThenForget(route.Handler, call) });

    private static async Task<IResult> ThenForget(Handler handler, Call call)
    {
        try
        {
            return await handler(call);
        }
        finally
        {
            call.Get<TokenEra>().Forget();
        }
    }
}
