using System.Collections.Concurrent;
using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary>Bodies of flavor lists, made once and kept for as long as no flavor changes: nearly every client reads one of few of
/// them.</summary>
internal sealed class FlavorLists
{
    /// <summary>More different requests than so many are somebody trying out queries: then the cache begins anew.</summary>
    private const int Most = 1_000;

    private readonly ConcurrentDictionary<(string, string?, string, bool), (long Version, ReadOnlyMemory<byte> Body)> bodies = new();

    internal ReadOnlyMemory<byte> Get(Call call, bool detail, FlavorCatalog.Snapshot flavors, Func<ReadOnlyMemory<byte>> make)
    {
        // Reading extra specs is a role's matter, so the roles are in the key as far as they matter.
        var caller = call.Caller;
        var who = caller.IsAdmin ? "" : caller.HasRole("reader") ? caller.ProjectId?.Text : "-" + caller.ProjectId?.Text;
        var key = (call.Origin + call.Http.Request.QueryString.Value, who, call.Microversion.ToString(), detail);
        if (bodies.TryGetValue(key, out var kept) && kept.Version == flavors.Version)
            return kept.Body;
        if (bodies.Count >= Most)
            bodies.Clear();
        var made = make();
        bodies[key] = (flavors.Version, made);
        return made;
    }
}

/// <summary><c>/flavors</c>.</summary>
internal static class FlavorEndpoints
{
    private const int MaxPage = 1_000;

    internal static Task<IResult> List(Call call) => List(call, detail: false);

    internal static Task<IResult> Detail(Call call) => List(call, detail: true);

    internal static async Task<IResult> Show(Call call) => FlavorBodies.Show(await Visible(call, "flavor_id"), call);

    internal static async Task<IResult> Create(Call call)
    {
        var flavor = FlavorBodies.Read(call.Body.GetProperty("flavor"), call.Microversion);
        return FlavorBodies.Show(await call.Grains.GetGrain<IFlavorGrain>(flavor.Id).Create(flavor), call);
    }

    internal static async Task<IResult> Update(Call call)
    {
        var description = call.Body.GetProperty("flavor").Text("description");
        return FlavorBodies.Show(await Grain(call).Describe(description), call);
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await Grain(call).Delete();
        return Reply.Empty(202);
    }

    internal static async Task<IResult> Access(Call call)
    {
        var flavor = await Visible(call, "flavor_id");
        return flavor.IsPublic ? throw Fault.NotFound("Access list not available for public flavors.") : FlavorBodies.Access(flavor);
    }

    internal static async Task<IResult> AddAccess(Call call)
    {
        var project = new ProjectId(call.Body.GetProperty("addTenantAccess").Text("tenant")!);
        var flavor = await Visible(call, "flavor_id");
        if (flavor.IsPublic && call.Microversion >= "2.7")
            throw Fault.Conflict("Can not add access to a public flavor.");
        return FlavorBodies.Access(await Grain(call).AddAccess(project));
    }

    internal static async Task<IResult> RemoveAccess(Call call)
    {
        var project = new ProjectId(call.Body.GetProperty("removeTenantAccess").Text("tenant")!);
        return FlavorBodies.Access(await Grain(call).RemoveAccess(project));
    }

    internal static async Task<IResult> ListExtraSpecs(Call call) =>
        Reply.Json(new { extra_specs = (await Visible(call, "flavor_id")).ExtraSpecs });

    internal static async Task<IResult> ShowExtraSpec(Call call)
    {
        var key = call.Path("key");
        var flavor = await Visible(call, "flavor_id");
        return flavor.ExtraSpecs.TryGetValue(key, out var value)
            ? Reply.Json(new Dictionary<string, string> { [key] = value })
            : throw Fault.NotFound($"Flavor {flavor.Id} has no extra specs with key {key}.");
    }

    internal static async Task<IResult> CreateExtraSpecs(Call call)
    {
        var specs = call.Body.GetProperty("extra_specs").Map();
        await Grain(call).SetExtraSpecs(specs);
        return Reply.Json(new { extra_specs = specs });
    }

    internal static async Task<IResult> UpdateExtraSpec(Call call)
    {
        var specs = call.Body.Map();
        if (!specs.ContainsKey(call.Path("key")))
            throw Fault.BadRequest("Request body and URI mismatch");
        await Grain(call).SetExtraSpecs(specs);
        return Reply.Json(specs);
    }

    internal static async Task<IResult> DeleteExtraSpec(Call call)
    {
        await Grain(call).RemoveExtraSpec(call.Path("key"));
        return Reply.Empty(200);
    }

    private static IFlavorGrain Grain(Call call) => call.Grains.GetGrain<IFlavorGrain>(call.Path("flavor_id"));

    private static async Task<FlavorState> Visible(Call call, string parameter)
    {
        var flavor = await call.Get<FlavorCatalog>().Get(call.Path(parameter), call.Aborted);
        return call.Caller.IsAdmin || flavor.IsUsableBy(call.Caller.ProjectId) ? flavor : throw ComputeFaults.FlavorNotFound(flavor.Id);
    }

    private static async Task<IResult> List(Call call, bool detail)
    {
        var flavors = await call.Get<FlavorCatalog>().All(call.Aborted);
        return Reply.Utf8(call.Get<FlavorLists>().Get(call, detail, flavors, () => Page(call, detail, flavors)));
    }

    private static ReadOnlyMemory<byte> Page(Call call, bool detail, FlavorCatalog.Snapshot flavors)
    {
        call.OnlyQueries("limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir");
        var paging = call.Paging(MaxPage);
        var all = Sorted(call, Filtered(call, flavors.Flavors)).ToList();
        if (paging.Marker is { } marker)
        {
            var at = all.FindIndex(flavor => flavor.Id == marker);
            if (at < 0)
                throw ComputeFaults.MarkerNotFound(marker);
            all.RemoveRange(0, at + 1);
        }

        var page = all.Take(paging.Limit).ToArray();
        var next = page.Length > 0 && page.Length == paging.Limit ? call.Next(detail ? "flavors/detail" : "flavors", page[^1].Id) : null;
        return FlavorBodies.List(page, next, detail, call);
    }

    private static IEnumerable<FlavorState> Filtered(Call call, IEnumerable<FlavorState> flavors)
    {
        var leastRam = Number(call, "minRam");
        var leastDisk = Number(call, "minDisk");
        var found = flavors.Where(flavor => flavor.MemoryMiB >= leastRam && flavor.RootGiB >= leastDisk);
        var project = call.Caller.ProjectId;
        if (!call.Caller.IsAdmin)
            return found.Where(flavor => flavor.IsUsableBy(project) && !flavor.Disabled);
        return call.Query("is_public") switch
        {
            null => found.Where(flavor => flavor.IsUsableBy(project)),
            var text when text.Equals("none", StringComparison.OrdinalIgnoreCase) => found,
            var text when ComputeJson.IsTrue(text) => found.Where(flavor => flavor.IsUsableBy(project)),
            var text when ComputeJson.IsFalse(text) => found.Where(static flavor => !flavor.IsPublic),
            var text => throw Fault.BadRequest($"Invalid is_public filter [{text}]"),
        };
    }

    private static int Number(Call call, string name) => call.Query(name) is not { } text
        ? 0
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Fault.BadRequest($"Invalid {name} filter [{text}]");

    private static IEnumerable<FlavorState> Sorted(Call call, IEnumerable<FlavorState> flavors)
    {
        Func<FlavorState, object> key = (call.Query("sort_key") ?? "flavorid") switch
        {
            "flavorid" => static flavor => flavor.Id,
            "name" => static flavor => flavor.Name,
            "memory_mb" => static flavor => flavor.MemoryMiB,
            "vcpus" => static flavor => flavor.Vcpus,
            "root_gb" => static flavor => flavor.RootGiB,
            "ephemeral_gb" => static flavor => flavor.EphemeralGiB,
            "swap" => static flavor => flavor.SwapMiB,
            "rxtx_factor" => static flavor => flavor.RxtxFactor,
            "is_public" => static flavor => flavor.IsPublic,
            "disabled" => static flavor => flavor.Disabled,
            "created_at" or "id" => static flavor => flavor.CreatedAt,
            "updated_at" => static flavor => flavor.UpdatedAt,
            "description" => static flavor => flavor.Description ?? "",
            _ => throw Fault.BadRequest("Sort key supplied was not valid."),
        };
        var order = Comparer<object>.Create(static (left, right) =>
            left is string text ? string.CompareOrdinal(text, (string)right) : Comparer<object>.Default.Compare(left, right));
        return (call.Query("sort_dir") ?? "asc") switch
        {
            "asc" => flavors.OrderBy(key, order).ThenBy(static flavor => flavor.Id, StringComparer.Ordinal),
            "desc" => flavors.OrderByDescending(key, order).ThenByDescending(static flavor => flavor.Id, StringComparer.Ordinal),
            _ => throw Fault.BadRequest("Unknown sort direction, must be one of: asc, desc"),
        };
    }
}
