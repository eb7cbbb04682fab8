using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Who may do what in compute besides servers, under nova's names and with its defaults (source: <c>nova/policies</c>).</summary>
public static class ComputePolicies
{
    /// <summary>Versions are read before anybody has a token.</summary>
    public static readonly PolicyRule Versions = new("fabric:compute:versions", Check.Anyone, "See which versions there are.", "GET /");
    public static readonly PolicyRule Extensions =
        new("os_compute_api:extensions", Check.Authenticated, "List extensions.", "GET /extensions") { Scopes = PolicyScopes.Project };

    /// <summary>Signed by the secret of the node's proxy, not by a token.</summary>
    public static readonly PolicyRule Metadata =
        new("fabric:compute:metadata", Check.Anyone, "What a guest is told of itself.", "GET /metadata");
    public static readonly PolicyRule Flavors =
        new("fabric:compute:flavors", Check.Authenticated, "List and show flavors.", "GET /flavors");
    public static readonly PolicyRule CreateFlavor = Admin("os-flavor-manage:create", "Create a flavor.", "POST /flavors");
    public static readonly PolicyRule UpdateFlavor = Admin("os-flavor-manage:update", "Update a flavor.", "PUT /flavors/{flavor_id}");
    public static readonly PolicyRule DeleteFlavor = Admin("os-flavor-manage:delete", "Delete a flavor.", "DELETE /flavors/{flavor_id}");
    public static readonly PolicyRule FlavorAccess =
        Admin("os-flavor-access", "List who may use a flavor.", "GET /flavors/{flavor_id}/os-flavor-access")
        .Formerly("os_compute_api:os-flavor-access", "rule:admin_or_owner");
    public static readonly PolicyRule AddFlavorAccess =
        Admin("os-flavor-access:add_tenant_access", "Let a project use a flavor.", "POST /flavors/{flavor_id}/action (addTenantAccess)");
    public static readonly PolicyRule RemoveFlavorAccess =
        Admin(
            "os-flavor-access:remove_tenant_access", "No longer let a project use a flavor.",
            "POST /flavors/{flavor_id}/action (removeTenantAccess)");
    public static readonly PolicyRule ListExtraSpecs =
        Reader(
            "os-flavor-extra-specs:index", "List extra specs of a flavor.", "GET /flavors/{flavor_id}/os-extra_specs",
            "GET /flavors/detail");
    public static readonly PolicyRule ShowExtraSpec =
        Reader("os-flavor-extra-specs:show", "Show an extra spec of a flavor.", "GET /flavors/{flavor_id}/os-extra_specs/{key}");
    public static readonly PolicyRule CreateExtraSpecs =
        Admin("os-flavor-extra-specs:create", "Create extra specs for a flavor.", "POST /flavors/{flavor_id}/os-extra_specs");
    public static readonly PolicyRule UpdateExtraSpec =
        Admin("os-flavor-extra-specs:update", "Update an extra spec of a flavor.", "PUT /flavors/{flavor_id}/os-extra_specs/{key}");
    public static readonly PolicyRule DeleteExtraSpec =
        Admin("os-flavor-extra-specs:delete", "Delete an extra spec of a flavor.", "DELETE /flavors/{flavor_id}/os-extra_specs/{key}");
    public static readonly PolicyRule ListKeyPairs = Owner("os-keypairs:index", "List key pairs.", "GET /os-keypairs");
    public static readonly PolicyRule CreateKeyPair = Owner("os-keypairs:create", "Create a key pair.", "POST /os-keypairs");
    public static readonly PolicyRule ShowKeyPair = Owner("os-keypairs:show", "Show a key pair.", "GET /os-keypairs/{keypair_name}");
    public static readonly PolicyRule DeleteKeyPair =
        Owner("os-keypairs:delete", "Delete a key pair.", "DELETE /os-keypairs/{keypair_name}");
    public static readonly PolicyRule Limits =
        new("os_compute_api:limits", Check.Authenticated, "Show limits.", "GET /limits") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule OtherProjectLimits = Admin("limits:other_project", "Show limits of other projects.", "GET /limits")
        .Formerly("os_compute_api:os-used-limits", "rule:admin_api");
    public static readonly PolicyRule ShowQuota = Reader("os-quota-sets:show", "Show a quota.", "GET /os-quota-sets/{tenant_id}");
    public static readonly PolicyRule DetailQuota =
        Reader("os-quota-sets:detail", "Show the detail of a quota.", "GET /os-quota-sets/{tenant_id}/detail");
    public static readonly PolicyRule DefaultQuota =
        new(
            "os_compute_api:os-quota-sets:defaults", Check.Authenticated, "List default quotas.",
            "GET /os-quota-sets/{tenant_id}/defaults") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule UpdateQuota = Admin("os-quota-sets:update", "Update quotas.", "PUT /os-quota-sets/{tenant_id}");
    public static readonly PolicyRule DeleteQuota =
        Admin("os-quota-sets:delete", "Revert quotas to defaults.", "DELETE /os-quota-sets/{tenant_id}");
    public static readonly PolicyRule ShowQuotaClass =
        Admin("os-quota-class-sets:show", "List quotas of a class.", "GET /os-quota-class-sets/{quota_class}");
    public static readonly PolicyRule UpdateQuotaClass =
        Admin("os-quota-class-sets:update", "Update quotas of a class.", "PUT /os-quota-class-sets/{quota_class}");
    public static readonly PolicyRule ListServerGroups =
        Reader("os-server-groups:index", "List all server groups.", "GET /os-server-groups");
    public static readonly PolicyRule ListAllServerGroups =
        Admin("os-server-groups:index:all_projects", "List all server groups for all projects.", "GET /os-server-groups?all_projects=True");
    public static readonly PolicyRule ShowServerGroup =
        Reader("os-server-groups:show", "Show a server group.", "GET /os-server-groups/{server_group_id}");
    public static readonly PolicyRule CreateServerGroup =
        Member("os-server-groups:create", "Create a server group.", "POST /os-server-groups");
    public static readonly PolicyRule DeleteServerGroup =
        Member("os-server-groups:delete", "Delete a server group.", "DELETE /os-server-groups/{server_group_id}");

    private static PolicyRule Reader(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.ProjectReaderOrAdmin, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Member(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.ProjectMemberOrAdmin, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.Admin, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Owner(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.OwnerOrAdmin, description, operations) { Scopes = PolicyScopes.Project };
}
