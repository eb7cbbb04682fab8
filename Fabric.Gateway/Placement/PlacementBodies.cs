using Fabric.Gateway.Http;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary>Placement's bodies; the only place that knows their names and what a version adds.</summary>
internal static class PlacementBodies
{
    internal static Dictionary<string, object?> Provider(ProviderView provider, Call call)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["uuid"] = provider.Id.Text,
            ["name"] = provider.Name,
            ["generation"] = provider.Generation,
            ["links"] = Links(provider, call),
        };
        if (call.Microversion >= "1.14")
        {
            body["parent_provider_uuid"] = provider.ParentId?.Text;
            body["root_provider_uuid"] = provider.RootId.Text;
        }

        return body;
    }

    internal static object Inventories(ProviderView provider) => new
    {
        resource_provider_generation = provider.Generation,
        inventories = provider.Inventories.ToDictionary(static entry => entry.Key, static entry => Inventory(entry.Value)),
    };

    internal static Dictionary<string, object> Inventory(Inventory inventory) => new(StringComparer.Ordinal)
    {
        ["total"] = inventory.Total,
        ["reserved"] = inventory.Reserved,
        ["min_unit"] = inventory.MinUnit,
        ["max_unit"] = inventory.MaxUnit,
        ["step_size"] = inventory.StepSize,
        ["allocation_ratio"] = inventory.AllocationRatio,
    };

    internal static object Traits(ProviderView provider) =>
        new { traits = provider.Traits, resource_provider_generation = provider.Generation };

    internal static object Aggregates(ProviderView provider, Call call) => call.Microversion >= "1.19"
        ? new { aggregates = provider.Aggregates, resource_provider_generation = provider.Generation }
        : new { aggregates = provider.Aggregates };

    private static List<object> Links(ProviderView provider, Call call)
    {
        // Placement names its own root, without scheme or host.
        var self = $"{call.Service.Prefix}/resource_providers/{provider.Id}";
        var links = new List<object>
        {
            Link("self", self), Link("inventories", self + "/inventories"), Link("usages", self + "/usages"),
        };
        if (call.Microversion >= "1.1")
            links.Add(Link("aggregates", self + "/aggregates"));
        if (call.Microversion >= "1.6")
            links.Add(Link("traits", self + "/traits"));
        if (call.Microversion >= "1.11")
            links.Add(Link("allocations", self + "/allocations"));
        return links;
    }

    private static object Link(string relation, string href) => new { rel = relation, href };
}
