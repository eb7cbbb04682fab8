using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Role assignments on the wire (source: <c>_format_entity</c> in <c>keystone/api/role_assignments.py</c>).</summary>
internal static class AssignmentBodies
{
    internal static Dictionary<string, object?> Of(AssignmentLine line, AssignmentNames? names, Call call)
    {
        var (place, held) = (line.Place, line.Source);
        var links = new Dictionary<string, object?> { ["assignment"] = call.BaseUrl + Link(line) };
        if (place.Actor == AssignmentActor.User && held.Actor == AssignmentActor.Group)
            links["membership"] = $"{call.BaseUrl}/groups/{held.ActorId}/users/{place.ActorId}";
        if (line.Prior is { } prior)
            links["prior_role"] = $"{call.BaseUrl}/prior_role/{line.Role}/implies/{prior}";
        var scope = Scope(place, names);
        if (held.Inherited)
            scope["OS-INHERIT:inherited_to"] = "projects";
        return new()
        {
            ["links"] = links,
            ["scope"] = scope,
            [place.Actor == AssignmentActor.User ? "user" : "group"] = names?.Actor(place) ?? new { id = place.ActorId },
            ["role"] = names?.Role(line.Role) ?? new { id = line.Role.Text },
        };
    }

    private static string Link(AssignmentLine line)
    {
        var held = line.Source;
        var where = held.Target switch
        {
            AssignmentTarget.Project => "/projects/" + held.TargetId,
            AssignmentTarget.Domain => "/domains/" + held.TargetId,
            _ => "/system",
        };
        var link = $"{where}/{(held.Actor == AssignmentActor.User ? "users" : "groups")}/{held.ActorId}/roles/{line.Prior ?? line.Role}";
        return held.Inherited ? $"/OS-INHERIT{link}/inherited_to_projects" : link;
    }

    private static Dictionary<string, object?> Scope(AssignmentKey place, AssignmentNames? names) => place.Target switch
    {
        AssignmentTarget.System => new() { ["system"] = new { all = true } },
        AssignmentTarget.Domain => new() { ["domain"] = names?.Domain(place.TargetId) ?? new { id = place.TargetId } },
        _ => new() { ["project"] = names?.Project(place.TargetId) ?? new { id = place.TargetId } },
    };
}
