using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Role assignments on the wire (source: <c>_format_entity</c> in <c>keystone/api/role_assignments.py</c>). A cloud has many times
/// more of them than users, and some clients list them all: they are written without objects in between.</summary>
internal sealed class AssignmentBodies(Call call, AssignmentNames? names)
{
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");

    private readonly string baseUrl = call.BaseUrl;

    /// <summary>The whole list.</summary>
    internal IResult List(IEnumerable<AssignmentLine> lines) => Reply.Written(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("role_assignments");
        foreach (var line in lines)
            Write(json, line);
        json.WriteEndArray();
        json.WritePropertyName("links");
        JsonSerializer.Serialize(json, IdentityReplies.ListLinks(call), Wire.Options);
        json.WriteEndObject();
    });

    private void Write(Utf8JsonWriter json, in AssignmentLine line)
    {
        var (place, held) = (line.Place, line.Source);
        json.WriteStartObject();
        json.WriteStartObject("links");
        WriteLinks(json, line);
        json.WriteEndObject();
        json.WriteStartObject("scope");
        WriteScope(json, place);
        if (held.Inherited)
            json.WriteString("OS-INHERIT:inherited_to", "projects");
        json.WriteEndObject();
        json.WriteStartObject(place.Actor == AssignmentActor.User ? "user" : "group");
        json.WriteString(Id, place.ActorId);
        names?.WriteActor(json, place);
        json.WriteEndObject();
        json.WriteStartObject("role");
        json.WriteString(Id, line.Role.Text);
        names?.WriteRole(json, line.Role);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteLinks(Utf8JsonWriter json, in AssignmentLine line)
    {
        var (place, held) = (line.Place, line.Source);
        Span<char> text = stackalloc char[512];
        var where = held.Target switch
        {
            AssignmentTarget.Project => "/projects/",
            AssignmentTarget.Domain => "/domains/",
            _ => "/system",
        };
        var target = held.Target == AssignmentTarget.System ? "" : held.TargetId;
        var actor = held.Actor == AssignmentActor.User ? "/users/" : "/groups/";
        var (before, after) = held.Inherited ? ("/OS-INHERIT", "/inherited_to_projects") : ("", "");
        var role = (line.Prior ?? line.Role).Text;
        // What is longer than any id and address of ours is written by way of a string.
        if (text.TryWrite($"{baseUrl}{before}{where}{target}{actor}{held.ActorId}/roles/{role}{after}", out var length))
            json.WriteString("assignment", text[..length]);
        else
            json.WriteString("assignment", $"{baseUrl}{before}{where}{target}{actor}{held.ActorId}/roles/{role}{after}");
        if (place.Actor == AssignmentActor.User && held.Actor == AssignmentActor.Group)
            json.WriteString("membership", $"{baseUrl}/groups/{held.ActorId}/users/{place.ActorId}");
        if (line.Prior is { } prior)
            json.WriteString("prior_role", $"{baseUrl}/prior_role/{line.Role}/implies/{prior}");
    }

    private void WriteScope(Utf8JsonWriter json, in AssignmentKey place)
    {
        if (place.Target == AssignmentTarget.System)
        {
            json.WriteStartObject("system");
            json.WriteBoolean("all", true);
        }
        else
        {
            json.WriteStartObject(place.Target == AssignmentTarget.Domain ? "domain" : "project");
            json.WriteString(Id, place.TargetId);
            names?.WriteTarget(json, place);
        }

        json.WriteEndObject();
    }
}
