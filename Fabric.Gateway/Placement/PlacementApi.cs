using Fabric.Gateway.Http;
using Fabric.Gateway.Policy;
using Fabric.Grains.Placement;
using static Fabric.Grains.Placement.PlacementPolicies;

namespace Fabric.Gateway.Placement;

/// <summary>The placement service: every route, nothing else.</summary>
internal static class PlacementApi
{
    private const string Provider = "/resource_providers/{uuid}";

    internal static readonly ServiceApi Api = new()
    {
        Type = "placement",
        Name = "placement",
        Prefix = "/placement",
        Microversions = new("placement", "1.0", "1.39"),
        Policies = ServicePolicies.Placement,
        Faults = new PlacementFaultStyle(),
        Routes =
        [
            new("GET", "/", Versions, Discover),
            new("GET", "/resource_providers", ResourceProviderEndpoints.List, ListProviders),
            new("POST", "/resource_providers", ResourceProviderEndpoints.Create, CreateProvider) { Body = PlacementSchemas.CreateProvider },
            new("GET", Provider, ResourceProviderEndpoints.Show, ShowProvider),
            new("PUT", Provider, ResourceProviderEndpoints.Update, UpdateProvider) { Body = PlacementSchemas.UpdateProvider },
            new("DELETE", Provider, ResourceProviderEndpoints.Delete, DeleteProvider),
            new("GET", Provider + "/usages", ResourceProviderEndpoints.Usages, ProviderUsages),
            new("GET", Provider + "/allocations", ResourceProviderEndpoints.Allocations, ProviderAllocations),
            new("GET", Provider + "/aggregates", ResourceProviderEndpoints.Aggregates, ListAggregates) { Since = "1.1" },
            new("PUT", Provider + "/aggregates", ResourceProviderEndpoints.SetAggregates, UpdateAggregates)
            {
                Since = "1.1",
                Body = PlacementSchemas.Aggregates,
            },
            new("GET", Provider + "/traits", ResourceProviderEndpoints.Traits, ListProviderTraits) { Since = "1.6" },
            new("PUT", Provider + "/traits", ResourceProviderEndpoints.SetTraits, UpdateProviderTraits) { Since = "1.6",
                Body = PlacementSchemas.Traits },
            new("DELETE", Provider + "/traits", ResourceProviderEndpoints.DeleteTraits, DeleteProviderTraits) { Since = "1.6" },
            new("GET", Provider + "/inventories", InventoryEndpoints.List, ListInventories),
            new("POST", Provider + "/inventories", InventoryEndpoints.Create, CreateInventory) { Body = PlacementSchemas.CreateInventory },
            new("PUT", Provider + "/inventories", InventoryEndpoints.Replace, UpdateInventory) { Body = PlacementSchemas.Inventories },
            new("DELETE", Provider + "/inventories", InventoryEndpoints.DeleteAll, DeleteInventory) { Since = "1.5" },
            new("GET", Provider + "/inventories/{resource_class}", InventoryEndpoints.Show, ShowInventory),
            new("PUT", Provider + "/inventories/{resource_class}", InventoryEndpoints.Update, UpdateInventory)
            {
                Body = PlacementSchemas.UpdateInventory,
            },
            new("DELETE", Provider + "/inventories/{resource_class}", InventoryEndpoints.Delete, DeleteInventory),
            new("GET", "/traits", NameEndpoints.ListTraits, ListTraits) { Since = "1.6" },
            new("GET", "/traits/{name}", NameEndpoints.ShowTrait, ShowTrait) { Since = "1.6" },
            new("PUT", "/traits/{name}", NameEndpoints.PutTrait, UpdateTrait) { Since = "1.6" },
            new("DELETE", "/traits/{name}", NameEndpoints.DeleteTrait, DeleteTrait) { Since = "1.6" },
            new("GET", "/resource_classes", NameEndpoints.ListClasses, ListClasses) { Since = "1.2" },
            new("POST", "/resource_classes", NameEndpoints.CreateClass, CreateClass) { Since = "1.2", Body = PlacementSchemas.CreateClass },
            new("GET", "/resource_classes/{name}", NameEndpoints.ShowClass, ShowClass) { Since = "1.2" },
            new("PUT", "/resource_classes/{name}", NameEndpoints.PutClass, UpdateClass) { Since = "1.7" },
            new("DELETE", "/resource_classes/{name}", NameEndpoints.DeleteClass, DeleteClass) { Since = "1.2" },
            new("GET", "/allocations/{consumer_uuid}", AllocationEndpoints.Show, ListAllocations),
            new("PUT", "/allocations/{consumer_uuid}", AllocationEndpoints.Replace,
                UpdateAllocations) { Body = PlacementSchemas.Allocations },
            new("DELETE", "/allocations/{consumer_uuid}", AllocationEndpoints.Delete, DeleteAllocations),
            new("POST", "/allocations", AllocationEndpoints.ReplaceMany, ManageAllocations) { Since = "1.13",
                Body = PlacementSchemas.ManyAllocations },
            new("POST", "/reshaper", AllocationEndpoints.Reshape, PlacementPolicies.Reshape)
            {
                Since = "1.30",
                Body = PlacementSchemas.Reshaper,
            },
            new("GET", "/allocation_candidates", CandidateEndpoints.List, PlacementPolicies.Candidates) { Since = "1.10" },
            new("GET", "/usages", ConsumerUsages.Show, Usages) { Since = "1.9" },
        ],
    };

    private static Task<IResult> Versions(Call call)
    {
        var window = call.Service.Microversions!;
        return Task.FromResult(Reply.Json(new
        {
            versions = new[]
            {
                new
                {
                    id = "v1.0",
                    max_version = window.Max.ToString(),
                    min_version = window.Min.ToString(),
                    status = "CURRENT",
                    links = new[] { new { rel = "self", href = "" } },
                },
            },
        }));
    }
}
