using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Grains.Nodes;

namespace Fabric.Gateway.Compute;

/// <summary><c>/os-services</c>: each node's compute service. Fabric has no other compute services: scheduling and conducting are
/// grains.</summary>
internal static class ServiceEndpoints
{
    private const string Binary = "nova-compute";

    private static readonly Schema Text = Schema.Text(1, 255);

    internal static readonly BodySchema[] UpdateBody =
    [
        new(null, Schema.Object(("host", Text), ("binary", Text), ("disabled_reason", Text)).Require("host", "binary")),
        new("2.11", Schema.Object(("host", Text), ("binary", Text), ("disabled_reason", Text), ("forced_down", Schema.LooseBool))
            .Require("host", "binary")),
        new("2.53", Schema.Object(
            ("status", Schema.OneOf("enabled", "disabled")), ("disabled_reason", Text), ("forced_down", Schema.LooseBool))),
    ];

    internal static async Task<IResult> List(Call call)
    {
        var nodes = await HypervisorEndpoints.All(call);
        var host = call.Query("host");
        var binary = call.Query("binary");
        var shown = nodes.Where(node => host is null or "" || node.Inventory.NodeName == host).Where(_ => binary is null or "" or Binary);
        return Reply.Json(new { services = shown.Select(node => Body(node, call)).ToArray() });
    }

    /// <summary>From 2.53 on: the service is named by its id, and the body says what to change.</summary>
    internal static async Task<IResult> Update(Call call)
    {
        var id = call.Path("service_id");
        if (!ResourceIdText.TryParseUuid(id, out var uuid))
            throw Fault.BadRequest($"Invalid uuid {id}");
        var nodes = await HypervisorEndpoints.All(call);
        var node = nodes.FirstOrDefault(node => node.ServiceId == uuid) ?? throw Fault.NotFound($"Service {id} could not be found.");
        var status = call.Body.TryGetProperty("status", out var wanted) ? wanted.GetString() : null;
        var reason = Reason(call.Body);
        bool? forcedDown = call.Body.TryGetProperty("forced_down", out var down) ? Bool(down) : null;
        if (status is null && forcedDown is null)
            throw Fault.BadRequest("No updates were requested. Fields 'status' or 'forced_down' should be specified.");
        if (reason is not null && status != "disabled")
            throw Fault.BadRequest("Specifying disabled_reason requires that status is 'disabled'.");
        await Grain(call, node.Inventory.NodeName).SetService(status is null ? null : status == "disabled", reason, forcedDown);
        nodes = await HypervisorEndpoints.All(call);
        return Reply.Json(new { service = Body(nodes.First(each => each.ServiceId == uuid), call) });
    }

    /// <summary>Before 2.53: the path names the action, the body the host.</summary>
    internal static async Task<IResult> Act(Call call)
    {
        var host = call.Body.GetProperty("host").GetString()!;
        var binary = call.Body.GetProperty("binary").GetString()!;
        var reason = Reason(call.Body);
        var action = call.Path("service_id");
        if (action is not ("enable" or "disable" or "disable-log-reason" or "force-down")
            || (action == "force-down" && call.Microversion < "2.11"))
            throw Fault.NotFound("Unknown action");
        if (action == "disable-log-reason" && reason is null)
            throw Fault.BadRequest("Missing disabled reason field");
        if (binary != Binary)
            throw Fault.BadRequest($"Updating a {binary} service is not supported. Only nova-compute services can be updated.");
        var service = new Dictionary<string, object> { ["host"] = host, ["binary"] = binary };
        if (action == "force-down")
        {
            if (!call.Body.TryGetProperty("forced_down", out var down))
                throw Fault.BadRequest("Missing forced_down field");
            await Known(call, host, grain => grain.SetService(null, null, Bool(down)));
            service["forced_down"] = Bool(down);
            return Reply.Json(new { service });
        }

        var disable = action != "enable";
        reason = action == "disable-log-reason" ? reason : null;
        await Known(call, host, grain => grain.SetService(disable, reason, null));
        service["status"] = disable ? "disabled" : "enabled";
        if (reason is not null)
            service["disabled_reason"] = reason;
        return Reply.Json(new { service });
    }

    private static async Task Known(Call call, string host, Func<IHypervisorGrain, Task> act)
    {
        try
        {
            await act(Grain(call, host));
        }
        catch (Fault fault) when (fault.Kind == FaultKind.NotFound)
        {
            throw Fault.NotFound("HostMappingNotFound", $"Host '{host}' is not mapped to any cell");
        }
    }

    private static Dictionary<string, object?> Body(HypervisorState node, Call call)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["binary"] = Binary,
            ["host"] = node.Inventory.NodeName,
            ["id"] = call.Microversion >= "2.53" ? node.ServiceId.ToString() : HypervisorBodies.Number(node.ServiceId),
            ["zone"] = node.AvailabilityZone,
            ["status"] = node.Disabled ? "disabled" : "enabled",
            ["state"] = node.IsUp(call.Get<TimeProvider>().GetUtcNow()) ? "up" : "down",
            ["updated_at"] = Wire.Micros(node.LastSeenAt, zulu: false),
            ["disabled_reason"] = node.DisabledReason,
        };
        if (call.Microversion >= "2.11")
            body["forced_down"] = node.ForcedDown;
        return body;
    }

    private static IHypervisorGrain Grain(Call call, string host) => call.Grains.GetGrain<IHypervisorGrain>(host);

    private static string? Reason(JsonElement body) => body.TryGetProperty("disabled_reason", out var reason) ? reason.GetString() : null;

    private static bool Bool(JsonElement value) => value.ValueKind == JsonValueKind.True
        || (value.ValueKind == JsonValueKind.String && value.GetString()!.ToLowerInvariant() is "true" or "1" or "on" or "yes");
}
