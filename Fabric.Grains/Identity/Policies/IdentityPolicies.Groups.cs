using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Groups and who is in them.
    public static readonly PolicyRule GetGroup =
        new("identity:get_group",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s)",
            "Get group.", "GET /v3/groups/{group_id}") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListGroups =
        new("identity:list_groups",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s)",
            "List groups.", "GET /v3/groups") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule ListGroupsForUser =
        new("identity:list_groups_for_user",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.user.domain_id)s) or user_id:%(user_id)s",
            "List groups for user.", "GET /v3/users/{user_id}/groups") { Scopes = Everywhere, Deprecated = "rule:admin_or_owner" };
    public static readonly PolicyRule CreateGroup = AdminEverywhere("identity:create_group", "Create group.", "POST /v3/groups");
    public static readonly PolicyRule UpdateGroup =
        AdminEverywhere("identity:update_group", "Update group.", "PATCH /v3/groups/{group_id}");
    public static readonly PolicyRule DeleteGroup =
        AdminEverywhere("identity:delete_group", "Delete group.", "DELETE /v3/groups/{group_id}");
    public static readonly PolicyRule ListUsersInGroup =
        new("identity:list_users_in_group",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s)",
            "List users in group.", "GET /v3/groups/{group_id}/users") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule RemoveUserFromGroup =
        AdminEverywhere("identity:remove_user_from_group", "Remove user from group.", "DELETE /v3/groups/{group_id}/users/{user_id}");
    public static readonly PolicyRule CheckUserInGroup =
        new("identity:check_user_in_group",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.group.domain_id)s and domain_id:%(target.user.domain_id)s)",
            "Check user in group.", "GET /v3/groups/{group_id}/users/{user_id}")
        { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule AddUserToGroup =
        AdminEverywhere("identity:add_user_to_group", "Add user to group.", "PUT /v3/groups/{group_id}/users/{user_id}");
}
