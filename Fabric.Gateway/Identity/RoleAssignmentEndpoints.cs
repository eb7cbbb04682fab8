using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>GET /role_assignments</c>: as they were granted, or as they take effect.</summary>
internal static class RoleAssignmentEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var subtree = call.IsSet("include_subtree");
        if (subtree)
            await RequireTree(call);
        else
            call.Require(IdentityPolicies.ListAssignments);
        var filter = Read(call, subtree);
        var lines = await call.Get<AssignmentSearch>().Find(filter, call.Aborted);
        if (!subtree && call.Caller.DomainId is { } domain)
            lines = [.. await InDomain(lines, domain, call)];
        var names = call.IsSet("include_names") ? await AssignmentNames.Read(lines, call) : null;
        return new AssignmentBodies(call, names).List(lines);
    }

    // The combinations that make no sense, each in Keystone's words. What is empty was not asked for.
    private static AssignmentFilter Read(Call call, bool subtree)
    {
        var filter = new AssignmentFilter
        {
            UserId = Asked(call, "user.id"),
            GroupId = Asked(call, "group.id"),
            RoleId = Asked(call, "role.id"),
            ProjectId = Asked(call, "scope.project.id"),
            DomainId = Asked(call, "scope.domain.id"),
            System = call.Query("scope.system") == "all",
            Subtree = subtree,
            Inherited = call.Query("scope.OS-INHERIT:inherited_to") is { } to ? to == "projects" : null,
            Effective = call.IsSet("effective"),
        };
        var system = Asked(call, "scope.system") is not null;
        var wrong = filter switch
        {
            { DomainId: not null, ProjectId: not null } => "Specify a domain or project, not both",
            { DomainId: not null } when system => "Specify system or domain, not both",
            { ProjectId: not null } when system => "Specify system or project, not both",
            { UserId: not null, GroupId: not null } => "Specify a user or group, not both",
            { Effective: true, GroupId: not null } => "Combining effective and group filter will always result in an empty list.",
            { Effective: true, Inherited: true, DomainId: not null } =>
                "Combining effective, domain and inherited filters will always result in an empty list.",
            _ => null,
        };
        return wrong is null ? filter : throw Fault.BadRequest("ValidationError", wrong);
    }

    private static string? Asked(Call call, string name) => call.Query(name) is { Length: > 0 } text ? text : null;

    // What the rule may know is the project.
    private static async Task RequireTree(Call call)
    {
        var id = Asked(call, "scope.project.id");
        var project = id is null ? null : await call.Get<IdentityIndex>().FindProject(id, call.Aborted)
            ?? throw IdentityFaults.NotFound("project", id);
        call.Require(IdentityPolicies.ListAssignmentsForTree, IdentityTargets.Project(id ?? "", project));
        if (project is null)
        {
            throw Fault.BadRequest("ValidationError",
                "scope.project.id must be specified if include_subtree is also specified");
        }
    }

    // A reader of one user domain sees what is held on it and on its projects.
    private static async Task<IEnumerable<AssignmentLine>> InDomain(IEnumerable<AssignmentLine> lines, UserDomainId domain, Call call)
    {
        var query = new ResourceQuery(IdentityKinds.Project).WithRef("domain", domain.Text);
        var projects = (await call.Get<IResourceIndex>().ListIds(query, call.Aborted)).ToHashSet(StringComparer.Ordinal);
        return lines.Where(line => line.Place.Target switch
        {
            AssignmentTarget.Project => projects.Contains(line.Place.TargetId),
            AssignmentTarget.Domain => line.Place.TargetId == domain.Text,
            _ => false,
        });
    }
}
