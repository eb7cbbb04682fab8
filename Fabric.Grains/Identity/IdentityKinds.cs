namespace Fabric.Grains.Identity;

/// <summary>The kinds under which identity's records stand in the index: the names of the grains' states.</summary>
public static class IdentityKinds
{
    public const string User = "user";
    public const string Project = "project";
    public const string UserDomain = "user_domain";
    public const string UserLogin = "user_login";
    public const string Group = "group";
    public const string GroupMember = "group_member";
    public const string Role = "role";
    public const string Assignment = "role_assignment";
    public const string Service = "service";
    public const string Endpoint = "endpoint";
    public const string Region = "region";
    public const string EndpointGroup = "endpoint_group";
    public const string EndpointLink = "endpoint_link";
    public const string Policy = "policy";
    public const string EndpointPolicy = "endpoint_policy";
    public const string RegisteredLimit = "registered_limit";
    public const string Limit = "limit";
    public const string DomainConfig = "domain_config";
    public const string RevokedToken = "revoked_token";
    public const string Credential = "credential";
    public const string AppCredential = "app_credential";
    public const string AccessRule = "access_rule";
    public const string Trust = "trust";
    public const string Consumer = "oauth_consumer";
    public const string RequestToken = "oauth_request_token";
    public const string AccessToken = "oauth_access_token";
    public const string Bootstrap = "identity_bootstrap";

    /// <summary>What decides whether a token is good, and for what.</summary>
    public static readonly IReadOnlyList<string> Tokens =
        [User, Project, UserDomain, Group, GroupMember, Role, Assignment, .. Delegations,
        Federation.FederationKinds.Provider, Federation.FederationKinds.Groups];

    /// <summary>What lends the rights of others to a token.</summary>
    private static IReadOnlyList<string> Delegations => [AppCredential, Trust, Consumer, AccessToken];

    /// <summary>What voids tokens before their time. Apart from the rest: each voids few tokens, so none is looked up anew for
    /// it.</summary>
    public static readonly IReadOnlyList<string> Revocations = [RevokedToken];

    /// <summary>What the catalog is made of.</summary>
    public static readonly IReadOnlyList<string> Catalog = [Service, Endpoint, Region, EndpointGroup, EndpointLink];
}
