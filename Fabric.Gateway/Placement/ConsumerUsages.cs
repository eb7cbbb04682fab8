using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/usages</c>: what the consumers of a project hold in all.</summary>
internal static partial class ConsumerUsages
{
    /// <summary>The type of a consumer that was given none.</summary>
    internal const string NoType = "unknown";

    private const string AllTypes = "all";

    internal static async Task<IResult> Show(Call call)
    {
        var typed = call.Microversion >= "1.38";
        PlacementQuery.Only(call, key => key is "project_id" or "user_id" || (typed && key == "consumer_type"));
        if (call.Query("project_id") is not { } project)
            throw PlacementQuery.Bad("'project_id' is a required property");
        foreach (var text in new[] { project, call.Query("user_id") })
        {
            if (text is { Length: 0 or > 255 })
                throw PlacementQuery.Bad($"{PythonRepr.Of(text)} is too {(text.Length == 0 ? "short" : "long")}");
        }

        var type = call.Query("consumer_type");
        if (type is not null && !Type().IsMatch(type))
            throw PlacementQuery.Bad($"{PythonRepr.Of(type)} does not match '^[A-Z0-9_]+$|^all|^unknown$'");
        if (!call.Allows(call.Route.Policy, new(new ProjectId(project))))
            throw call.Service.Faults.Denied(call.Route.Policy);
        var user = call.Query("user_id");
        var query = new ResourceQuery(ConsumerState.Kind)
        {
            ProjectId = project,
            Where = item => ((ConsumerState)item) is { Generation: > 0 } consumer && (user is null || consumer.UserId.Text == user),
        };
        var consumers = await call.Get<IResourceIndex>().List<ConsumerState>(query, call.Aborted);
        return Reply.Json(new { usages = typed ? ByType(consumers, type) : (object)Sum(consumers) });
    }

    private static Dictionary<string, Dictionary<string, long>> ByType(IReadOnlyList<ConsumerState> consumers, string? type)
    {
        var groups = consumers.Select(consumer => (consumer, Type: type == AllTypes ? AllTypes : consumer.ConsumerType ?? NoType))
            .Where(one => type is null || one.Type == type)
            .GroupBy(static one => one.Type, static one => one.consumer, StringComparer.Ordinal);
        return groups.ToDictionary(static group => group.Key, static group =>
        {
            var sum = Sum(group);
            sum["consumer_count"] = group.Count();
            return sum;
        });
    }

    private static Dictionary<string, long> Sum(IEnumerable<ConsumerState> consumers)
    {
        var usages = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, amount) in consumers.SelectMany(static consumer => consumer.Allocations.Values).SelectMany(
            static resources => resources))
            usages[name] = usages.GetValueOrDefault(name) + amount;
        return usages;
    }

    [GeneratedRegex("^[A-Z0-9_]+$|^all|^unknown$")]
    private static partial Regex Type();
}
