using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Projects and their tags.
    public static readonly PolicyRule GetProject =
        new("identity:get_project",
            "(role:reader and system_scope:all) or (role:reader and domain_id:%(target.project.domain_id)s) "
            + "or project_id:%(target.project.id)s",
            "Get project.", "GET /v3/projects/{project_id}")
        { Scopes = Everywhere, Deprecated = "rule:admin_required or project_id:%(target.project.id)s" };
    public static readonly PolicyRule ListProjects =
        new("identity:list_projects",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.domain_id)s)",
            "List projects.", "GET /v3/projects") { Scopes = Everywhere, Deprecated = IdentityChecks.Admin };
    public static readonly PolicyRule CreateProject = AdminEverywhere("identity:create_project", "Create project.", "POST /v3/projects");
    public static readonly PolicyRule UpdateProject =
        AdminEverywhere("identity:update_project", "Update project.", "PATCH /v3/projects/{project_id}");
    public static readonly PolicyRule DeleteProject =
        AdminEverywhere("identity:delete_project", "Delete project.", "DELETE /v3/projects/{project_id}");
    public static readonly PolicyRule ListTags =
        new("identity:list_project_tags",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.project.domain_id)s) or project_id:%(target.project.id)s",
            "List project tags.", "GET /v3/projects/{project_id}/tags")
        { Scopes = Everywhere, Deprecated = "rule:admin_required or project_id:%(target.project.id)s" };
    public static readonly PolicyRule GetTag =
        new("identity:get_project_tag",
            "(rule:admin_required) or (role:reader and system_scope:all) or (role:reader "
            + "and domain_id:%(target.project.domain_id)s) or project_id:%(target.project.id)s",
            "Get project tag.", "GET /v3/projects/{project_id}/tags/{value}")
        { Scopes = Everywhere, Deprecated = "rule:admin_required or project_id:%(target.project.id)s" };
    public static readonly PolicyRule UpdateTags =
        AdminEverywhere("identity:update_project_tags", "Update project tags.", "PUT /v3/projects/{project_id}/tags");
    public static readonly PolicyRule CreateTag =
        AdminEverywhere("identity:create_project_tag", "Create project tag.", "PUT /v3/projects/{project_id}/tags/{value}");
    public static readonly PolicyRule DeleteTags =
        AdminEverywhere("identity:delete_project_tags", "Delete project tags.", "DELETE /v3/projects/{project_id}/tags");
    public static readonly PolicyRule DeleteTag =
        AdminEverywhere("identity:delete_project_tag", "Delete project tag.", "DELETE /v3/projects/{project_id}/tags/{value}");
}
