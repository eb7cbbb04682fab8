using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Finds role assignments, as they were granted or as they take effect (source: <c>list_role_assignments</c> in
/// <c>keystone/assignment/core.py</c>). Asks the index a handful of questions, whatever the number of assignments.</summary>
public sealed class AssignmentSearch(IdentityIndex index)
{
    private static readonly string TheSystem = AssignmentKey.TargetText(AssignmentTarget.System, "all");

    /// <summary>All that the filter lets through. As they take effect, a user or project that is not there is not found.</summary>
    public async Task<IReadOnlyList<AssignmentLine>> Find(AssignmentFilter filter, CancellationToken ct)
    {
        var scope = filter.ProjectId is { } id ? await ReadScope(id, filter, ct) : null;
        return filter.Effective ? await Effective(filter, scope, ct) : await Granted(filter, scope, ct);
    }

    private async Task<IReadOnlyList<AssignmentLine>> Granted(AssignmentFilter filter, TreeScope? scope, CancellationToken ct)
    {
        var actor = filter.UserId is { } user ? AssignmentKey.ActorText(AssignmentActor.User, user)
            : filter.GroupId is { } group ? AssignmentKey.ActorText(AssignmentActor.Group, group)
            : null;
        IReadOnlyList<string>? targets = filter switch
        {
            { System: true } => [TheSystem],
            { ProjectId: { } project } => [.. (scope?.Wanted ?? [project]).Select(ProjectText)],
            { DomainId: { } domain } => [AssignmentKey.TargetText(AssignmentTarget.Domain, domain)],
            _ => null,
        };
        var found = await Held(actor is null ? null : [actor], targets, filter.RoleId, ct);
        var lines = new List<AssignmentLine>(found.Count);
        foreach (var held in found)
        {
            // Nothing on the system is inherited, and Keystone does not ask there.
            if (filter.Inherited is { } inherited && held.Key.Target != AssignmentTarget.System && held.Key.Inherited != inherited)
                continue;
            foreach (var role in held.Roles)
            {
                if (filter.RoleId is null || role.Text == filter.RoleId)
                    lines.Add(new(held.Key, role, held.Key, null));
            }
        }

        return lines;
    }

    private async Task<IReadOnlyList<AssignmentLine>> Effective(AssignmentFilter filter, TreeScope? scope, CancellationToken ct)
    {
        var actors = filter.UserId is { } user ? await ActorsOf(user, ct) : null;
        IReadOnlyList<string>? targets = scope is not null ? [.. scope.Sources]
            : filter.DomainId is { } domain ? [AssignmentKey.TargetText(AssignmentTarget.Domain, domain)]
            : null;
        var held = (await Held(actors, targets, null, ct)).Where(assignment => Counts(assignment.Key, filter, scope)).ToList();
        var places = scope is null ? await TreesBelow(held, ct) : scope.Below;
        var members = filter.UserId is null ? await MembersOf(held, ct) : null;
        var roles = await index.Roles(ct);
        // Implied roles all the way down. A role of one user domain only stands for those that it implies.
        var chains = new Chains(roles, filter.RoleId);
        var lines = new List<AssignmentLine>(held.Count);
        foreach (var assignment in held)
        {
            foreach (var place in Places(assignment.Key, places))
            {
                foreach (var actor in Actors(place, filter.UserId, members))
                {
                    foreach (var granted in assignment.Roles)
                    {
                        foreach (var (role, prior) in chains.Of(granted))
                            lines.Add(new(actor, role, assignment.Key, prior));
                    }
                }
            }
        }

        return lines;
    }

    private static bool Counts(AssignmentKey key, AssignmentFilter filter, TreeScope? scope)
    {
        // What takes effect on the system is no part of these lists, and no user domain inherits anything.
        if (key.Target == AssignmentTarget.System || (filter.Inherited is { } inherited && key.Inherited != inherited))
            return false;
        if (filter.DomainId is not null)
            return !key.Inherited;
        if (scope is null)
            return true;
        var target = AssignmentKey.TargetText(key.Target, key.TargetId);
        return key.Inherited ? scope.InheritedFrom.Contains(target) : scope.WantedTexts.Contains(target);
    }

    private static IEnumerable<AssignmentKey> Places(AssignmentKey key, Func<AssignmentKey, IEnumerable<string>> below) => key.Inherited
        ? below(key).Select(project => key with { Target = AssignmentTarget.Project, TargetId = project, Inherited = false })
        : [key];

    private static IEnumerable<AssignmentKey> Actors(AssignmentKey place, string? user, ILookup<string, string>? members)
    {
        if (place.Actor == AssignmentActor.User)
            return [place];
        var users = user is not null ? [user] : members![place.ActorId];
        return users.Select(id => place with { Actor = AssignmentActor.User, ActorId = id });
    }

    private async Task<IReadOnlyList<string>> ActorsOf(string user, CancellationToken ct)
    {
        var known = await index.FindUser(user, ct) ?? throw IdentityFaults.NotFound("user", user);
        return [AssignmentKey.ActorText(AssignmentActor.User, user),
            .. (await index.GroupsOf(known.Id, ct)).Select(static group => AssignmentKey.ActorText(AssignmentActor.Group, group.Id.Text))];
    }

    private async Task<ILookup<string, string>> MembersOf(IReadOnlyList<RoleAssignmentState> held, CancellationToken ct)
    {
        var groups = held.Where(static assignment => assignment.Key.Actor == AssignmentActor.Group)
            .Select(static assignment => assignment.Key.ActorId).Distinct().ToArray();
        var there = await index.ByIds<GroupState>(IdentityKinds.Group, groups, ct);
        var members = new List<GroupMemberState>();
        foreach (var chunk in there.Chunk(IdentityIndex.MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.GroupMember) { Descending = false }
                .WithRef(GroupMemberState.GroupRef, [.. chunk.Select(static group => group.Id.Text)]);
            members.AddRange(await index.Records.List<GroupMemberState>(query, ct));
        }

        return members.ToLookup(static member => member.GroupId.Text, static member => member.UserId.Text);
    }

    // Without a project asked for: every project of the user domains that inherited roles reach, read once.
    private async Task<Func<AssignmentKey, IEnumerable<string>>> TreesBelow(
        IReadOnlyList<RoleAssignmentState> held, CancellationToken ct)
    {
        var inherited = held.Where(static assignment => assignment.Key.Inherited).Select(static assignment => assignment.Key).ToList();
        var sources = inherited.Where(static key => key.Target == AssignmentTarget.Project).Select(static key => key.TargetId).Distinct();
        var domains = inherited.Where(static key => key.Target == AssignmentTarget.Domain).Select(static key => key.TargetId)
            .Concat((await index.ByIds<ProjectState>(IdentityKinds.Project, sources, ct)).Select(
                static project => project.DomainId.Text));
        var projects = new List<ProjectState>();
        foreach (var chunk in domains.Distinct().Chunk(IdentityIndex.MostValues))
        {
            var query = new ResourceQuery(IdentityKinds.Project) { Descending = false }.WithRef("domain", chunk);
            projects.AddRange(await index.Records.List<ProjectState>(query, ct));
        }

        return new ProjectForest(projects).Below;
    }

    private async Task<TreeScope> ReadScope(string id, AssignmentFilter filter, CancellationToken ct)
    {
        var project = await index.FindProject(id, ct);
        if (project is null && (filter.Effective || filter.Subtree))
            throw IdentityFaults.NotFound("project", id);
        if (project is null)
            return new(id, null, [], []);
        IReadOnlyList<ProjectState> above = filter.Effective ? await index.Ancestors(project, ct) : [];
        return new(id, project, above, filter.Subtree ? await index.Below(id, ct) : []);
    }

    private async Task<IReadOnlyList<RoleAssignmentState>> Held(
        IReadOnlyList<string>? actors, IReadOnlyList<string>? targets, string? role, CancellationToken ct)
    {
        if (actors is null && targets is null && role is null)
            return await index.AllAssignments(ct);
        var found = new List<RoleAssignmentState>();
        foreach (var some in Chunks(actors))
        {
            foreach (var part in Chunks(targets))
            {
                var query = new ResourceQuery(IdentityKinds.Assignment) { Descending = false };
                if (some is not null)
                    query = query.WithRef(RoleAssignmentState.ActorRef, some);
                if (part is not null)
                    query = query.WithRef(RoleAssignmentState.TargetRef, part);
                if (role is not null)
                    query = query.WithRef(RoleAssignmentState.RoleRef, role);
                found.AddRange(await index.Records.List<RoleAssignmentState>(query, ct));
            }
        }

        return found;
    }

    // One null for no condition at all.
    private static IReadOnlyList<string[]?> Chunks(IReadOnlyList<string>? values)
    {
        if (values is null)
            return [null];
        return [.. values.Chunk(IdentityIndex.MostValues)];
    }

    /// <summary>What each role that was granted stands for, worked out once for all who hold it.</summary>
    private sealed class Chains(RoleSet roles, string? wanted)
    {
        private readonly Dictionary<RoleId, (RoleId Role, RoleId? Prior)[]> known = [];

        internal (RoleId Role, RoleId? Prior)[] Of(RoleId granted)
        {
            if (known.TryGetValue(granted, out var chain))
                return chain;
            return known[granted] =
            [
                .. from one in roles.Chain(granted)
                   where one.Role.DomainId is null && (wanted is null || one.Role.Id.Text == wanted)
                   select (one.Role.Id, one.Prior),
            ];
        }
    }

    private static string ProjectText(string id) => AssignmentKey.TargetText(AssignmentTarget.Project, id);

    /// <summary>The project asked for, alone or with those below, and where its roles may come from.</summary>
    private sealed class TreeScope(string id, ProjectState? project, IReadOnlyList<ProjectState> above, IReadOnlyList<ProjectState> below)
    {
        private readonly ProjectForest forest = new(below);

        internal IReadOnlyList<string> Wanted { get; } = [id, .. below.Select(static child => child.Id.Text)];
        internal HashSet<string> WantedTexts => field ??= [.. Wanted.Select(ProjectText)];

        /// <summary>The user domain, the projects above, and within a subtree its own projects.</summary>
        internal HashSet<string> InheritedFrom => field ??=
        [
            .. project is null ? [] : (string[])[AssignmentKey.TargetText(AssignmentTarget.Domain, project.DomainId.Text)],
            .. above.Select(static parent => ProjectText(parent.Id.Text)),
            .. below.Count > 0 ? WantedTexts : [],
        ];

        internal IEnumerable<string> Sources => WantedTexts.Union(InheritedFrom);

        /// <summary>Where an inherited role takes effect within the scope.</summary>
        internal IEnumerable<string> Below(AssignmentKey key) =>
            key.Target == AssignmentTarget.Project && WantedTexts.Contains(ProjectText(key.TargetId)) ? forest.Below(key) : Wanted;
    }
}
