using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Limits of projects and domains.
    public static readonly PolicyRule GetLimitModel =
        new("identity:get_limit_model", IdentityChecks.Anybody, "Get limit model.", "GET /v3/limits/model") { Scopes = Everywhere };
    public static readonly PolicyRule GetLimit =
        new("identity:get_limit",
            "rule:admin_required or (role:reader and system_scope:all) or (domain_id:%(target.limit.domain.id)s "
            + "or domain_id:%(target.limit.project.domain_id)s) or (project_id:%(target.limit.project_id)s "
            + "and not None:%(target.limit.project_id)s)",
            "Get limit.", "GET /v3/limits/{limit_id}") { Scopes = Everywhere };
    public static readonly PolicyRule ListLimits =
        new("identity:list_limits", IdentityChecks.Anybody, "List limits.", "GET /v3/limits") { Scopes = Everywhere };
    public static readonly PolicyRule CreateLimits = Admin("identity:create_limits", "Create limits.", "POST /v3/limits");
    public static readonly PolicyRule UpdateLimit = Admin("identity:update_limit", "Update limit.", "PATCH /v3/limits/{limit_id}");
    public static readonly PolicyRule DeleteLimit = Admin("identity:delete_limit", "Delete limit.", "DELETE /v3/limits/{limit_id}");
    public static readonly PolicyRule GetRegisteredLimit =
        new("identity:get_registered_limit", IdentityChecks.Anybody, "Get registered limit.",
            "GET /v3/registered_limits/{registered_limit_id}") { Scopes = Everywhere };
    public static readonly PolicyRule ListRegisteredLimits =
        new("identity:list_registered_limits", IdentityChecks.Anybody, "List registered limits.", "GET /v3/registered_limits")
        { Scopes = Everywhere };
    public static readonly PolicyRule CreateRegisteredLimits =
        Admin("identity:create_registered_limits", "Create registered limits.", "POST /v3/registered_limits");
    public static readonly PolicyRule UpdateRegisteredLimit =
        Admin("identity:update_registered_limit", "Update registered limit.", "PATCH /v3/registered_limits/{registered_limit_id}");
    public static readonly PolicyRule DeleteRegisteredLimit =
        Admin("identity:delete_registered_limit", "Delete registered limit.", "DELETE /v3/registered_limits/{registered_limit_id}");
}
