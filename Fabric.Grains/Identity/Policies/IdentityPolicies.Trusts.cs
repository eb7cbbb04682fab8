using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Trusts.
    public static readonly PolicyRule CreateTrust =
        new("identity:create_trust", "user_id:%(target.trust.trustor_user_id)s", "Create trust.", "POST /v3/OS-TRUST/trusts")
        { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule ListTrusts = Reader("identity:list_trusts", "List trusts.", "GET /v3/OS-TRUST/trusts");
    public static readonly PolicyRule ListTrustsForTrustor =
        new("identity:list_trusts_for_trustor",
            "(rule:admin_required) or (role:reader and system_scope:all "
            + "or user_id:%(target.trust.trustor_user_id)s)",
            "List trusts for trustor.", "GET /v3/OS-TRUST/trusts?trustor_user_id={trustor_user_id}") { Scopes = SystemOrProject };
    public static readonly PolicyRule ListTrustsForTrustee =
        new("identity:list_trusts_for_trustee",
            "(rule:admin_required) or (role:reader and system_scope:all "
            + "or user_id:%(target.trust.trustee_user_id)s)",
            "List trusts for trustee.", "GET /v3/OS-TRUST/trusts?trustee_user_id={trustee_user_id}") { Scopes = SystemOrProject };
    public static readonly PolicyRule ListRolesForTrust =
        new("identity:list_roles_for_trust",
            "(rule:admin_required) or (role:reader and system_scope:all "
            + "or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)",
            "List roles for trust.", "GET /v3/OS-TRUST/trusts/{trust_id}/roles")
        { Scopes = SystemOrProject, Deprecated = "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s" };
    public static readonly PolicyRule GetRoleForTrust =
        new("identity:get_role_for_trust",
            "(rule:admin_required) or (role:reader and system_scope:all "
            + "or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)",
            "Get role for trust.", "GET /v3/OS-TRUST/trusts/{trust_id}/roles/{role_id}")
        { Scopes = SystemOrProject, Deprecated = "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s" };
    public static readonly PolicyRule DeleteTrust =
        new("identity:delete_trust", "rule:admin_required or user_id:%(target.trust.trustor_user_id)s", "Delete trust.",
            "DELETE /v3/OS-TRUST/trusts/{trust_id}")
        { Scopes = SystemOrProject, Deprecated = "user_id:%(target.trust.trustor_user_id)s" };
    public static readonly PolicyRule GetTrust =
        new("identity:get_trust",
            "(rule:admin_required) or (role:reader and system_scope:all "
            + "or user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s)",
            "Get trust.", "GET /v3/OS-TRUST/trusts/{trust_id}")
        { Scopes = SystemOrProject, Deprecated = "user_id:%(target.trust.trustor_user_id)s or user_id:%(target.trust.trustee_user_id)s" };
}
