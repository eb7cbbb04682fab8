using Fabric.Gateway.Http;

namespace Fabric.Gateway.Compute;

/// <summary>Links of compute's bodies.</summary>
internal static class ComputeLinks
{
    /// <summary>Where a resource is in this version of the API.</summary>
    internal static string Self(this Call call, string collection, string id) => $"{call.BaseUrl}/{collection}/{id}";

    /// <summary>Where a resource is without a version.</summary>
    internal static string Bookmark(this Call call, string collection, string id) => $"{call.Origin}/compute/{collection}/{id}";

    /// <summary>The next page: the request's own parameters, sorted as nova sorts them, with the marker at the end.</summary>
    internal static string Next(this Call call, string collection, string marker)
    {
        var query = call.Http.Request.Query.Where(static pair => pair.Key != "marker")
            .OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .SelectMany(static pair => pair.Value.Select(value => (pair.Key, Value: value ?? "")))
            .Append(("marker", marker));
        return $"{call.BaseUrl}/{collection}?" + string.Join('&', query.Select(static pair =>
            $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2)}"));
    }

    /// <summary>What may stand in a query from 2.75 on; before, the unknown is ignored.</summary>
    internal static void OnlyQueries(this Call call, params string[] known)
    {
        if (call.Microversion < "2.75")
            return;
        var unknown = call.Http.Request.Query.Keys.Where(key => !known.Contains(key, StringComparer.Ordinal)).ToArray();
        if (unknown.Length > 0)
        {
            var names = string.Join(", ", unknown.Select(static name => $"'{name}'"));
            throw Fault.BadRequest($"Additional properties are not allowed ({names} {(unknown.Length == 1 ? "was" : "were")} unexpected)");
        }
    }
}
