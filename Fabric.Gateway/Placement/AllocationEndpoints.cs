using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Placement;

/// <summary><c>/allocations</c>, <c>/allocation_candidates</c> and <c>/usages</c>.</summary>
internal static class AllocationEndpoints
{
    /// <summary>At most so many candidates when the client names no limit.</summary>
    private const int MostCandidates = 1000;

    internal static async Task<IResult> Show(Call call)
    {
        var consumer = await Grain(call, Consumer(call)).Get();
        var generations = new Dictionary<ResourceProviderId, long>();
        foreach (var provider in consumer.Allocations.Keys)
            generations[provider] = (await call.Grain<IResourceProviderGrain>(provider).Get()).Generation;
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["allocations"] = consumer.Allocations.ToDictionary(
                static entry => entry.Key.Text, entry => new { generation = generations[entry.Key], resources = entry.Value }),
        };
        if (consumer.Generation is not null && call.Microversion >= "1.12")
        {
            body["project_id"] = consumer.ProjectId?.Text;
            body["user_id"] = consumer.UserId?.Text;
        }

        if (consumer.Generation is not null && call.Microversion >= "1.28")
            body["consumer_generation"] = consumer.Generation;
        if (consumer.Generation is not null && call.Microversion >= "1.38")
            body["consumer_type"] = consumer.ConsumerType ?? "unknown";
        return Reply.Json(body);
    }

    internal static async Task<IResult> Replace(Call call)
    {
        await Set(call, Consumer(call), call.Body);
        return Reply.Empty();
    }

    /// <summary>For one consumer. Placement changes several in one transaction; here each consumer's change is one of its own, so several
    /// at once are refused rather than done by halves.</summary>
    internal static async Task<IResult> ReplaceMany(Call call)
    {
        var all = call.Body.EnumerateObject().ToArray();
        if (all.Length > 1)
            throw Fault.NotImplemented(
                "Changing the allocations of several consumers in one request is not supported; send one request for each.");
        await Set(call, all[0].Name, all[0].Value);
        return Reply.Empty();
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

    internal static async Task<IResult> Candidates(Call call)
    {
        var filter = ProviderFilter.Read(call);
        if (filter.Resources.Count == 0)
        {
            throw Fault.BadRequest("placement.query.missing_value",
                "All request groups must specify resources. Expected 'resources' query string parameter in form: "
                    + "?resources=VCPU:2,MEMORY_MB:1024");
        }

        await RequireKnown(call, filter.Resources.Keys);
        var states = await call.Get<IResourceIndex>().List<ProviderState>(new(ProviderState.Kind) { Where = filter.Matches }, call.Aborted);
        var providers = states.Take(Math.Min(MostCandidates, call.Paging(MostCandidates).Limit)).Select(
            static state => state.ToView()).ToArray();
        return Reply.Json(new
        {
            allocation_requests = providers.Select(provider => Candidate(provider, filter, call)).ToArray(),
            provider_summaries = providers.ToDictionary(static provider => provider.Id.Text, provider => Summary(provider, filter, call)),
        });
    }

    internal static async Task<IResult> Usages(Call call)
    {
        if (call.Query("project_id") is not { Length: > 0 } project)
            throw Fault.BadRequest("placement.query.missing_value", "Invalid query string parameters: 'project_id' is a required property");
        if (!call.Route.Policy.Allows(call.Caller, new(new ProjectId(project))))
            throw call.Service.Faults.Denied(call.Route.Policy);
        var user = call.Query("user_id");
        var consumers = await call.Get<IResourceIndex>().List<ConsumerState>(new(ConsumerState.Kind) { ProjectId = project }, call.Aborted);
        var usages = new Dictionary<string, long>(StringComparer.Ordinal);
        var held = consumers.Where(consumer => user is null || consumer.UserId.Text == user).SelectMany(
            static consumer => consumer.Allocations.Values);
        foreach (var (name, amount) in held.SelectMany(static resources => resources))
            usages[name] = usages.GetValueOrDefault(name) + amount;
        return Reply.Json(new { usages });
    }

    private static async Task Set(Call call, string consumer, JsonElement body)
    {
        var grain = Grain(call, consumer);
        var generation = call.Microversion >= "1.28"
            ? body.GetProperty("consumer_generation") is { ValueKind: JsonValueKind.Number } given ? given.GetInt64() : null
            : (await grain.Get()).Generation;
        var allocations = call.Microversion >= "1.12" ? ByProvider(body) : FromList(body);
        await RequireKnown(call, allocations.Values.SelectMany(static resources => resources.Keys));
        await grain.Set(new()
        {
            Generation = generation,
            ProjectId = new ProjectId(Text(body, "project_id") ?? call.Caller.ProjectId?.Text ?? ""),
            UserId = new UserId(Text(body, "user_id") ?? call.Caller.UserId.Text),
            ConsumerType = Text(body, "consumer_type"),
            Allocations = allocations,
        });
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
            static entry => entry.Name, static entry => entry.Value.GetInt64(), StringComparer.Ordinal);

    private static object Candidate(ProviderView provider, ProviderFilter filter, Call call)
    {
        if (call.Microversion < "1.12")
            return new { allocations = new[] { new { resource_provider = new { uuid = provider.Id.Text },
                resources = filter.Resources } } };
        var allocations = new Dictionary<string, object> { [provider.Id.Text] = new { resources = filter.Resources } };
        return call.Microversion >= "1.34"
            ? new { allocations, mappings = new Dictionary<string, string[]> { [""] = [provider.Id.Text] } }
            : new { allocations };
    }

    private static Dictionary<string, object?> Summary(ProviderView provider, ProviderFilter filter, Call call)
    {
        var shown = provider.Inventories.Where(entry => call.Microversion >= "1.27" || filter.Resources.ContainsKey(entry.Key));
        var summary = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["resources"] = shown.ToDictionary(
                static entry => entry.Key, entry =>
                    new { capacity = entry.Value.Capacity, used = provider.Used.GetValueOrDefault(entry.Key) }),
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

    private static async Task RequireKnown(Call call, IEnumerable<string> classes)
    {
        try
        {
            await NameEndpoints.RequireClasses(call, classes);
        }
        catch (Fault fault) when (fault.Kind == FaultKind.BadRequest)
        {
            throw Fault.BadRequest("Invalid resource class in resources parameter: "
                + fault.Message[(fault.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        }
    }

    private static string? Text(JsonElement body, string name) => body.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Consumer(Call call) => ResourceIdText.TryParseUuid(call.Path("consumer_uuid"), out var id)
        ? id.ToString()
        : throw Fault.BadRequest($"Malformed consumer_uuid: {call.Path("consumer_uuid")}");

    private static IConsumerGrain Grain(Call call, string consumer) => call.Grains.GetGrain<IConsumerGrain>(consumer);
}
