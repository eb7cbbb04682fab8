using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Role assignments on the wire (source: <c>_format_entity</c> in <c>keystone/api/role_assignments.py</c>).</summary>
internal sealed class AssignmentBodies(Call call, IdentityIndex index, RoleSet roles, bool names)
{
    private readonly Dictionary<string, string> domainNames = new(StringComparer.Ordinal);

    internal async Task<Dictionary<string, object?>> Of(AssignmentLine line)
    {
        var scope = await Scope(line);
        if (line.Source.Inherited)
            scope["OS-INHERIT:inherited_to"] = "projects";
        var links = new Dictionary<string, object?> { ["assignment"] = call.BaseUrl + Link(line) };
        if (line.Prior is { } prior)
            links["prior_role"] = $"{call.BaseUrl}/prior_role/{line.Role}/implies/{prior}";
        return new()
        {
            ["links"] = links,
            ["scope"] = scope,
            [line.Place.Actor == AssignmentActor.User ? "user" : "group"] = await Actor(line.Place),
            ["role"] = Role(line.Role),
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

    private object Role(RoleId id) => names ? new { id = id.Text, name = roles.Find(id)?.Name } : new { id = id.Text };

    private async Task<object> Actor(AssignmentKey key)
    {
        if (!names || await index.FindUser(key.ActorId, call.Aborted) is not { } user)
            return new { id = key.ActorId };
        return new { id = key.ActorId, name = user.Name, domain = await Domain(user.DomainId.Text) };
    }

    private async Task<Dictionary<string, object?>> Scope(AssignmentLine line)
    {
        var place = line.Place;
        switch (place.Target)
        {
            case AssignmentTarget.System:
                return new() { ["system"] = new { all = true } };
            case AssignmentTarget.Domain:
                return new() { ["domain"] = names ? await Domain(place.TargetId) : new { id = place.TargetId } };
            default:
                if (!names || await index.FindProject(place.TargetId, call.Aborted) is not { } project)
                    return new() { ["project"] = new { id = place.TargetId } };
                return new() { ["project"] = new { id = place.TargetId, name = project.Name,
                    domain = await Domain(project.DomainId.Text) } };
        }
    }

    private async Task<object> Domain(string id)
    {
        if (!domainNames.TryGetValue(id, out var name))
            domainNames[id] = name = (await index.FindDomain(id, call.Aborted))?.Name ?? "";
        return new { id, name };
    }
}
