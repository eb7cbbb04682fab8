using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // OAuth consumers and tokens.
    public static readonly PolicyRule AuthorizeRequestToken =
        new("identity:authorize_request_token", IdentityChecks.Admin, "Authorize request token.",
            "PUT /v3/OS-OAUTH1/authorize/{request_token_id}") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule GetAccessToken =
        new("identity:get_access_token", IdentityChecks.Admin, "Get access token.",
            "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule GetAccessTokenRole =
        new("identity:get_access_token_role", IdentityChecks.Admin, "Get access token role.",
            "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule ListAccessTokens =
        new("identity:list_access_tokens", IdentityChecks.Admin, "List access tokens.",
            "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule ListAccessTokenRoles =
        new("identity:list_access_token_roles", IdentityChecks.Admin, "List access token roles.",
            "GET /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule DeleteAccessToken =
        new("identity:delete_access_token", IdentityChecks.Admin, "Delete access token.",
            "DELETE /v3/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule GetConsumer =
        Reader("identity:get_consumer", "Get consumer.", "GET /v3/OS-OAUTH1/consumers/{consumer_id}");
    public static readonly PolicyRule ListConsumers = Reader("identity:list_consumers", "List consumers.", "GET /v3/OS-OAUTH1/consumers");
    public static readonly PolicyRule CreateConsumer =
        Admin("identity:create_consumer", "Create consumer.", "POST /v3/OS-OAUTH1/consumers");
    public static readonly PolicyRule UpdateConsumer =
        Admin("identity:update_consumer", "Update consumer.", "PATCH /v3/OS-OAUTH1/consumers/{consumer_id}");
    public static readonly PolicyRule DeleteConsumer =
        Admin("identity:delete_consumer", "Delete consumer.", "DELETE /v3/OS-OAUTH1/consumers/{consumer_id}");
}
