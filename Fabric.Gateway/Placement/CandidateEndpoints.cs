using Fabric.Gateway.Http;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/allocation_candidates</c>.</summary>
internal static class CandidateEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var request = CandidateQuery.Read(call);
        string[] classes = [.. request.Groups.SelectMany(static group => group.Resources.Keys).Distinct(StringComparer.Ordinal)];
        await NameEndpoints.RequireClasses(call, classes, "Invalid resource class in resources parameter: ");
        await NameEndpoints.RequireTraits(call, request.Groups
            .SelectMany(static group => group.RequiredAnyOf.SelectMany(static any => any).Concat(group.Forbidden))
            .Concat(request.RootRequired).Concat(request.RootForbidden), static names => $"No such trait(s): {names}.");
        var query = new ResourceQuery(ProviderState.Kind) { Sort = ResourceSort.CreatedAt, Descending = false };
        var states = await call.Get<IResourceIndex>().List<ProviderState>(query, call.Aborted);
        var found = CandidateSearch.Find([.. states.Select(static state => state.ToView())], request);
        return Reply.Json(new
        {
            allocation_requests = found.Requests.Select(candidate => Request(candidate, call)).ToArray(),
            provider_summaries = found.Providers.ToDictionary(
                static provider => provider.Id.Text, provider => Summary(provider, classes, call)),
        });
    }

    private static object Request(Candidate candidate, Call call)
    {
        if (call.Microversion < "1.12")
        {
            return new
            {
                allocations = candidate.Allocations.Select(
                    static entry => new { resource_provider = new { uuid = entry.Key.Text }, resources = entry.Value }).ToArray(),
            };
        }

        var allocations = candidate.Allocations.ToDictionary(
            static entry => entry.Key.Text, static entry => new { resources = entry.Value });
        return call.Microversion < "1.34"
            ? new { allocations }
            : new
            {
                allocations,
                mappings = candidate.Mappings.ToDictionary(
                    static entry => entry.Key, static entry => entry.Value.Select(static id => id.Text).ToArray()),
            };
    }

    private static Dictionary<string, object?> Summary(ProviderView provider, string[] classes, Call call)
    {
        var shown = provider.Inventories.Where(entry => call.Microversion >= "1.27" || classes.Contains(entry.Key));
        var summary = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["resources"] = shown.ToDictionary(static entry => entry.Key,
                entry => new { capacity = entry.Value.Capacity, used = provider.Used.GetValueOrDefault(entry.Key) }),
        };
        if (call.Microversion >= "1.17")
            summary["traits"] = provider.Traits;
        if (call.Microversion >= "1.29")
        {
            summary["parent_provider_uuid"] = provider.ParentId?.Text;
            summary["root_provider_uuid"] = provider.RootId.Text;
        }

        return summary;
    }
}
