using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>Placement's rules: an operator's API, but for a project's own usages (source: <c>placement/policies</c>).</summary>
public static class PlacementPolicies
{
    public static readonly PolicyRule Discover = new("fabric:placement_discovery", Check.Anyone, "Discover versions.", "GET /");
    public static readonly PolicyRule ListProviders = Rule(
        "resource_providers:list", "List resource providers.", "GET /resource_providers");
    public static readonly PolicyRule CreateProvider = Rule(
        "resource_providers:create", "Create a resource provider.", "POST /resource_providers");
    public static readonly PolicyRule ShowProvider = Rule(
        "resource_providers:show", "Show a resource provider.", "GET /resource_providers/{uuid}");
    public static readonly PolicyRule UpdateProvider = Rule(
        "resource_providers:update", "Update a resource provider.", "PUT /resource_providers/{uuid}");
    public static readonly PolicyRule DeleteProvider =
        Rule("resource_providers:delete", "Delete a resource provider.", "DELETE /resource_providers/{uuid}");

    public static readonly PolicyRule ListInventories =
        Rule("resource_providers:inventories:list", "List inventories.", "GET /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule CreateInventory =
        Rule("resource_providers:inventories:create", "Create one inventory.", "POST /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule ShowInventory =
        Rule("resource_providers:inventories:show", "Show one inventory.", "GET /resource_providers/{uuid}/inventories/{resource_class}");
    public static readonly PolicyRule UpdateInventory =
        Rule("resource_providers:inventories:update", "Update inventories.", "PUT /resource_providers/{uuid}/inventories");
    public static readonly PolicyRule DeleteInventory =
        Rule("resource_providers:inventories:delete", "Delete inventories.", "DELETE /resource_providers/{uuid}/inventories");

    public static readonly PolicyRule ProviderUsages =
        Rule("resource_providers:usages", "List usages of a provider.", "GET /resource_providers/{uuid}/usages");
    public static readonly PolicyRule ProviderAllocations =
        Rule("resource_providers:allocations:list", "List allocations of a provider.", "GET /resource_providers/{uuid}/allocations");
    public static readonly PolicyRule ListAggregates =
        Rule("resource_providers:aggregates:list", "List aggregates of a provider.", "GET /resource_providers/{uuid}/aggregates");
    public static readonly PolicyRule UpdateAggregates =
        Rule("resource_providers:aggregates:update", "Update aggregates of a provider.", "PUT /resource_providers/{uuid}/aggregates");
    public static readonly PolicyRule ListProviderTraits =
        Rule("resource_providers:traits:list", "List traits of a provider.", "GET /resource_providers/{uuid}/traits");
    public static readonly PolicyRule UpdateProviderTraits =
        Rule("resource_providers:traits:update", "Update traits of a provider.", "PUT /resource_providers/{uuid}/traits");
    public static readonly PolicyRule DeleteProviderTraits =
        Rule("resource_providers:traits:delete", "Delete traits of a provider.", "DELETE /resource_providers/{uuid}/traits");

    public static readonly PolicyRule ListTraits = Rule("traits:list", "List traits.", "GET /traits");
    public static readonly PolicyRule ShowTrait = Rule("traits:show", "Show a trait.", "GET /traits/{name}");
    public static readonly PolicyRule UpdateTrait = Rule("traits:update", "Create a trait.", "PUT /traits/{name}");
    public static readonly PolicyRule DeleteTrait = Rule("traits:delete", "Delete a trait.", "DELETE /traits/{name}");
    public static readonly PolicyRule ListClasses = Rule("resource_classes:list", "List resource classes.", "GET /resource_classes");
    public static readonly PolicyRule CreateClass = Rule("resource_classes:create", "Create a resource class.", "POST /resource_classes");
    public static readonly PolicyRule ShowClass = Rule("resource_classes:show", "Show a resource class.", "GET /resource_classes/{name}");
    public static readonly PolicyRule UpdateClass = Rule(
        "resource_classes:update", "Create a resource class.", "PUT /resource_classes/{name}");
    public static readonly PolicyRule DeleteClass = Rule(
        "resource_classes:delete", "Delete a resource class.", "DELETE /resource_classes/{name}");

    public static readonly PolicyRule Candidates = Rule(
        "allocation_candidates:list", "List allocation candidates.", "GET /allocation_candidates");
    public static readonly PolicyRule ListAllocations = Rule(
        "allocations:list", "List a consumer's allocations.", "GET /allocations/{consumer_uuid}");
    public static readonly PolicyRule ManageAllocations = Rule(
        "allocations:manage", "Change several consumers' allocations.", "POST /allocations");
    public static readonly PolicyRule UpdateAllocations = Rule(
        "allocations:update", "Change a consumer's allocations.", "PUT /allocations/{consumer_uuid}");
    public static readonly PolicyRule DeleteAllocations =
        Rule("allocations:delete", "Delete a consumer's allocations.", "DELETE /allocations/{consumer_uuid}");
    public static readonly PolicyRule Reshape = Rule(
        "reshaper:reshape", "Reshape inventories and allocations.", "POST /reshaper");
    public static readonly PolicyRule Usages = new(
        "placement:usages", Check.ProjectReaderOrAdmin, "List a project's total usages.", "GET /usages");

    private static PolicyRule Rule(string name, string description, params string[] operations) =>
        new("placement:" + name, Check.Admin, description, operations);
}
