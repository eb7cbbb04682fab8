using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/resource_providers</c> and what hangs below each.</summary>
internal static class ResourceProviderEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var filter = await ProviderFilter.Read(call);
        var query = new ResourceQuery(ProviderState.Kind) { Sort = ResourceSort.CreatedAt, Descending = false, Where = filter.Matches };
        if (call.Query("name") is { } name)
            query = query with { Names = [name] };
        if (call.Query("uuid") is { } uuid)
            query = query with { Ids = [ProviderId(uuid).Text] };
        var index = call.Get<IResourceIndex>();
        if (filter.InTree is { } member)
        {
            if (await index.Find<ProviderState>(ProviderState.Kind, member.Text, call.Aborted) is not { } found)
                return Reply.Json(new { resource_providers = Array.Empty<object>() });
            query = query.WithRef("root", found.RootId.Text);
        }

        var states = await index.List<ProviderState>(query, call.Aborted);
        return Reply.Json(new { resource_providers = states.Select(state => PlacementBodies.Provider(state.ToView(), call)).ToArray() });
    }

    internal static async Task<IResult> Create(Call call)
    {
        var id = call.Body.TryGetProperty("uuid", out var given) ? ResourceProviderId.Parse(given.GetString()!) : ResourceProviderId.New();
        var view = await call.Grain<IResourceProviderGrain>(id).Create(call.Body.GetProperty("name").GetString()!, Parent(call));
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/resource_providers/{id}";
        return call.Microversion >= "1.20" ? Reply.Json(PlacementBodies.Provider(view, call)) : Reply.Empty(201);
    }

    internal static async Task<IResult> Show(Call call) => Reply.Json(PlacementBodies.Provider(await Find(call).Get(), call));

    internal static async Task<IResult> Update(Call call) =>
        Reply.Json(PlacementBodies.Provider(await Find(call).Rename(call.Body.GetProperty("name").GetString()!, Parent(call)), call));

    internal static async Task<IResult> Delete(Call call)
    {
        var grain = Find(call);
        var view = await grain.Get();
        var tree = new ResourceQuery(ProviderState.Kind).WithRef("root", view.RootId.Text);
        if ((await call.Get<IResourceIndex>().List<ProviderState>(tree, call.Aborted)).Any(state => state.ParentId == view.Id))
        {
            throw Fault.Conflict("placement.resource_provider.cannot_delete_parent",
                $"Unable to delete parent resource provider {view.Id}: It has child resource providers.");
        }

        await grain.Delete();
        return Reply.Empty();
    }

    internal static async Task<IResult> Usages(Call call)
    {
        var view = await Find(call).Get();
        var usages = view.Inventories.Keys.Union(view.Used.Keys).ToDictionary(
            static name => name, name => view.Used.GetValueOrDefault(name));
        return Reply.Json(new { resource_provider_generation = view.Generation, usages });
    }

    internal static async Task<IResult> Allocations(Call call)
    {
        var grain = Find(call);
        var view = await grain.Get();
        var held = await grain.Allocations();
        var allocations = held.ToDictionary(static entry => entry.Key, static entry => new { resources = entry.Value.Resources });
        return Reply.Json(new { allocations, resource_provider_generation = view.Generation });
    }

    internal static async Task<IResult> Aggregates(Call call) => Reply.Json(PlacementBodies.Aggregates(await Find(call).Get(), call));

    internal static async Task<IResult> SetAggregates(Call call)
    {
        var old = call.Microversion < "1.19";
        var list = old ? call.Body : call.Body.GetProperty("aggregates");
        string[] aggregates = [.. list.EnumerateArray().Select(static item => item.GetString()!)];
        long? generation = old ? null : call.Body.GetProperty("resource_provider_generation").Whole();
        return Reply.Json(PlacementBodies.Aggregates(await Find(call).SetAggregates(generation, aggregates), call));
    }

    internal static async Task<IResult> Traits(Call call) => Reply.Json(PlacementBodies.Traits(await Find(call).Get()));

    internal static async Task<IResult> SetTraits(Call call)
    {
        string[] traits = [.. call.Body.GetProperty("traits").EnumerateArray().Select(static item => item.GetString()!)];
        await NameEndpoints.RequireTraits(call, traits, static names => $"No such trait {names}");
        var generation = call.Body.GetProperty("resource_provider_generation").Whole();
        return Reply.Json(PlacementBodies.Traits(await Find(call).SetTraits(generation, [.. traits.Order(StringComparer.Ordinal)])));
    }

    internal static async Task<IResult> DeleteTraits(Call call)
    {
        var grain = Find(call);
        await grain.SetTraits((await grain.Get()).Generation, []);
        return Reply.Empty();
    }

    /// <summary>The grain of the path's provider; it says itself when there is none.</summary>
    internal static IResourceProviderGrain Find(Call call) => call.Grain<IResourceProviderGrain>(call.PathId<ResourceProviderId>("uuid",
        static text => Fault.NotFound($"No resource provider with uuid {text} found : No resource provider with uuid {text} found")));

    private static ResourceProviderId ProviderId(string text) => ResourceProviderId.TryParse(text, out var id)
        ? id
        : throw PlacementQuery.Bad($"{PythonRepr.Of(text)} is not a 'uuid'");

    private static ResourceProviderId? Parent(Call call) =>
        call.Body.TryGetProperty("parent_provider_uuid", out var parent) && parent.GetString() is { } text
            ? ResourceProviderId.Parse(text) : null;
}
