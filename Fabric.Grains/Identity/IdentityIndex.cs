using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>Identity's records as they are looked for. Never calls a grain. The small lists that every token needs are kept until one of
/// their records changes.</summary>
public sealed partial class IdentityIndex(IResourceIndex index, TimeProvider time, IOptions<Federation.FederationOptions> federation)
{
    /// <summary>Most user domains in which a name is looked up one by one.</summary>
    private const int MostDomains = 100;

    /// <summary>Half a kilobyte each.</summary>
    private const int MostKeptAssignments = 50_000;

    private Versioned<RoleSet>? roles;
    private Versioned<CatalogSet>? catalog;
    private Versioned<IReadOnlyList<RoleAssignmentState>>? assignments;

    /// <summary>The index underneath, for lists.</summary>
    public IResourceIndex Records => index;

    /// <summary>A number that stays the same only as long as no record of these kinds changes.</summary>
    public ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct) => index.Version(kinds, ct);

    public Task<UserState?> FindUser(string id, CancellationToken ct) => index.Find<UserState>(IdentityKinds.User, id, ct);

    public Task<ProjectState?> FindProject(string id, CancellationToken ct) => index.Find<ProjectState>(IdentityKinds.Project, id, ct);

    public Task<UserDomainState?> FindDomain(string id, CancellationToken ct) =>
        index.Find<UserDomainState>(IdentityKinds.UserDomain, id, ct);

    public Task<UserState?> FindUserByName(UserDomainId domain, string name, CancellationToken ct) =>
        ByKey<UserState>(UserState.NameKey(domain, name), ct);

    public Task<ProjectState?> FindProjectByName(UserDomainId domain, string name, CancellationToken ct) =>
        ByKey<ProjectState>(ProjectState.NameKey(domain, name), ct);

    public Task<UserDomainState?> FindDomainByName(string name, CancellationToken ct) =>
        ByKey<UserDomainState>(UserDomainState.NameKey(name), ct);

    /// <summary>The records that a question finds, of those with a name, in whatever case: by the name itself, and by the keys that keep it
    /// unique in the user domains. Where there are very many of these, only in the case given.</summary>
    public async Task<IReadOnlyList<T>> ByName<T>(
        ResourceQuery query, string name, string? domain, Func<UserDomainId, string> key, Func<T, string> id, CancellationToken ct)
        where T : class
    {
        var found = await index.List<T>(query with { Names = [name] }, ct);
        var domains = domain is null ? await index.ListIds(new ResourceQuery(IdentityKinds.UserDomain), ct) : [domain];
        if (domains.Count > MostDomains)
            return found;
        var others = new List<string>();
        foreach (var each in domains)
        {
            if (await index.FindByUniqueKey(key(new(each)), ct) is { } holder && holder.Kind == query.Kind)
                others.Add(holder.Id);
        }

        var missing = others.Except(found.Select(id)).ToArray();
        return missing.Length == 0 ? found : [.. found, .. await index.List<T>(query with { Ids = missing }, ct)];
    }

    /// <summary>The projects above, nearest first.</summary>
    public async Task<IReadOnlyList<ProjectState>> Ancestors(ProjectState project, CancellationToken ct)
    {
        var above = new List<ProjectState>();
        for (var parent = project.ParentId; parent is { } id && above.Count < ProjectTree.MaxDepth;)
        {
            if (await FindProject(id.Text, ct) is not { } found)
                break;
            above.Add(found);
            parent = found.ParentId;
        }

        return above;
    }

    /// <summary>All that an actor holds anywhere.</summary>
    public Task<IReadOnlyList<RoleAssignmentState>> AssignmentsOf(AssignmentActor actor, string id, CancellationToken ct) =>
        index.List<RoleAssignmentState>(new ResourceQuery(IdentityKinds.Assignment) { Descending = false }
            .WithRef(RoleAssignmentState.ActorRef, AssignmentKey.ActorText(actor, id)), ct);

    /// <summary>All that is held on a target.</summary>
    public Task<IReadOnlyList<RoleAssignmentState>> AssignmentsOn(AssignmentTarget target, string id, CancellationToken ct) =>
        index.List<RoleAssignmentState>(new ResourceQuery(IdentityKinds.Assignment) { Descending = false }
            .WithRef(RoleAssignmentState.TargetRef, AssignmentKey.TargetText(target, id)), ct);

    /// <summary>The roles, implied ones included, that a user has on a project: held there, or inherited from above.</summary>
    public async Task<IReadOnlyList<RoleState>> RolesOnProject(UserId user, ProjectState project, CancellationToken ct) =>
        [.. (await HeldOnProject(user, project, ct)).Where(static role => role.DomainId is null)];

    /// <summary>The same with the roles of one user domain, which no token shows but which can be lent.</summary>
    public async Task<IReadOnlyList<RoleState>> HeldOnProject(UserId user, ProjectState project, CancellationToken ct)
    {
        var held = await HeldBy(user, ct);
        if (held.Count == 0)
            return [];
        IReadOnlyList<ProjectState> above = project.ParentId is null ? [] : await Ancestors(project, ct);
        var given = held.Where(assignment => ProjectTree.Reaches(assignment.Key, project, above)).SelectMany(
            static assignment => assignment.Roles);
        return (await Roles(ct)).Expand(given);
    }

    /// <summary>The roles, implied ones included, that a user has on a user domain or the system.</summary>
    public async Task<IReadOnlyList<RoleState>> RolesOn(UserId user, AssignmentTarget target, string id, CancellationToken ct)
    {
        var held = await HeldBy(user, ct);
        var given = held.Where(assignment => assignment.Key.Target == target && assignment.Key.TargetId == id && !assignment.Key.Inherited)
            .SelectMany(static assignment => assignment.Roles);
        return (await Roles(ct)).Effective(given);
    }

    /// <summary>The projects on which a user has a role, held there or inherited.</summary>
    public async Task<IReadOnlyList<ProjectState>> ProjectsOf(UserId user, CancellationToken ct)
    {
        var found = new Dictionary<ProjectId, ProjectState>();
        foreach (var assignment in await HeldBy(user, ct))
        {
            foreach (var project in await Reached(assignment.Key, ct))
                found.TryAdd(project.Id, project);
        }

        return [.. found.Values];
    }

    /// <summary>The projects on which an assignment gives its roles.</summary>
    public async Task<IReadOnlyList<ProjectState>> Reached(AssignmentKey key, CancellationToken ct)
    {
        switch (key)
        {
            case { Target: AssignmentTarget.Project, Inherited: false }:
                return await FindProject(key.TargetId, ct) is { } project ? [project] : [];
            case { Target: AssignmentTarget.Project }:
                return await Below(key.TargetId, ct);
            case { Target: AssignmentTarget.Domain, Inherited: true }:
                var all = new ResourceQuery(IdentityKinds.Project) { Descending = false }.WithRef("domain", key.TargetId);
                return await index.List<ProjectState>(all, ct);
            default:
                return [];
        }
    }

    /// <summary>All projects below one, each after its parent.</summary>
    public async Task<IReadOnlyList<ProjectState>> Below(string id, CancellationToken ct)
    {
        var found = new List<ProjectState>();
        IReadOnlyList<string> level = [id];
        while (level.Count > 0)
        {
            var next = new List<string>();
            foreach (var chunk in level.Chunk(1000))
            {
                var query = new ResourceQuery(IdentityKinds.Project) { Descending = false }.WithRef("parent", chunk);
                foreach (var child in await index.List<ProjectState>(query, ct))
                {
                    found.Add(child);
                    next.Add(child.Id.Text);
                }
            }

            level = next;
        }

        return found;
    }

    /// <summary>All roles as they are now.</summary>
    public async ValueTask<RoleSet> Roles(CancellationToken ct)
    {
        // The version is read before the records: a write in between makes the kept list old, never wrong for good.
        var version = await index.Version(IdentityKinds.Role, ct);
        if (roles is { } kept && kept.Version == version)
            return kept.Value;
        var all = await index.List<RoleState>(new ResourceQuery(IdentityKinds.Role) { Descending = false }, ct);
        roles = new(version, new(all));
        return roles.Value;
    }

    /// <summary>All that anybody holds. A list that is not too long is kept until one is granted or revoked.</summary>
    public async Task<IReadOnlyList<RoleAssignmentState>> AllAssignments(CancellationToken ct)
    {
        var version = await index.Version(IdentityKinds.Assignment, ct);
        if (assignments is { } kept && kept.Version == version)
            return kept.Value;
        var all = await index.List<RoleAssignmentState>(new ResourceQuery(IdentityKinds.Assignment) { Descending = false }, ct);
        assignments = all.Count <= MostKeptAssignments ? new(version, all) : null;
        return all;
    }

    /// <summary>All services, endpoints and regions as they are now.</summary>
    public async ValueTask<CatalogSet> Catalog(CancellationToken ct)
    {
        var version = await Version(IdentityKinds.Catalog, ct);
        if (catalog is { } kept && kept.Version == version)
            return kept.Value;
        var services = await index.List<ServiceState>(new ResourceQuery(IdentityKinds.Service) { Descending = false }, ct);
        var endpoints = await index.List<EndpointState>(new ResourceQuery(IdentityKinds.Endpoint) { Descending = false }, ct);
        var regions = await index.List<RegionState>(new ResourceQuery(IdentityKinds.Region) { Descending = false }, ct);
        var groups = await index.List<EndpointGroupState>(new ResourceQuery(IdentityKinds.EndpointGroup) { Descending = false }, ct);
        var links = await index.List<EndpointLinkState>(new ResourceQuery(IdentityKinds.EndpointLink) { Descending = false }, ct);
        catalog = new(version, new(services, endpoints, regions, groups, links));
        return catalog.Value;
    }

    /// <summary>The holder of a unique key, or null.</summary>
    internal async Task<T?> ByKey<T>(string key, CancellationToken ct)
        where T : class =>
        await index.FindByUniqueKey(key, ct) is { } holder ? await index.Find<T>(holder.Kind, holder.Id, ct) : null;

    private sealed record Versioned<T>(long Version, T Value);
}
