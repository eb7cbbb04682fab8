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
            RequireUsable(role, domain, project);
        await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role.Id);
        return Reply.Empty();
    }

    internal async Task<IResult> Check(Call call)
    {
        var (key, _, role) = await Find(call);
        return (await Held(call, key)).Contains(role.Id) ? Reply.Empty()
            : throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
    }

    internal async Task<IResult> Revoke(Call call)
    {
        var (key, _, role) = await Find(call);
        if (!(await Held(call, key)).Contains(role.Id))
            throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
        // What hangs on it first: if this is cut short, the role is still there to be revoked again.
        if (key is { Actor: AssignmentActor.User, Target: AssignmentTarget.Project, Inherited: false })
            await call.Get<DelegationRemoval>().OfUserOnProject(key.ActorId, key.TargetId, call.Aborted);
        return await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Revoke(role.Id)
            ? Reply.Empty()
            : throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
    }

    internal async Task<IResult> List(Call call)
    {
        var (key, _, _) = await FindAll(call, null);
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var held = (await Held(call, key)).Select(roles.Find).OfType<RoleState>();
        return IdentityReplies.Whole(call, "roles", held.Select(role => RoleBodies.Of(role, call)).Filter(call, "name"));
    }

    private static async Task<IReadOnlyList<RoleId>> Held(Call call, AssignmentKey key) =>
        (await call.Get<IdentityIndex>().Records.Find<RoleAssignmentState>(IdentityKinds.Assignment, key.Text, call.Aborted))?.Roles ?? [];

    private async Task<(AssignmentKey Key, ProjectState? Project, RoleState Role)> Find(Call call)
    {
        var (key, project, role) = await FindAll(call, call.Path("role_id"));
        return (key, project, role ?? throw IdentityFaults.NotFound("role", call.Path("role_id")));
    }

    // A role of one user domain is for the projects of that domain.
    private void RequireUsable(RoleState role, UserDomainId domain, ProjectState? project)
    {
        if (target == AssignmentTarget.System)
        {
            throw Fault.BadRequest("ValidationError",
                $"Role {role.Id} is a domain-specific role. Unable to use a domain-specific role in a system assignment.");
        }

        if (project is not null && project.DomainId != domain)
        {
            throw new Fault(FaultKind.Forbidden, "DomainSpecificRoleMismatch",
                $"Project {project.Id} must be in the same domain as the role {role.Id} being assigned.");
        }
    }

    // The rule is about all of them together. What is not there is told to those alone who may ask about everything.
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
        var domain = target == AssignmentTarget.Domain ? await index.FindDomain(placeId, call.Aborted) : null;
        var role = roleId is null ? null : (await index.Roles(call.Aborted)).Find(new(roleId));
        call.Require(call.Route.Policy, IdentityTargets.Grant(user, project, domain, role, group));
        if (target == AssignmentTarget.Project && project is null)
            throw IdentityFaults.NotFound("project", placeId);
        if (target == AssignmentTarget.Domain && domain is null)
            throw IdentityFaults.NotFound("domain", placeId);
        return user is null && group is null
            ? throw IdentityFaults.NotFound(actor == AssignmentActor.User ? "user" : "group", actorId)
            : (new(actor, actorId, target, placeId, inherited), project, role);
    }
}
