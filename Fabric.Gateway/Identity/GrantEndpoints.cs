using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Roles of users and groups on projects, user domains and the system, held there or inherited by the projects below.</summary>
internal sealed class GrantEndpoints(AssignmentActor actor, AssignmentTarget target, bool inherited)
{
    internal async Task<IResult> Create(Call call)
    {
        var (key, project, role) = await Find(call);
        if (role.DomainId is { } domain)
            RequireUsable(role, domain, key, project);
        await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role.Id);
        return Reply.Empty();
    }

    internal async Task<IResult> Check(Call call)
    {
        var (key, _, role) = await Find(call);
        return (await Held(call, key)).Contains(role.Id) ? Reply.Empty()
            : throw NoAssignment(role, key);
    }

    internal async Task<IResult> Revoke(Call call)
    {
        var (key, _, role) = await Find(call);
        if (!(await Held(call, key)).Contains(role.Id))
            throw NoAssignment(role, key);
        // What hangs on it first: if this is cut short, the role is still there to be revoked again.
        if (key is { Actor: AssignmentActor.User, Target: AssignmentTarget.Project, Inherited: false })
            await call.Get<DelegationRemoval>().OfUserOnProject(key.ActorId, key.TargetId, call.Aborted);
        return await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Revoke(role.Id)
            ? Reply.Empty()
            : throw NoAssignment(role, key);
    }

    /// <summary>What is held on a domain and what is held on the project that acts as it are one list, as Keystone reads them.</summary>
    internal async Task<IResult> List(Call call)
    {
        var (key, _, _) = await FindAll(call, null);
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var held = (await Held(call, key)).Concat(await Held(call, key with { Target = Twin(key.Target) })).Distinct();
        return IdentityReplies.Whole(call, "roles", held.Select(roles.Find).OfType<RoleState>().Select(role => RoleBodies.Of(role, call)));
    }

    private static AssignmentTarget Twin(AssignmentTarget target) => target switch
    {
        AssignmentTarget.Project => AssignmentTarget.Domain,
        AssignmentTarget.Domain => AssignmentTarget.Project,
        _ => target,
    };

    private static async Task<IReadOnlyList<RoleId>> Held(Call call, AssignmentKey key) =>
        (await call.Get<IdentityIndex>().Records.Find<RoleAssignmentState>(IdentityKinds.Assignment, key.Text, call.Aborted))?.Roles ?? [];

    private async Task<(AssignmentKey Key, ProjectState? Project, RoleState Role)> Find(Call call)
    {
        var (key, project, role) = await FindAll(call, call.Path("role_id"));
        return (key, project, role ?? throw IdentityFaults.NotFound("role", call.Path("role_id")));
    }

    // A role of one user domain is for the projects of that domain.
    private void RequireUsable(RoleState role, UserDomainId domain, AssignmentKey key, ProjectState? project)
    {
        if (target == AssignmentTarget.System)
        {
            throw Fault.BadRequest("ValidationError",
                $"Role {role.Id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.");
        }

        // A domain as a project lies in none.
        if (target == AssignmentTarget.Project && project?.DomainId != domain)
        {
            throw new Fault(FaultKind.Forbidden, "DomainSpecificRoleMismatch",
                $"Project {key.TargetId} must be in the same domain as the role {role.Id} being assigned.");
        }
    }

    /// <summary>Roles that are held there are looked for with all they are about before the rule is asked, as Keystone does: whoever has a
    /// token hears what is not there. Of inherited ones that is told to those alone who may ask about everything.</summary>
    internal bool AskedLater => !inherited;

    // The rule is about all of them together.
    private async Task<(AssignmentKey Key, ProjectState? Project, RoleState? Role)> FindAll(Call call, string? roleId)
    {
        var index = call.Get<IdentityIndex>();
        var actorId = call.Path(actor == AssignmentActor.User ? "user_id" : "group_id");
        var placeId = target switch
        {
            AssignmentTarget.Project => call.Path("project_id"),
            AssignmentTarget.Domain => call.Path("domain_id"),
            _ => "all",
        };
        var user = actor == AssignmentActor.User ? await index.FindUser(actorId, call.Aborted) : null;
        var group = actor == AssignmentActor.Group ? await index.FindGroup(actorId, call.Aborted) : null;
        var project = target == AssignmentTarget.Project ? await index.FindProject(placeId, call.Aborted) : null;
        // A domain is also the project that acts as it.
        var domain = target != AssignmentTarget.System && project is null ? await index.FindDomain(placeId, call.Aborted) : null;
        var role = roleId is null ? null : (await index.Roles(call.Aborted)).Find(new(roleId));
        if (inherited)
            call.Require(call.Route.Policy, IdentityTargets.Grant(user, project, domain, role, group));
        var noPlace = target != AssignmentTarget.System && project is null && domain is null;
        if (noPlace && target == AssignmentTarget.Domain && !inherited)
            throw IdentityFaults.NotFound("domain", placeId);
        if (roleId is not null && role is null)
            throw IdentityFaults.NotFound("role", roleId);
        // Whom inherited roles are for nobody looks at, and what is revoked may be a gone user's.
        if (user is null && group is null && !inherited && !HttpMethods.IsDelete(call.Http.Request.Method))
            throw IdentityFaults.NotFound(actor == AssignmentActor.User ? "user" : "group", actorId);
        if (noPlace)
            throw IdentityFaults.NotFound(target == AssignmentTarget.Project ? "project" : "domain", placeId);
        if (!inherited)
            call.Require(call.Route.Policy, IdentityTargets.Grant(user, project, domain, role, group));
        return (new(actor, actorId, target, placeId, inherited), project, role);
    }

    private static Fault NoAssignment(RoleState role, AssignmentKey key) => IdentityFaults.NoAssignment(
        role.Id, key.ActorId, key.Target == AssignmentTarget.System ? "system" : key.TargetId);
}
