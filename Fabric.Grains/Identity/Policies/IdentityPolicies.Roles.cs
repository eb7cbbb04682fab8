using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Roles and their implications.
    public static readonly PolicyRule GetImplied =
        Reader("identity:get_implied_role", "Get implied role.", "GET /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule ListImplied =
        Reader("identity:list_implied_roles", "List implied roles.", "GET /v3/roles/{prior_role_id}/implies");
    public static readonly PolicyRule CreateImplied =
        Admin("identity:create_implied_role", "Create implied role.", "PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule DeleteImplied =
        Admin("identity:delete_implied_role", "Delete implied role.", "DELETE /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule ListInferences =
        Reader("identity:list_role_inference_rules", "List role inference rules.", "GET /v3/role_inferences");
    public static readonly PolicyRule CheckImplied =
        Reader("identity:check_implied_role", "Check implied role.", "HEAD /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule GetRole = Reader("identity:get_role", "Get role.", "GET /v3/roles/{role_id}");
    public static readonly PolicyRule ListRoles = Reader("identity:list_roles", "List roles.", "GET /v3/roles");
    public static readonly PolicyRule CreateRole = Admin("identity:create_role", "Create role.", "POST /v3/roles");
    public static readonly PolicyRule UpdateRole = Admin("identity:update_role", "Update role.", "PATCH /v3/roles/{role_id}");
    public static readonly PolicyRule DeleteRole = Admin("identity:delete_role", "Delete role.", "DELETE /v3/roles/{role_id}");
    public static readonly PolicyRule GetDomainRole = Reader("identity:get_domain_role", "Get domain role.", "GET /v3/roles/{role_id}");
    public static readonly PolicyRule ListDomainRoles =
        Reader("identity:list_domain_roles", "List domain roles.", "GET /v3/roles?domain_id={domain_id}");
    public static readonly PolicyRule CreateDomainRole = Admin("identity:create_domain_role", "Create domain role.", "POST /v3/roles");
    public static readonly PolicyRule UpdateDomainRole =
        Admin("identity:update_domain_role", "Update domain role.", "PATCH /v3/roles/{role_id}");
    public static readonly PolicyRule DeleteDomainRole =
        Admin("identity:delete_domain_role", "Delete domain role.", "DELETE /v3/roles/{role_id}");
}
