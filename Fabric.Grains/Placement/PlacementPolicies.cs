using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>Placement's rules: an operator's API, but for a project's own usages (source: <c>placement/policies</c>). Its new checks are
/// for the whole system's admins and readers; the deprecated ones let in every admin.</summary>
public static class PlacementPolicies
{
    public static readonly PolicyRule Discover = new("fabric:placement_discovery", Check.Anyone, "Discover versions.", "GET /");
    public static readonly PolicyRule ListProviders =
        Reader("resource_providers:list", "List resource providers.", "GET /resource_providers");
    public static readonly PolicyRule CreateProvider =
        Admin("resource_providers:create", "Create a resource provider.", "POST /resource_providers");
    public static readonly PolicyRule ShowProvider =
        Reader("resource_providers:show", "Show a resource provider.", "GET /resource_providers/{uuid}");
    public static readonly PolicyRule UpdateProvider =
        Admin("resource_providers:update", "Update a resource provider.", "PUT /resource_providers/{uuid}");
    public static readonly PolicyRule DeleteProvider =
        Admin("resource_providers:delete", "Delete a resource provider.", "DELETE /resource_providers/{uuid}");

    public static readonly PolicyRule ListInventories =
        Reader("resource_providers:inventories:list", "List inventories.", "GET /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule CreateInventory =
        Admin("resource_providers:inventories:create", "Create one inventory.", "POST /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule ShowInventory =
        Reader("resource_providers:inventories:show", "Show one inventory.", "GET /resource_providers/{uuid}/inventories/{resource_class}");
    public static readonly PolicyRule UpdateInventory =
        Admin("resource_providers:inventories:update", "Update inventories.", "PUT /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule DeleteInventory =
        Admin("resource_providers:inventories:delete", "Delete inventories.", "DELETE /resource_providers/{uuid}/inventories");

    public static readonly PolicyRule ProviderUsages =
        Reader("resource_providers:usages", "List usages of a provider.", "GET /resource_providers/{uuid}/usages");
    public static readonly PolicyRule ProviderAllocations =
        Reader("resource_providers:allocations:list", "List allocations of a provider.", "GET /resource_providers/{uuid}/allocations");
    public static readonly PolicyRule ListAggregates =
        Reader("resource_providers:aggregates:list", "List aggregates of a provider.", "GET /resource_providers/{uuid}/aggregates");
    public static readonly PolicyRule UpdateAggregates =
        Admin("resource_providers:aggregates:update", "Update aggregates of a provider.", "PUT /resource_providers/{uuid}/aggregates");
    public static readonly PolicyRule ListProviderTraits =
        Reader("resource_providers:traits:list", "List traits of a provider.", "GET /resource_providers/{uuid}/traits");
    public static readonly PolicyRule UpdateProviderTraits =
        Admin("resource_providers:traits:update", "Update traits of a provider.", "PUT /resource_providers/{uuid}/traits");
    public static readonly PolicyRule DeleteProviderTraits =
        Admin("resource_providers:traits:delete", "Delete traits of a provider.", "DELETE /resource_providers/{uuid}/traits");

    public static readonly PolicyRule ListTraits = Reader("traits:list", "List traits.", "GET /traits");
    public static readonly PolicyRule ShowTrait = Reader("traits:show", "Show a trait.", "GET /traits/{name}");
    public static readonly PolicyRule UpdateTrait = Admin("traits:update", "Create a trait.", "PUT /traits/{name}");
    public static readonly PolicyRule DeleteTrait = Admin("traits:delete", "Delete a trait.", "DELETE /traits/{name}");
    public static readonly PolicyRule ListClasses = Reader("resource_classes:list", "List resource classes.", "GET /resource_classes");
    public static readonly PolicyRule CreateClass = Admin("resource_classes:create", "Create a resource class.", "POST /resource_classes");
    public static readonly PolicyRule ShowClass = Reader("resource_classes:show", "Show a resource class.", "GET /resource_classes/{name}");
    public static readonly PolicyRule UpdateClass =
        Admin("resource_classes:update", "Create a resource class.", "PUT /resource_classes/{name}");
    public static readonly PolicyRule DeleteClass =
        Admin("resource_classes:delete", "Delete a resource class.", "DELETE /resource_classes/{name}");

    public static readonly PolicyRule Candidates =
        Reader("allocation_candidates:list", "List allocation candidates.", "GET /allocation_candidates");
    public static readonly PolicyRule ListAllocations =
        Reader("allocations:list", "List a consumer's allocations.", "GET /allocations/{consumer_uuid}");
    public static readonly PolicyRule ManageAllocations =
        Admin("allocations:manage", "Change several consumers' allocations.", "POST /allocations");
    public static readonly PolicyRule UpdateAllocations =
        Admin("allocations:update", "Change a consumer's allocations.", "PUT /allocations/{consumer_uuid}");
    public static readonly PolicyRule DeleteAllocations =
        Admin("allocations:delete", "Delete a consumer's allocations.", "DELETE /allocations/{consumer_uuid}");
    public static readonly PolicyRule Reshape = Admin("reshaper:reshape", "Reshape inventories and allocations.", "POST /reshaper");
    public static readonly PolicyRule Usages =
        new("placement:usages", "rule:system_or_project_reader", "List a project's total usages.", "GET /usages")
        { Scopes = PolicyScopes.System | PolicyScopes.Project };

    public static readonly PolicyRule OldAdmin = new("admin_api", "role:admin", "Admins.") { Scopes = PolicyScopes.System };
    public static readonly PolicyRule SystemAdmin =
        Base("system_admin_api", "role:admin and system_scope:all", "Admins of the whole system.");
    public static readonly PolicyRule SystemReader =
        Base("system_reader_api", "role:reader and system_scope:all", "Readers of the whole system.");
    public static readonly PolicyRule ProjectReader =
        Base("project_reader_api", "role:reader and project_id:%(project_id)s", "Readers of the project.");
    public static readonly PolicyRule SystemOrProjectReader = Base("system_or_project_reader",
        "rule:system_reader_api or rule:project_reader_api", "Readers of the whole system, and of the project.");

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new("placement:" + name, "rule:system_admin_api", description, operations) { Scopes = PolicyScopes.System };

    private static PolicyRule Reader(string name, string description, params string[] operations) =>
        new("placement:" + name, "rule:system_reader_api", description, operations) { Scopes = PolicyScopes.System };

    private static PolicyRule Base(string name, string check, string description) =>
        new PolicyRule(name, check, description).Formerly("rule:admin_api", "role:admin");
}
