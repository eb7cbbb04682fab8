using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Application credentials and their access rules.
    public static readonly PolicyRule GetAccessRule =
        new("identity:get_access_rule", "(role:reader and system_scope:all) or user_id:%(target.user.id)s", "Get access rule.",
            "GET /v3/users/{user_id}/access_rules/{access_rule_id}") { Scopes = SystemOrProject };
    public static readonly PolicyRule ListAccessRules =
        new("identity:list_access_rules", "(role:reader and system_scope:all) or user_id:%(target.user.id)s", "List access rules.",
            "GET /v3/users/{user_id}/access_rules") { Scopes = SystemOrProject };
    public static readonly PolicyRule DeleteAccessRule =
        new("identity:delete_access_rule", "(role:admin and system_scope:all) or user_id:%(target.user.id)s", "Delete access rule.",
            "DELETE /v3/users/{user_id}/access_rules/{access_rule_id}") { Scopes = SystemOrProject };
    public static readonly PolicyRule GetApplicationCredential =
        new("identity:get_application_credential",
            "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner",
            "Get application credential.", "GET /v3/users/{user_id}/application_credentials/{application_credential_id}")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule ListApplicationCredentials =
        new("identity:list_application_credentials",
            "(rule:admin_required) or (role:reader and system_scope:all) or rule:owner",
            "List application credentials.", "GET /v3/users/{user_id}/application_credentials")
        { Scopes = SystemOrProject, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule CreateApplicationCredential =
        new("identity:create_application_credential", "user_id:%(user_id)s", "Create application credential.",
            "POST /v3/users/{user_id}/application_credentials") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule DeleteApplicationCredential =
        new("identity:delete_application_credential", "rule:admin_or_owner", "Delete application credential.",
            "DELETE /v3/users/{user_id}/application_credentials/{application_credential_id}") { Scopes = SystemOrProject };
}
