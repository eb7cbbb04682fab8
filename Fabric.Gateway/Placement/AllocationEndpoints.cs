using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/allocations</c> and <c>/reshaper</c>.</summary>
internal static class AllocationEndpoints
{
    internal static async Task<IResult> Show(Call call)
    {
        var consumer = await Grain(call, Consumer(call)).Get();
        var providers = await Providers(call, consumer.Allocations.Keys);
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["allocations"] = consumer.Allocations.ToDictionary(static entry => entry.Key.Text,
                entry => new { generation = providers.GetValueOrDefault(entry.Key)?.Generation ?? 0, resources = entry.Value }),
        };
        if (consumer.Generation is not null && call.Microversion >= "1.12")
        {
            body["project_id"] = consumer.ProjectId?.Text;
            body["user_id"] = consumer.UserId?.Text;
        }

        if (consumer.Generation is not null && call.Microversion >= "1.28")
            body["consumer_generation"] = consumer.Generation;
        if (consumer.Generation is not null && call.Microversion >= "1.38")
            body["consumer_type"] = consumer.ConsumerType ?? ConsumerUsages.NoType;
        return Reply.Json(body);
    }

    internal static async Task<IResult> Replace(Call call)
    {
        var consumer = Consumer(call);
        var wanted = await Wanted(call, [(consumer, call.Body)], $"Unable to allocate inventory for consumer {consumer}: ");
        return await Change(Grain(call, consumer).Set(wanted[consumer]), Allocate);
    }

    /// <summary>Several consumers, all or none.</summary>
    internal static async Task<IResult> ReplaceMany(Call call)
    {
        var wanted = await Wanted(call, Named(call.Body), "Unable to allocate inventory ");
        return await Change(Grain(call).Apply(new() { Consumers = wanted }), Allocate);
    }

    /// <summary>Inventories and allocations at once: how a class of inventory moves to another provider under those who hold it.</summary>
    internal static async Task<IResult> Reshape(Call call)
    {
        JsonProperty[] given = [.. call.Body.GetProperty("inventories").EnumerateObject()];
        var known = await Providers(call, given.Select(static entry => ResourceProviderId.Parse(entry.Name)));
        var inventories = new Dictionary<ResourceProviderId, ProviderChange>();
        foreach (var entry in given)
        {
            var id = ResourceProviderId.Parse(entry.Name);
            if (!known.ContainsKey(id))
            {
                throw Fault.BadRequest("placement.resource_provider.not_found",
                    $"Resource provider {id} in inventories not found: No resource provider with uuid {id} found");
            }

            inventories[id] = new()
            {
                Generation = entry.Value.GetProperty("resource_provider_generation").Whole(),
                Inventories = entry.Value.GetProperty("inventories").EnumerateObject().ToDictionary(static one => one.Name,
                    one => InventoryEndpoints.Read(one.Value, one.Name, entry.Name, call), StringComparer.Ordinal),
            };
        }

        const string malformed = "malformed reshaper data: ";
        await NameEndpoints.RequireClasses(call, inventories.Values.SelectMany(static one => one.Inventories!.Keys), malformed);
        var wanted = await Wanted(call, Named(call.Body.GetProperty("allocations")), malformed);
        return await Change(Grain(call).Apply(new() { Consumers = wanted, Inventories = inventories }), static fault => fault.Type switch
        {
            "ConcurrentUpdateDetected" => Fault.Conflict("placement.concurrent_update", "update conflict: " + fault.Message),
            "placement.inventory.inuse" => Fault.Conflict(fault.Type, "update conflict: " + fault.Message),
            _ => Allocate(fault),
        });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var id = Consumer(call);
        var grain = Grain(call, id);
        if ((await grain.Get()).Generation is null)
            throw Fault.NotFound($"No allocations for consumer '{id}'");
        await grain.Release();
        return Reply.Empty();
    }

    private static async Task<IResult> Change(Task change, Func<Fault, Fault> words)
    {
        try
        {
            await change;
        }
        catch (Fault fault) when (fault.Kind == FaultKind.Conflict)
        {
            throw words(fault);
        }

        return Reply.Empty();
    }

    /// <summary>Placement's words for what went wrong; a generation that is another one speaks for itself.</summary>
    private static Fault Allocate(Fault fault) => fault.Type switch
    {
        "ConcurrentUpdateDetected" => Fault.Conflict("placement.concurrent_update",
            "Inventory and/or allocations changed while attempting to allocate: " + fault.Message),
        "InvalidInventory" => Fault.Conflict("Unable to allocate inventory: " + fault.Message),
        _ => fault,
    };

    private static IReadOnlyList<(string Consumer, JsonElement Body)> Named(JsonElement all) =>
        [.. all.EnumerateObject().Select(static entry => (Guid.Parse(entry.Name).ToString(), entry.Value))];

    /// <summary>What each consumer shall hold, checked against the names there are.</summary>
    private static async Task<Dictionary<string, ConsumerView>> Wanted(
        Call call, IReadOnlyList<(string Consumer, JsonElement Body)> bodies, string where)
    {
        var wanted = new Dictionary<string, ConsumerView>(StringComparer.Ordinal);
        foreach (var (consumer, body) in bodies)
        {
            wanted[consumer] = new()
            {
                AnyGeneration = call.Microversion < "1.28",
                Generation = body.TryGetProperty("consumer_generation", out var given) && given.ValueKind == JsonValueKind.Number
                    ? given.Whole() : null,
                ProjectId = new ProjectId(Text(body, "project_id") ?? call.Caller.ProjectId?.Text ?? ""),
                UserId = new UserId(Text(body, "user_id") ?? call.Caller.UserId.Text),
                ConsumerType = Text(body, "consumer_type"),
                Allocations = call.Microversion >= "1.12" ? ByProvider(body) : FromList(body),
            };
        }

        await RequireProviders(call, wanted.Values.SelectMany(static one => one.Allocations.Keys));
        await NameEndpoints.RequireClasses(call, wanted.Values.SelectMany(static one => one.Allocations.Values).SelectMany(
            static resources => resources.Keys), where);
        return wanted;
    }

    private static async Task RequireProviders(Call call, IEnumerable<ResourceProviderId> named)
    {
        ResourceProviderId[] ids = [.. named.Distinct()];
        var known = await Providers(call, ids);
        foreach (var missing in ids.Where(id => !known.ContainsKey(id)))
            throw Fault.BadRequest($"Allocation for resource provider '{missing}' that does not exist.");
    }

    private static async Task<Dictionary<ResourceProviderId, ProviderState>> Providers(Call call, IEnumerable<ResourceProviderId> ids)
    {
        string[] texts = [.. ids.Select(static id => id.Text).Distinct()];
        if (texts.Length == 0)
            return [];
        var states = await call.Get<IResourceIndex>().List<ProviderState>(new(ProviderState.Kind) { Ids = texts }, call.Aborted);
        return states.ToDictionary(static state => state.Id);
    }

    private static Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> ByProvider(JsonElement body) =>
        body.GetProperty("allocations").EnumerateObject().ToDictionary(
            static entry => ResourceProviderId.Parse(entry.Name), static entry => Resources(entry.Value.GetProperty("resources")));

    private static Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>> FromList(JsonElement body)
    {
        var allocations = new Dictionary<ResourceProviderId, IReadOnlyDictionary<string, long>>();
        foreach (var entry in body.GetProperty("allocations").EnumerateArray())
        {
            var provider = ResourceProviderId.Parse(entry.GetProperty("resource_provider").GetProperty("uuid").GetString()!);
            allocations[provider] = Resources(entry.GetProperty("resources"));
        }

        return allocations;
    }

    private static IReadOnlyDictionary<string, long> Resources(JsonElement resources) =>
        resources.EnumerateObject().ToDictionary(
            static entry => entry.Name, static entry => entry.Value.Whole(), StringComparer.Ordinal);

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Consumer(Call call) => ResourceIdText.TryParseUuid(call.Path("consumer_uuid"), out var id)
        ? id.ToString()
        : throw Fault.BadRequest($"Malformed consumer_uuid: {call.Path("consumer_uuid")}");

    private static IConsumerGrain Grain(Call call, string consumer) => call.Grains.GetGrain<IConsumerGrain>(consumer);

    private static IAllocationChangeGrain Grain(Call call) => call.Grains.GetGrain<IAllocationChangeGrain>(Guid.NewGuid().ToString());
}
