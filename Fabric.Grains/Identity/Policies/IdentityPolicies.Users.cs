using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Users.
    public static readonly PolicyRule ListUserProjects =
        new("identity:list_user_projects",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
            "List user projects.", "GET /v3/users/{user_id}/projects") { Scopes = Everywhere, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule GetUser =
        new("identity:get_user",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and token.domain.id:%(target.user.domain_id)s) or user_id:%(target.user.id)s",
            "Get user.", "GET /v3/users/{user_id}") { Scopes = Everywhere, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule ListUsers =
        new("identity:list_users",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.domain_id)s)",
            "List users.", "GET /v3/users") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule CreateUser = AdminEverywhere("identity:create_user", "Create user.", "POST /v3/users");
    public static readonly PolicyRule UpdateUser = AdminEverywhere("identity:update_user", "Update user.", "PATCH /v3/users/{user_id}");
    public static readonly PolicyRule DeleteUser = AdminEverywhere("identity:delete_user", "Delete user.", "DELETE /v3/users/{user_id}");
}
