using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary><c>/servers/{id}/os-instance-actions</c>: what was done to a server, newest first.</summary>
internal static class InstanceActionEndpoints
{
    private const int MaxPage = 1_000;

    internal static async Task<IResult> List(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        var actions = server.Actions.Reverse().ToList();
        var limit = MaxPage;
        if (call.Microversion >= "2.58")
        {
            var paging = call.Paging(MaxPage);
            limit = paging.Limit;
            if (Time(call, "changes-since") is { } since)
                actions.RemoveAll(action => Updated(action) < since);
            if (call.Microversion >= "2.66" && Time(call, "changes-before") is { } before)
                actions.RemoveAll(action => Updated(action) > before);
            if (paging.Marker is { } marker)
            {
                var at = actions.FindIndex(action => action.RequestId == marker);
                actions.RemoveRange(0, at < 0 ? throw Fault.BadRequest("MarkerNotFound", $"Marker {marker} could not be found.") : at + 1);
            }
        }

        var page = actions.Take(limit).ToArray();
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("instanceActions");
            foreach (var action in page)
            {
                json.WriteStartObject();
                WriteAction(json, server, action, call);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (call.Microversion >= "2.58" && page.Length > 0 && page.Length == limit)
            {
                json.WriteStartArray("links");
                json.WriteLink("next", call.Next($"servers/{server.Id}/os-instance-actions", page[^1].RequestId));
                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }

    internal static async Task<IResult> Show(Call call)
    {
        var server = await ServerEndpoints.Find(call);
        var request = call.Path("request_id");
        var action = server.Actions.LastOrDefault(one => one.RequestId == request) ?? throw Fault.NotFound($"Action {request} not found");
        var traces = call.Allows(ServerPolicies.ActionEvents);
        return ComputeJson.Reply(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("instanceAction");
            WriteAction(json, server, action, call);
            if (traces || call.Microversion >= "2.51")
                WriteEvents(json, server, action, traces, call);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static DateTimeOffset Updated(InstanceAction action) => action.FinishedAt ?? action.StartedAt;

    private static DateTimeOffset? Time(Call call, string name) => call.Query(name) is not { } text
        ? null
        : ComputeJson.TryReadTime(text, out var time)
            ? time
            : throw Fault.BadRequest($"Invalid input for query parameters {name}. Value: {text}. '{text}' is not a 'date-time'");

    private static void WriteAction(Utf8JsonWriter json, InstanceState server, InstanceAction action, Call call)
    {
        json.WriteString("action", action.Action);
        json.WriteString("instance_uuid", server.Id.Text);
        json.WriteString("request_id", action.RequestId);
        json.WriteString("user_id", action.UserId.Text);
        json.WriteString("project_id", action.ProjectId?.Text);
        json.WriteString("start_time", Wire.Micros(action.StartedAt, zulu: false));
        json.WriteString("message", action.Error is null ? null : "Error");
        if (call.Microversion >= "2.58")
            json.WriteString("updated_at", Wire.Micros(Updated(action), zulu: false));
    }

    private static void WriteEvents(Utf8JsonWriter json, InstanceState server, InstanceAction action, bool traces, Call call)
    {
        json.WriteStartArray("events");
        if (action.Event is { } name)
        {
            json.WriteStartObject();
            json.WriteString("event", name);
            json.WriteString("start_time", Wire.Micros(action.StartedAt, zulu: false));
            json.WriteString("finish_time", action.FinishedAt is { } finished ? Wire.Micros(finished, zulu: false) : null);
            json.WriteString("result", action.FinishedAt is null ? null : action.Error is null ? "Success" : "Error");
            if (traces)
                json.WriteNull("traceback");
            if (call.Microversion >= "2.62")
            {
                if (traces)
                    json.WriteString("host", action.NodeName);
                json.WriteString("hostId", action.NodeName is { } host ? ServerBodies.Obfuscated(server.ProjectId, host) : "");
            }

            if (call.Microversion >= "2.84" && call.Allows(ServerPolicies.ActionEventDetails))
                json.WriteString("details", action.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
