using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>GET /role_assignments</c>: as they were granted, or as they take effect.</summary>
internal static class RoleAssignmentEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        if (call.IsSet("include_subtree"))
            call.Require(IdentityPolicies.ListAssignmentsForTree);
        var filter = AssignmentFilter.Read(call);
        var index = call.Get<IdentityIndex>();
        var lines = new List<AssignmentLine>();
        foreach (var assignment in await Candidates(filter, index, call.Aborted))
            lines.AddRange(await Lines(assignment, filter, index, call.Aborted));
        var matching = lines.Where(filter.Matches);
        if (call.Caller.DomainId is { } domain)
            matching = await InDomain(matching, domain, index, call.Aborted);
        var bodies = new AssignmentBodies(call, index, await index.Roles(call.Aborted), call.IsSet("include_names"));
        var shown = new List<Dictionary<string, object?>>();
        foreach (var line in matching)
            shown.Add(await bodies.Of(line));
        return IdentityReplies.List(call, "role_assignments", shown);
    }

    private static Task<IReadOnlyList<RoleAssignmentState>> Candidates(AssignmentFilter filter, IdentityIndex index, CancellationToken ct)
    {
        if (filter.UserId is { } user)
            return index.AssignmentsOf(AssignmentActor.User, user, ct);
        var all = new ResourceQuery(IdentityKinds.Assignment) { Descending = false };
        // What takes effect somewhere may be held somewhere above; what was granted is found by its target.
        if (filter is { Effective: false, Target: { } target })
            all = all.WithRef(RoleAssignmentState.TargetRef, target);
        if (filter is { Effective: false, RoleId: { } role })
            all = all.WithRef(RoleAssignmentState.RoleRef, role);
        return index.Records.List<RoleAssignmentState>(all, ct);
    }

    private static async Task<IEnumerable<AssignmentLine>> Lines(
        RoleAssignmentState assignment, AssignmentFilter filter, IdentityIndex index, CancellationToken ct)
    {
        var key = assignment.Key;
        if (!filter.Effective)
            return assignment.Roles.Select(role => new AssignmentLine(key, role, key, null));
        var roles = await index.Roles(ct);
        IEnumerable<AssignmentKey> places = key.Inherited
            ? (await index.Reached(key, ct)).Select(
                project => key with { Target = AssignmentTarget.Project, TargetId = project.Id.Text, Inherited = false })
            : [key];
        return from place in places
               from held in assignment.Roles
               from role in roles.Expand([held])
               select new AssignmentLine(place, role.Id, key, role.Id == held ? null : held);
    }

    // A reader of one user domain sees what is held on it and on its projects.
    private static async Task<IEnumerable<AssignmentLine>> InDomain(
        IEnumerable<AssignmentLine> lines, UserDomainId domain, IdentityIndex index, CancellationToken ct)
    {
        var query = new ResourceQuery(IdentityKinds.Project).WithRef("domain", domain.Text);
        var projects = (await index.Records.ListIds(query, ct)).ToHashSet(StringComparer.Ordinal);
        return lines.Where(line => line.Place.Target switch
        {
            AssignmentTarget.Project => projects.Contains(line.Place.TargetId),
            AssignmentTarget.Domain => line.Place.TargetId == domain.Text,
            _ => false,
        });
    }
}

/// <summary>One role of one actor in one place.</summary>
/// <param name="Place">Where it holds.</param>
/// <param name="Role">The role.</param>
/// <param name="Source">The assignment it comes from.</param>
/// <param name="Prior">The role that implies it; null when it was granted itself.</param>
internal sealed record AssignmentLine(AssignmentKey Place, RoleId Role, AssignmentKey Source, RoleId? Prior);

/// <summary>What the query of a list of assignments asks for.</summary>
internal sealed record AssignmentFilter(string? UserId, string? GroupId, string? RoleId, string? Target, bool? Inherited, bool Effective)
{
    internal static AssignmentFilter Read(Call call)
    {
        var (project, domain, system) = (call.Query("scope.project.id"), call.Query("scope.domain.id"), call.Query("scope.system"));
        var (user, group) = (call.Query("user.id"), call.Query("group.id"));
        if (project is not null && domain is not null)
            throw Fault.BadRequest("ValidationError", "Specify a domain or project, not both");
        if (user is not null && group is not null)
            throw Fault.BadRequest("ValidationError", "Specify a user or group, not both");
        var effective = call.IsSet("effective");
        if (effective && group is not null)
            throw Fault.BadRequest("ValidationError", "Combining effective and group filter will always result in an empty list.");
        bool? inherited = call.Query("scope.OS-INHERIT:inherited_to") is { } to ? to == "projects" : null;
        if (effective && inherited == true && domain is not null)
        {
            throw Fault.BadRequest("ValidationError",
                "Combining effective, domain and inherited filters will always result in an empty list.");
        }

        var target = project is not null ? AssignmentKey.TargetText(AssignmentTarget.Project, project)
            : domain is not null ? AssignmentKey.TargetText(AssignmentTarget.Domain, domain)
            : system is not null ? AssignmentKey.TargetText(AssignmentTarget.System, "all")
            : null;
        return new(user, group, call.Query("role.id"), target, inherited, effective);
    }

    internal bool Matches(AssignmentLine line) =>
        (UserId is null || (line.Place.Actor == AssignmentActor.User && line.Place.ActorId == UserId))
        && (GroupId is null || (line.Place.Actor == AssignmentActor.Group && line.Place.ActorId == GroupId))
        && (RoleId is null || line.Role.Text == RoleId)
        && (Target is null || AssignmentKey.TargetText(line.Place.Target, line.Place.TargetId) == Target)
        && (Inherited is null || line.Source.Inherited == Inherited);
}
