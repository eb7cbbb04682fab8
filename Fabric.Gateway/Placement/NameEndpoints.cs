using Fabric.Gateway.Http;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/traits</c> and <c>/resource_classes</c>: the standard names and those that users added.</summary>
internal static class NameEndpoints
{
    internal static async Task<IResult> ListTraits(Call call)
    {
        IEnumerable<string> traits = [.. StandardNames.Traits, .. await Custom(call, CustomNameState.Trait)];
        if (call.Query("name") is { } filter)
            traits = Filter(traits, filter);
        if (call.Query("associated") is { } associated)
        {
            var providers = await call.Get<IResourceIndex>().List<ProviderState>(new(ProviderState.Kind), call.Aborted);
            var used = providers.SelectMany(static provider => provider.Traits).ToHashSet(StringComparer.Ordinal);
            var wanted = associated.Equals("true", StringComparison.OrdinalIgnoreCase);
            traits = traits.Where(trait => used.Contains(trait) == wanted);
        }

        return Reply.Json(new { traits = traits.Order(StringComparer.Ordinal).ToArray() });
    }

    internal static async Task<IResult> ShowTrait(Call call) =>
        await Known(call, CustomNameState.Trait, call.Path("name")) ? Reply.Empty() : throw NoTrait(call.Path("name"));

    internal static async Task<IResult> PutTrait(Call call)
    {
        var name = call.Path("name");
        if (!StandardNames.IsCustom(name))
            throw Fault.BadRequest($"The trait is invalid. A valid trait must be no longer than 255 characters, start with the prefix "
                + $"\"CUSTOM_\" and "
                + "use following characters: \"A\"-\"Z\", \"0\"-\"9\" and \"_\"");
        var added = await Grain(call, CustomNameState.Trait, name).Add();
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/traits/{name}";
        return Reply.Empty(added ? 201 : 204);
    }

    internal static async Task<IResult> DeleteTrait(Call call)
    {
        var name = call.Path("name");
        if (StandardNames.Traits.Contains(name))
            throw Fault.BadRequest($"Cannot delete standard trait {name}.");
        if (await InUse(call, state => state.Traits.Contains(name)))
            throw Fault.Conflict($"The trait {name} is in use by a resource provider.");
        return await Grain(call, CustomNameState.Trait, name).Remove() ? Reply.Empty() : throw NoTrait(name);
    }

    internal static async Task<IResult> ListClasses(Call call)
    {
        IEnumerable<string> names = [.. StandardNames.ResourceClasses, .. await Custom(call, CustomNameState.ResourceClass)];
        return Reply.Json(new { resource_classes = names.Select(name => Class(call, name)).ToArray() });
    }

    internal static async Task<IResult> ShowClass(Call call) => await Known(call, CustomNameState.ResourceClass, call.Path("name"))
        ? Reply.Json(Class(call, call.Path("name")))
        : throw NoClass(call.Path("name"));

    internal static async Task<IResult> CreateClass(Call call)
    {
        var name = call.Body.GetProperty("name").GetString()!;
        if (!await Grain(call, CustomNameState.ResourceClass, name).Add())
            throw Fault.Conflict($"Conflicting resource class already exists: {name}");
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/resource_classes/{name}";
        return Reply.Empty(201);
    }

    internal static async Task<IResult> PutClass(Call call)
    {
        var name = call.Path("name");
        if (!StandardNames.IsCustom(name))
            throw Fault.BadRequest($"JSON does not validate: '{name}' does not match '^CUSTOM_[A-Z0-9_]+$'");
        var added = await Grain(call, CustomNameState.ResourceClass, name).Add();
        call.Http.Response.Headers.Location = $"{call.BaseUrl}/resource_classes/{name}";
        return Reply.Empty(added ? 201 : 204);
    }

    internal static async Task<IResult> DeleteClass(Call call)
    {
        var name = call.Path("name");
        if (StandardNames.ResourceClasses.Contains(name))
            throw Fault.BadRequest($"Error in delete resource class: Cannot delete standard resource class {name}.");
        if (await InUse(call, state => state.Inventories.ContainsKey(name)))
            throw Fault.Conflict($"Error in delete resource class: Cannot delete resource class {name}. Class is in use in inventory.");
        return await Grain(call, CustomNameState.ResourceClass, name).Remove() ? Reply.Empty() : throw NoClass(name);
    }

    /// <summary>Every one of these is a trait; else a 400 naming those that are not.</summary>
    internal static async Task RequireTraits(Call call, IEnumerable<string> names, Func<string, string> message)
    {
        var unknown = await Unknown(call, CustomNameState.Trait, names);
        if (unknown.Length > 0)
            throw Fault.BadRequest(message(string.Join(", ", unknown)));
    }

    /// <summary>Every one of these is a resource class; else a 400 that says so after the words given.</summary>
    internal static async Task RequireClasses(Call call, IEnumerable<string> names, string where)
    {
        var unknown = await Unknown(call, CustomNameState.ResourceClass, names);
        if (unknown.Length > 0)
            throw Fault.BadRequest($"{where}No such resource class {unknown[0]}.");
    }

    private static async Task<string[]> Unknown(Call call, string type, IEnumerable<string> names)
    {
        var unknown = names.Where(name => !IsStandard(type, name)).ToArray();
        if (unknown.Length == 0)
            return unknown;
        var custom = await Custom(call, type);
        return [.. unknown.Where(name => !custom.Contains(name))];
    }

    private static async Task<bool> Known(Call call, string type, string name) =>
        IsStandard(type, name) || (await Custom(call, type)).Contains(name);

    private static bool IsStandard(string type, string name) =>
        type == CustomNameState.Trait ? StandardNames.Traits.Contains(name) : StandardNames.ResourceClasses.Contains(name);

    private static async Task<HashSet<string>> Custom(Call call, string type)
    {
        var query = new ResourceQuery(CustomNameState.Kind) { Statuses = [type], Sort = ResourceSort.CreatedAt, Descending = false };
        var states = await call.Get<IResourceIndex>().List<CustomNameState>(query, call.Aborted);
        return states.Select(static state => state.Name).ToHashSet(StringComparer.Ordinal);
    }

    private static async Task<bool> InUse(Call call, Func<ProviderState, bool> uses)
    {
        var query = new ResourceQuery(ProviderState.Kind) { Where = state => uses((ProviderState)state), Paging = new(1) };
        return (await call.Get<IResourceIndex>().List<ProviderState>(query, call.Aborted)).Count > 0;
    }

    private static IEnumerable<string> Filter(IEnumerable<string> traits, string filter)
    {
        if (filter.StartsWith("in:", StringComparison.Ordinal))
        {
            var wanted = filter[3..].Split(',');
            return traits.Where(wanted.Contains);
        }

        return filter.StartsWith("startswith:", StringComparison.Ordinal)
            ? traits.Where(trait => trait.StartsWith(filter[11..], StringComparison.Ordinal))
            : throw Fault.BadRequest("Badly formatted name parameter. Expected name query string parameter in form: "
                + "?name=[in|startswith]:[name1,name2|prefix]. "
                + $"Got: \"{filter}\"");
    }

    private static object Class(Call call, string name) => new
    {
        name,
        links = new[] { new { rel = "self", href = $"{call.Service.Prefix}/resource_classes/{name}" } },
    };

    private static ICustomNameGrain Grain(Call call, string type, string name) =>
        call.Grains.GetGrain<ICustomNameGrain>(CustomNameState.Key(type, name));

    private static Fault NoTrait(string name) => Fault.NotFound($"No such trait(s): {name}.");

    private static Fault NoClass(string name) => Fault.NotFound($"No such resource class {name}");
}
