using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/quotas</c></summary>
internal static class QuotaEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var states = await call.Get<IResourceIndex>().List<NetworkQuotaState>(new(NetworkQuotaState.Kind), call.Aborted);
        return Reply.Json(new
        {
            quotas = states.Select(static state =>
            {
                var quota = NetworkQuotas.Defaults.ToDictionary(static entry => entry.Key,
                    entry => (object)state.Limits.GetValueOrDefault(entry.Key, entry.Value));
                quota["tenant_id"] = quota["project_id"] = state.ProjectId.Text;
                return quota;
            }).ToArray(),
        });
    }

    internal static async Task<IResult> Show(Call call)
    {
        RequireOwn(call, GetQuota);
        return Reply.Json(new { quota = await Grain(call).Limits() });
    }

    internal static async Task<IResult> Details(Call call)
    {
        RequireOwn(call, GetQuota);
        var usage = await Grain(call).Usage();
        return Reply.Json(new
        {
            quota = usage.ToDictionary(static entry => entry.Key,
                static entry => new { limit = entry.Value.Limit, used = entry.Value.Used, reserved = entry.Value.Reserved }),
        });
    }

    internal static Task<IResult> Default(Call call)
    {
        RequireOwn(call, GetQuota);
        return Task.FromResult(Reply.Json(new { quota = NetworkQuotas.Defaults }));
    }

    internal static async Task<IResult> Update(Call call)
    {
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.TryGetProperty("quota", out var body)
            || body.ValueKind != JsonValueKind.Object)
            throw NetworkFaultStyle.Bad("Unable to find 'quota' in request body");
        var limits = new Dictionary<string, int>();
        var checkUsage = false;
        foreach (var property in body.EnumerateObject())
        {
            switch (property.Name)
            {
                case "tenant_id" or "project_id" or "force":
                    break;
                case "check_limit":
                    checkUsage = property.Value.ValueKind == JsonValueKind.True;
                    break;
                default:
                    limits[property.Name] = Limit(property);
                    break;
            }
        }

        if (checkUsage)
            await RequireAboveUsage(call, limits);
        await Grain(call).Set(limits);
        return Reply.Json(new { quota = await Grain(call).Limits() });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await Grain(call).Reset();
        return Reply.Empty();
    }

    /// <summary><c>GET /quotas/tenant</c> and <c>/quotas/project</c>: whose quota a client that does not know its project would ask
    /// for.</summary>
    internal static Task<IResult> Mine(Call call)
    {
        var project = call.Caller.ProjectId ?? throw Fault.BadRequest("QuotaMissingTenant", "Tenant-id was missing from quota request.");
        var key = call.Http.Request.Path.Value!.EndsWith("/tenant", StringComparison.Ordinal) ? "tenant" : "project";
        var mine = new Dictionary<string, string> { [key + "_id"] = project.Text };
        return Task.FromResult(Reply.Json(new Dictionary<string, object> { [key] = mine }));
    }

    private static int Limit(JsonProperty property)
    {
        if (!NetworkQuotas.Defaults.ContainsKey(property.Name))
            throw NetworkFaultStyle.Bad($"Unrecognized attribute(s) '{property.Name}'");
        return Parse.Number(-1, int.MaxValue)(property.Value, out var value) is { } reason
            ? throw NetworkFaultStyle.Bad($"Invalid input for {property.Name}. Reason: {reason}.")
            : (int)value!;
    }

    private static async Task RequireAboveUsage(Call call, Dictionary<string, int> limits)
    {
        var usage = await Grain(call).Usage();
        foreach (var (resource, limit) in limits)
        {
            if (limit >= 0 && usage[resource].Used > limit)
            {
                throw NetworkFaultStyle.Bad(
                    $"Quota limit {limit} for {resource} must be greater than or equal to already used {usage[resource].Used}");
            }
        }
    }

    private static void RequireOwn(Call call, PolicyRule rule)
    {
        if (call.Path("id") != call.Caller.ProjectId?.Text)
            call.Require(rule);
    }

    private static INetworkQuotaGrain Grain(Call call) => call.Grains.GetGrain<INetworkQuotaGrain>(call.Path("id"));
}
