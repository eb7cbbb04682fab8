using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>Identity's rules under Keystone's names, with Zed's defaults.</summary>
public static class IdentityPolicies
{
    public static readonly PolicyRule Discover = new("fabric:identity:discover", Check.Anyone, "Versions.", "GET /identity", "GET /v3");
    public static readonly PolicyRule IssueToken = new("fabric:identity:issue_token", Check.Anyone, "Log in.", "POST /v3/auth/tokens");
    public static readonly PolicyRule CheckToken =
        new("identity:check_token", IdentityChecks.TokenSubject, "Check a token.", "HEAD /v3/auth/tokens");
    public static readonly PolicyRule ValidateToken =
        new("identity:validate_token", IdentityChecks.ServiceOrTokenSubject, "Validate a token.", "GET /v3/auth/tokens");
    public static readonly PolicyRule RevokeToken =
        new("identity:revoke_token", Check.OwnerOrAdmin, "Revoke a token.", "DELETE /v3/auth/tokens");
    public static readonly PolicyRule AuthCatalog =
        new("identity:get_auth_catalog", Check.Authenticated, "Get service catalog.", "GET /v3/auth/catalog");
    public static readonly PolicyRule AuthProjects =
        new("identity:get_auth_projects", Check.Authenticated, "List the projects one has a role on.", "GET /v3/auth/projects");
    public static readonly PolicyRule AuthDomains =
        new("identity:get_auth_domains", Check.Authenticated, "List the domains one has a role on.", "GET /v3/auth/domains");
    public static readonly PolicyRule AuthSystem =
        new("identity:get_auth_system", Check.Authenticated, "List the systems one has a role on.", "GET /v3/auth/system");

    public static readonly PolicyRule GetUser =
        new("identity:get_user", IdentityChecks.DomainReaderOrUser, "Show user details.", "GET /v3/users/{user_id}");
    public static readonly PolicyRule ListUsers = new("identity:list_users", IdentityChecks.DomainReader, "List users.", "GET /v3/users");
    public static readonly PolicyRule CreateUser = Admin("identity:create_user", "Create a user.", "POST /v3/users");
    public static readonly PolicyRule UpdateUser = Admin("identity:update_user", "Update a user.", "PATCH /v3/users/{user_id}");
    public static readonly PolicyRule DeleteUser = Admin("identity:delete_user", "Delete a user.", "DELETE /v3/users/{user_id}");
    public static readonly PolicyRule ChangePassword =
        new("fabric:identity:change_password", Check.Anyone, "Change one's own password, knowing the old one.",
            "POST /v3/users/{user_id}/password");
    public static readonly PolicyRule ListUserProjects = new("identity:list_user_projects", IdentityChecks.DomainReaderOrUser,
        "List projects for user.", "GET /v3/users/{user_id}/projects");

    public static readonly PolicyRule GetProject = new("identity:get_project", IdentityChecks.DomainReaderOrProjectUser,
        "Show project details.", "GET /v3/projects/{project_id}");
    public static readonly PolicyRule ListProjects = new(
        "identity:list_projects", IdentityChecks.DomainReader, "List projects.", "GET /v3/projects");
    public static readonly PolicyRule CreateProject = Admin("identity:create_project", "Create project.", "POST /v3/projects");
    public static readonly PolicyRule UpdateProject = Admin(
        "identity:update_project", "Update project.", "PATCH /v3/projects/{project_id}");
    public static readonly PolicyRule DeleteProject = Admin(
        "identity:delete_project", "Delete project.", "DELETE /v3/projects/{project_id}");
    public static readonly PolicyRule ListTags = new("identity:list_project_tags", IdentityChecks.DomainReaderOrProjectUser,
        "List tags for a project.", "GET /v3/projects/{project_id}/tags");
    public static readonly PolicyRule GetTag = new("identity:get_project_tag", IdentityChecks.DomainReaderOrProjectUser,
        "Check if project contains a tag.", "GET /v3/projects/{project_id}/tags/{value}");
    public static readonly PolicyRule UpdateTags =
        Admin("identity:update_project_tags", "Replace all tags on a project.", "PUT /v3/projects/{project_id}/tags");
    public static readonly PolicyRule CreateTag =
        Admin("identity:create_project_tag", "Add a single tag to a project.", "PUT /v3/projects/{project_id}/tags/{value}");
    public static readonly PolicyRule DeleteTags =
        Admin("identity:delete_project_tags", "Remove all tags from a project.", "DELETE /v3/projects/{project_id}/tags");
    public static readonly PolicyRule DeleteTag =
        Admin("identity:delete_project_tag", "Delete a specified tag from project.", "DELETE /v3/projects/{project_id}/tags/{value}");

    public static readonly PolicyRule GetDomain =
        new("identity:get_domain", IdentityChecks.InDomain, "Show domain details.", "GET /v3/domains/{domain_id}");
    public static readonly PolicyRule ListDomains =
        new("identity:list_domains", IdentityChecks.AdminOrSystemReader, "List domains.", "GET /v3/domains");
    public static readonly PolicyRule CreateDomain = Admin("identity:create_domain", "Create domain.", "POST /v3/domains");
    public static readonly PolicyRule UpdateDomain = Admin("identity:update_domain", "Update domain.", "PATCH /v3/domains/{domain_id}");
    public static readonly PolicyRule DeleteDomain = Admin("identity:delete_domain", "Delete domain.", "DELETE /v3/domains/{domain_id}");

    public static readonly PolicyRule GetRole = Reader("identity:get_role", "Show role details.", "GET /v3/roles/{role_id}");
    public static readonly PolicyRule ListRoles = Reader("identity:list_roles", "List roles.", "GET /v3/roles");
    public static readonly PolicyRule CreateRole = Admin("identity:create_role", "Create role.", "POST /v3/roles");
    public static readonly PolicyRule UpdateRole = Admin("identity:update_role", "Update role.", "PATCH /v3/roles/{role_id}");
    public static readonly PolicyRule DeleteRole = Admin("identity:delete_role", "Delete role.", "DELETE /v3/roles/{role_id}");
    public static readonly PolicyRule ListImplied =
        Reader("identity:list_implied_roles", "List a role's implied roles.", "GET /v3/roles/{prior_role_id}/implies");
    public static readonly PolicyRule GetImplied =
        Reader("identity:get_implied_role", "Get one implication.", "GET /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule CreateImplied =
        Admin("identity:create_implied_role", "Make a role imply another.", "PUT /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule DeleteImplied =
        Admin("identity:delete_implied_role", "End an implication.", "DELETE /v3/roles/{prior_role_id}/implies/{implied_role_id}");
    public static readonly PolicyRule ListInferences =
        Reader("identity:list_role_inference_rules", "List all implications.", "GET /v3/role_inferences");

    public static readonly PolicyRule CheckGrant = new("identity:check_grant", IdentityChecks.DomainReader, "Check a role grant.",
        "GET /v3/projects/{project_id}/users/{user_id}/roles/{role_id}", "GET /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule ListGrants = new("identity:list_grants", IdentityChecks.DomainReader, "List role grants.",
        "GET /v3/projects/{project_id}/users/{user_id}/roles", "GET /v3/domains/{domain_id}/users/{user_id}/roles");
    public static readonly PolicyRule CreateGrant = Admin("identity:create_grant", "Create a role grant.",
        "PUT /v3/projects/{project_id}/users/{user_id}/roles/{role_id}", "PUT /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule RevokeGrant = Admin("identity:revoke_grant", "Revoke a role grant.",
        "DELETE /v3/projects/{project_id}/users/{user_id}/roles/{role_id}",
            "DELETE /v3/domains/{domain_id}/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule ListSystemGrants =
        Reader("identity:list_system_grants_for_user", "List a user's roles on the system.", "GET /v3/system/users/{user_id}/roles");
    public static readonly PolicyRule CheckSystemGrant =
        Reader("identity:check_system_grant_for_user", "Check a user's role on the system.",
            "GET /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule CreateSystemGrant =
        Admin("identity:create_system_grant_for_user", "Grant a role on the system.", "PUT /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule RevokeSystemGrant =
        Admin("identity:revoke_system_grant_for_user", "Revoke a role on the system.", "DELETE /v3/system/users/{user_id}/roles/{role_id}");
    public static readonly PolicyRule ListAssignments =
        new("identity:list_role_assignments", IdentityChecks.DomainReader, "List role assignments.", "GET /v3/role_assignments");

    public static readonly PolicyRule GetService = Reader("identity:get_service", "Show service details.", "GET /v3/services/{service_id}");
    public static readonly PolicyRule ListServices = Reader("identity:list_services", "List services.", "GET /v3/services");
    public static readonly PolicyRule CreateService = Admin("identity:create_service", "Create service.", "POST /v3/services");
    public static readonly PolicyRule UpdateService = Admin(
        "identity:update_service", "Update service.", "PATCH /v3/services/{service_id}");
    public static readonly PolicyRule DeleteService = Admin(
        "identity:delete_service", "Delete service.", "DELETE /v3/services/{service_id}");
    public static readonly PolicyRule GetEndpoint = Reader(
        "identity:get_endpoint", "Show endpoint details.", "GET /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule ListEndpoints = Reader("identity:list_endpoints", "List endpoints.", "GET /v3/endpoints");
    public static readonly PolicyRule CreateEndpoint = Admin("identity:create_endpoint", "Create endpoint.", "POST /v3/endpoints");
    public static readonly PolicyRule UpdateEndpoint = Admin(
        "identity:update_endpoint", "Update endpoint.", "PATCH /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule DeleteEndpoint = Admin(
        "identity:delete_endpoint", "Delete endpoint.", "DELETE /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule GetRegion =
        new("identity:get_region", Check.Authenticated, "Show region details.", "GET /v3/regions/{region_id}");
    public static readonly PolicyRule ListRegions = new("identity:list_regions", Check.Authenticated, "List regions.", "GET /v3/regions");
    public static readonly PolicyRule CreateRegion =
        Admin("identity:create_region", "Create region.", "POST /v3/regions", "PUT /v3/regions/{region_id}");
    public static readonly PolicyRule UpdateRegion = Admin("identity:update_region", "Update region.", "PATCH /v3/regions/{region_id}");
    public static readonly PolicyRule DeleteRegion = Admin("identity:delete_region", "Delete region.", "DELETE /v3/regions/{region_id}");

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new(name, Check.Admin, description, operations);

    private static PolicyRule Reader(string name, string description, params string[] operations) =>
        new(name, IdentityChecks.AdminOrSystemReader, description, operations);
}
