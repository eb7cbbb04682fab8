using System.Collections;
using System.Globalization;
using Fabric.Gateway.Http;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Network;

/// <summary>A list as Neutron answers it: filtered by any attribute, sorted, cut into pages with links to both sides, reduced to the
/// fields asked for
/// (source: <c>neutron/api/api_common.py</c>).</summary>
internal static class ResourceList
{
    private static readonly string[] NotFilters =
        ["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse", "fixed_ips", "tags", "tags-any", "not-tags", "not-tags-any"];

    // What a list may be asked for while the index cuts its pages. What chooses fields chooses no resources.
    private static readonly string[] AnsweredByIndex =
        ["limit", "marker", "page_reverse", "id", "name", "project_id", "tenant_id"];

    /// <summary>The answer.</summary>
    /// <param name="call">The request.</param>
    /// <param name="resource">What is listed.</param>
    /// <param name="bodies">All that the caller may see, in any order.</param>
    /// <param name="notFound">The fault for an unknown marker.</param>
    /// <param name="cut">The bodies begin where the page does
    /// (<see cref="Cut(Call, ResourceQuery, Func{string, Task}, string[])"/>).</param>
    internal static IResult Reply(
        Call call,
        Resource resource,
        IEnumerable<Body> bodies,
        Func<string, Fault> notFound,
        bool cut = false)
    {
        var found = Sorted(call, resource, bodies.Where(body => Matches(call, body)));
        var limit = Limit(call);
        var answer = new Dictionary<string, object>();
        if (limit == 0)
        {
            answer[resource.Collection] = found.Select(body => body.Chosen(call)).ToArray();
            return Http.Reply.Json(answer);
        }

        var reverse = IsReverse(call);
        var page = Cut(found, limit, cut ? null : call.Query("marker"), reverse, notFound);
        answer[resource.Collection] = page.Select(body => body.Chosen(call)).ToArray();
        var links = Links(call, page, limit, reverse);
        if (links.Count > 0)
            answer[resource.Collection + "_links"] = links;
        return Http.Reply.Json(answer);
    }

    /// <summary>What of the filters the index can answer, so that a list of one server's ports does not read all ports.</summary>
    internal static ResourceQuery Narrow(Call call, ResourceQuery query, params (string Parameter, string Ref)[] refs)
    {
        if (Values(call, "id") is { Count: > 0 and <= 1000 } ids)
            query = query with { Ids = ids };
        if (Values(call, "name") is { Count: > 0 } names)
            query = query with { Names = names };
        if (Values(call, "project_id") is [var project])
            query = query with { ProjectId = project };
        else if (Values(call, "tenant_id") is [var tenant])
            query = query with { ProjectId = tenant };
        foreach (var (parameter, name) in refs)
        {
            if (Values(call, parameter) is { Count: > 0 and <= 1000 } values && values.All(static value => value.Length > 0))
                query = query.WithRef(name, values);
        }

        return query;
    }

    /// <summary>
    /// The query with the page in it, so that a page of a long list costs what a page of a short one does; null when only a look at all
    /// resources tells which are on it: another order than by id, or a filter that the index does not know.
    /// </summary>
    /// <param name="call">The request.</param>
    /// <param name="narrowed">What <see cref="Narrow"/> gave, sorted by id.</param>
    /// <param name="see">Throws the resource's fault when the caller does not see the marker.</param>
    /// <param name="refs">The parameters that <see cref="Narrow"/> made references of.</param>
    internal static async Task<ResourceQuery?> Cut(Call call, ResourceQuery narrowed, Func<string, Task> see, params string[] refs)
    {
        var limit = Limit(call);
        if (limit == 0)
            return null;
        foreach (var (name, values) in call.Http.Request.Query)
        {
            // One value that is there: of several, or of an empty one, Narrow makes what it can.
            var known = AnsweredByIndex.Contains(name) || refs.Contains(name);
            if (name != "fields" && (!known || values is not [{ Length: > 0 }]))
                return null;
        }

        // Of the two names of one attribute Narrow takes the first.
        if (Values(call, "project_id").Count > 0 && Values(call, "tenant_id").Count > 0)
            return null;
        if (call.Query("marker") is { } marker)
            await see(marker);
        return narrowed with { Paging = new(limit, call.Query("marker"), IsReverse(call)) };
    }

    private static bool IsReverse(Call call) => string.Equals(call.Query("page_reverse"), "true", StringComparison.OrdinalIgnoreCase);

    private static List<string> Values(Call call, string name) => [.. call.QueryAll(name).Select(static value => value ?? "")];

    private static bool Matches(Call call, Body body)
    {
        foreach (var (name, values) in call.Http.Request.Query)
        {
            // What is no attribute filters nothing, as in Neutron without its extension filter-validation.
            if (NotFilters.Contains(name) || !body.TryGetValue(name, out var value))
                continue;
            if (!values.Any(wanted => Equal(name, value, wanted ?? "")))
                return false;
        }

        return MatchesAddresses(call, body) && MatchesTags(call, body);
    }

    private static bool Equal(string name, object? value, string wanted) => value switch
    {
        null => false,
        bool flag => Parse.FlagOf(wanted) == flag,
        string text => text.Equals(wanted, name == "mac_address" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal),
        IEnumerable<string> texts => texts.Contains(wanted),
        IEnumerable => true,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture) == wanted,
        _ => true,
    };

    private static bool MatchesAddresses(Call call, Body body)
    {
        if (!body.TryGetValue("fixed_ips", out var value) || value is not IReadOnlyList<Dictionary<string, string>> addresses)
            return true;
        foreach (var group in call.QueryAll("fixed_ips").Select(static text => (text ?? "").Split('=', 2))
            .Where(static pair => pair.Length == 2)
                     .GroupBy(static pair => pair[0], static pair => pair[1]))
        {
            var fits = group.Key switch
            {
                "ip_address_substr" => addresses.Any(ip => group.Any(part => ip["ip_address"].Contains(part, StringComparison.Ordinal))),
                "ip_address" or "subnet_id" => addresses.Any(ip => group.Contains(ip[group.Key])),
                _ => true,
            };
            if (!fits)
                return false;
        }

        return true;
    }

    private static bool MatchesTags(Call call, Body body)
    {
        if (!body.TryGetValue("tags", out var value) || value is not IReadOnlyList<string> tags)
            return true;
        return Asked("tags").All(asked => asked.All(tags.Contains))
            && Asked("tags-any").All(asked => asked.Any(tags.Contains))
            && Asked("not-tags").All(asked => !asked.All(tags.Contains))
            && Asked("not-tags-any").All(asked => !asked.Any(tags.Contains));

        IEnumerable<string[]> Asked(string name) => call.QueryAll(name).Select(static text => (text ?? "").Split(','));
    }

    private static IReadOnlyList<Body> Sorted(Call call, Resource resource, IEnumerable<Body> bodies)
    {
        var keys = call.QueryAll("sort_key").Where(static key => !string.IsNullOrEmpty(key)).Select(static key => key!).ToArray();
        var directions = call.QueryAll("sort_dir").Where(static direction => !string.IsNullOrEmpty(direction))
            .Select(static text => text!).ToArray();
        if (keys.Length != directions.Length)
            throw NetworkFaultStyle.Bad("The number of sort_keys and sort_dirs must be same");
        var wrongKeys = keys.Where(key => !resource.IsSortable(key)).ToArray();
        if (wrongKeys.Length > 0)
            throw NetworkFaultStyle.Bad(
                $"[{string.Join(", ", wrongKeys.Select(static key => $"'{key}'"))}] is invalid attribute for sort_keys");
        var wrongDirections = directions.Where(static direction => direction is not ("asc" or "desc")).ToArray();
        if (wrongDirections.Length > 0)
        {
            throw NetworkFaultStyle.Bad(
                $"[{string.Join(", ", wrongDirections.Select(static direction => $"'{direction}'"))}] is invalid value for "
                + "sort_dirs, valid value is 'asc' and 'desc'");
        }

        var ordered = bodies.OrderBy(static _ => 0);
        foreach (var (key, direction) in keys.Zip(directions))
        {
            ordered = direction == "asc"
                ? ordered.ThenBy(body => body.GetValueOrDefault(key), ByValue.Instance)
                : ordered.ThenByDescending(body => body.GetValueOrDefault(key), ByValue.Instance);
        }

        return [.. ordered.ThenBy(static body => body["id"] as string, StringComparer.Ordinal)];
    }

    private static int Limit(Call call)
    {
        if (call.Query("limit") is not { } text)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : throw Fault.BadRequest("BadRequest", $"Bad limit request: Limit must be an integer 0 or greater and not '{text}'.");
    }

    private static IReadOnlyList<Body> Cut(
        IReadOnlyList<Body> bodies,
        int limit,
        string? marker,
        bool reverse,
        Func<string, Fault> notFound)
    {
        var at = -1;
        if (!string.IsNullOrEmpty(marker))
        {
            at = bodies.Select(static (body, index) => (body, index)).Where(entry => entry.body["id"] as string == marker)
                .Select(static entry => entry.index).DefaultIfEmpty(-1).First();
            if (at < 0)
                throw notFound(marker);
        }

        if (!reverse)
            return [.. bodies.Skip(at + 1).Take(limit)];
        var end = at < 0 ? bodies.Count : at;
        var start = Math.Max(end - limit, 0);
        return [.. bodies.Skip(start).Take(end - start)];
    }

    private static List<object> Links(Call call, IReadOnlyList<Body> page, int limit, bool reverse)
    {
        var links = new List<object>();
        if (page.Count >= limit || reverse)
            links.Add(new { rel = "next", href = Link(call, page.Count > 0 ? page[^1]["id"] : null, reverse: false) });
        if (page.Count >= limit || !reverse)
            links.Add(new { rel = "previous", href = Link(call, page.Count > 0 ? page[0]["id"] : null, reverse: true) });
        return links;
    }

    private static string Link(Call call, object? marker, bool reverse)
    {
        var parts = call.Http.Request.Query.Where(static entry => entry.Key is not ("marker" or "page_reverse"))
            .SelectMany(static entry => entry.Value.Select(value =>
                $"{Uri.EscapeDataString(entry.Key)}={Uri.EscapeDataString(value ?? "")}")).ToList();
        if (marker is not null)
            parts.Add($"marker={marker}");
        if (reverse)
            parts.Add("page_reverse=True");
        return $"{call.Origin}{call.Http.Request.Path}?{string.Join('&', parts)}";
    }

    /// <summary>Null first, then by value; what cannot be compared is equal.</summary>
    private sealed class ByValue : IComparer<object?>
    {
        internal static readonly ByValue Instance = new();

        public int Compare(object? x, object? y) => (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            (string left, string right) => string.CompareOrdinal(left, right),
            (IComparable left, _) when x.GetType() == y.GetType() => left.CompareTo(y),
            _ => 0,
        };
    }
}
