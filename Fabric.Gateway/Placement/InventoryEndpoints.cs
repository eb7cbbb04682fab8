using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Placement;

namespace Fabric.Gateway.Placement;

/// <summary><c>/resource_providers/{uuid}/inventories</c>.</summary>
internal static class InventoryEndpoints
{
    internal static async Task<IResult> List(Call call) =>
        Reply.Json(PlacementBodies.Inventories(await ResourceProviderEndpoints.Find(call).Get()));

    internal static async Task<IResult> Replace(Call call)
    {
        var inventories = new Dictionary<string, Inventory>(StringComparer.Ordinal);
        foreach (var entry in call.Body.GetProperty("inventories").EnumerateObject())
            inventories[entry.Name] = Read(entry.Value, entry.Name, call.Path("uuid"), call);
        await NameEndpoints.RequireClasses(call, inventories.Keys, Unknown(call));
        var generation = call.Body.GetProperty("resource_provider_generation").Whole();
        return Reply.Json(PlacementBodies.Inventories(await ResourceProviderEndpoints.Find(call).SetInventories(generation, inventories)));
    }

    internal static async Task<IResult> Create(Call call)
    {
        var grain = ResourceProviderEndpoints.Find(call);
        var view = await grain.Get();
        var name = call.Body.GetProperty("resource_class").GetString()!;
        if (view.Inventories.ContainsKey(name))
            throw Fault.Conflict($"Update conflict: Inventory for resource class {name} exists on resource provider {view.Id}.");
        await NameEndpoints.RequireClasses(call, [name], Unknown(call));
        var changed = await Set(grain, view, name, Read(call.Body, name, call.Path("uuid"), call));
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/resource_providers/{view.Id}/inventories/{name}";
        return One(changed, name, 201);
    }

    internal static async Task<IResult> Show(Call call)
    {
        var view = await ResourceProviderEndpoints.Find(call).Get();
        return One(view, Known(call, view), 200);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var grain = ResourceProviderEndpoints.Find(call);
        var view = await grain.Get();
        var name = Known(call, view);
        if (view.Generation != call.Body.GetProperty("resource_provider_generation").Whole())
            throw Fault.Conflict("placement.concurrent_update", "resource provider generation conflict");
        return One(await Set(grain, view, name, Read(call.Body, name, call.Path("uuid"), call)), name, 200);
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var grain = ResourceProviderEndpoints.Find(call);
        var view = await grain.Get();
        var name = Known(call, view);
        await grain.SetInventories(
            view.Generation, view.Inventories.Where(entry => entry.Key != name).ToDictionary(StringComparer.Ordinal));
        return Reply.Empty();
    }

    internal static async Task<IResult> DeleteAll(Call call)
    {
        var grain = ResourceProviderEndpoints.Find(call);
        await grain.SetInventories((await grain.Get()).Generation, new Dictionary<string, Inventory>());
        return Reply.Empty();
    }

    private static Task<ProviderView> Set(IResourceProviderGrain grain, ProviderView view, string name, Inventory inventory) =>
        grain.SetInventories(view.Generation, new Dictionary<string,
            Inventory>(view.Inventories, StringComparer.Ordinal) { [name] = inventory });

    private static IResult One(ProviderView view, string name, int status)
    {
        var body = PlacementBodies.Inventory(view.Inventories[name]);
        body["resource_provider_generation"] = view.Generation;
        return Reply.Json(body, status);
    }

    private static string Unknown(Call call) => $"Unknown resource class in inventory for resource provider {call.Path("uuid")}: ";

    private static string Known(Call call, ProviderView view) => view.Inventories.ContainsKey(call.Path("resource_class"))
        ? call.Path("resource_class")
        : throw Fault.NotFound($"No inventory of class {call.Path("resource_class")} found for resource provider {view.Id}");

    /// <summary>Reads one inventory; the provider is for the text of a refusal.</summary>
    internal static Inventory Read(JsonElement body, string name, string provider, Call call)
    {
        long Number(string property, long otherwise) => body.TryGetProperty(property, out var value) ? value.Whole() : otherwise;
        var inventory = new Inventory
        {
            Total = body.GetProperty("total").Whole(),
            Reserved = Number("reserved", 0),
            MinUnit = Number("min_unit", 1),
            MaxUnit = Number("max_unit", int.MaxValue),
            StepSize = Number("step_size", 1),
            AllocationRatio = body.TryGetProperty("allocation_ratio", out var ratio) ? ratio.GetDouble() : 1.0,
        };

        // From 1.26 on all of an inventory may be reserved.
        return inventory.Reserved < inventory.Total || (call.Microversion >= "1.26" && inventory.Reserved == inventory.Total)
            ? inventory
            : throw Fault.BadRequest($"Unable to update inventory for resource provider {provider}: Invalid inventory for '{name}' on "
                + $"resource provider '{provider}'. The reserved value is greater than or equal to total.");
    }
}
