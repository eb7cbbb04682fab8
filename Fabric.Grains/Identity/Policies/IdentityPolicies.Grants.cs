using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Grants of roles, and lists of them.
    public static readonly PolicyRule CheckGrant =
        new("identity:check_grant",
            "(rule:admin_required) or ((role:reader and system_scope:all) or ((role:reader "
            + "and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader "
            + "and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) "
            + "or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s)) "
            + "and (domain_id:%(target.role.domain_id)s or None:%(target.role.domain_id)s))",
            "Check grant.", "GET /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
            "GET /v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
            "GET /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}",
            "GET /v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
            "GET /v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "GET /v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
            "GET /v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "GET /v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListGrants =
        new("identity:list_grants",
            "(rule:admin_required) or ((role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.user.domain_id)s and domain_id:%(target.project.domain_id)s) or (role:reader "
            + "and domain_id:%(target.user.domain_id)s and domain_id:%(target.domain.id)s) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s and domain_id:%(target.project.domain_id)s) "
            + "or (role:reader and domain_id:%(target.group.domain_id)s and domain_id:%(target.domain.id)s))",
            "List grants.", "GET /v3/projects/{project_id}/users/{user_id}/roles",
            "GET /v3/projects/{project_id}/groups/{group_id}/roles", "GET /v3/domains/{domain_id}/users/{user_id}/roles",
            "GET /v3/domains/{domain_id}/groups/{group_id}/roles",
            "GET /v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects",
            "GET /v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule CreateGrant =
        new("identity:create_grant",
            "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s "
            + "and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s "
            + "and domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s "
            + "and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s "
            + "and domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s "
            + "or None:%(target.role.domain_id)s)",
            "Create grant.", "PUT /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
            "PUT /v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
            "PUT /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}",
            "PUT /v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
            "PUT /v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "PUT /v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
            "PUT /v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "PUT /v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule RevokeGrant =
        new("identity:revoke_grant",
            "(rule:admin_required) or ((role:admin and domain_id:%(target.user.domain_id)s "
            + "and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.user.domain_id)s "
            + "and domain_id:%(target.domain.id)s) or (role:admin and domain_id:%(target.group.domain_id)s "
            + "and domain_id:%(target.project.domain_id)s) or (role:admin and domain_id:%(target.group.domain_id)s "
            + "and domain_id:%(target.domain.id)s)) and (domain_id:%(target.role.domain_id)s "
            + "or None:%(target.role.domain_id)s)",
            "Revoke grant.", "DELETE /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
            "DELETE /v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
            "DELETE /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}",
            "DELETE /v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
            "DELETE /v3/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "DELETE /v3/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
            "DELETE /v3/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
            "DELETE /v3/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListSystemGrants =
        Reader("identity:list_system_grants_for_user", "List system grants for user.", "GET /v3/system/users/{user_id}/roles");
    public static readonly PolicyRule CheckSystemGrant =
        Reader("identity:check_system_grant_for_user", "Check system grant for user.",
            "GET /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule CreateSystemGrant =
        Admin("identity:create_system_grant_for_user", "Create system grant for user.",
            "PUT /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule RevokeSystemGrant =
        Admin("identity:revoke_system_grant_for_user", "Revoke system grant for user.",
            "DELETE /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule ListSystemGrantsForGroup =
        Reader("identity:list_system_grants_for_group", "List system grants for group.", "GET /v3/system/groups/{group_id}/roles");
    public static readonly PolicyRule CheckSystemGrantForGroup =
        Reader("identity:check_system_grant_for_group", "Check system grant for group.",
            "GET /v3/system/groups/{group_id}/roles/{role_id}");
    public static readonly PolicyRule CreateSystemGrantForGroup =
        Admin("identity:create_system_grant_for_group", "Create system grant for group.",
            "PUT /v3/system/groups/{group_id}/roles/{role_id}");
    public static readonly PolicyRule RevokeSystemGrantForGroup =
        Admin("identity:revoke_system_grant_for_group", "Revoke system grant for group.",
            "DELETE /v3/system/groups/{group_id}/roles/{role_id}");
    public static readonly PolicyRule ListAssignments =
        new("identity:list_role_assignments",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)",
            "List role assignments.", "GET /v3/role_assignments") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListAssignmentsForTree =
        new("identity:list_role_assignments_for_tree",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.domain_id)s and not None:%(target.domain_id)s)",
            "List role assignments for tree.", "GET /v3/role_assignments?include_subtree")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
}
