using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Tokens, what a token may have, and what was revoked.
    public static readonly PolicyRule AuthCatalog =
        new("identity:get_auth_catalog", IdentityChecks.Anybody, "Get auth catalog.", "GET /v3/auth/catalog");
    public static readonly PolicyRule AuthProjects =
        new("identity:get_auth_projects", IdentityChecks.Anybody, "Get auth projects.", "GET /v3/auth/projects");
    public static readonly PolicyRule AuthDomains =
        new("identity:get_auth_domains", IdentityChecks.Anybody, "Get auth domains.", "GET /v3/auth/domains");
    public static readonly PolicyRule AuthSystem =
        new("identity:get_auth_system", IdentityChecks.Anybody, "Get auth system.", "GET /v3/auth/system");
    public static readonly PolicyRule ListRevokeEvents =
        new("identity:list_revoke_events", "rule:service_or_admin", "List revoke events.", "GET /v3/OS-REVOKE/events")
        { Scopes = SystemOrProject };
    public static readonly PolicyRule S3TokensValidate =
        new("identity:s3tokens_validate", "rule:service_or_admin", "S3 tokens validate.", "POST /v3/s3tokens") { Scopes = Everywhere };
    public static readonly PolicyRule Ec2TokensValidate =
        new("identity:ec2tokens_validate", "rule:service_or_admin", "EC2 tokens validate.", "POST /v3/ec2tokens") { Scopes = Everywhere };
    public static readonly PolicyRule RevocationList =
        new("identity:revocation_list", "rule:service_or_admin", "Revocation list.", "GET /v3/auth/tokens/OS-PKI/revoked")
        { Scopes = SystemOrProject };
    public static readonly PolicyRule CheckToken =
        new("identity:check_token", "rule:admin_required or (role:reader and system_scope:all) or rule:token_subject", "Check token.")
        { Scopes = Everywhere, Deprecated = "rule:admin_or_token_subject" };
    public static readonly PolicyRule ValidateToken =
        new("identity:validate_token",
            "rule:admin_required or (role:reader and system_scope:all) or rule:service_role or rule:token_subject",
            "Validate token.", "GET /v3/auth/tokens") { Scopes = Everywhere, Deprecated = "rule:service_admin_or_token_subject" };
    public static readonly PolicyRule RevokeToken =
        new("identity:revoke_token", "rule:admin_required or rule:token_subject", "Revoke token.", "DELETE /v3/auth/tokens")
        { Scopes = Everywhere, Deprecated = "rule:admin_or_token_subject" };
}
