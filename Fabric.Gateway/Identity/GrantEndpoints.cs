using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Roles of users on projects, user domains and the system, held there or inherited by the projects below.</summary>
internal sealed class GrantEndpoints(AssignmentTarget target, bool inherited)
{
    internal async Task<IResult> Create(Call call)
    {
        var (key, role) = await Find(call);
        await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role.Id);
        return Reply.Empty();
    }

    internal async Task<IResult> Check(Call call)
    {
        var (key, role) = await Find(call);
        return (await Held(call, key)).Contains(role.Id) ? Reply.Empty()
            : throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
    }

    internal async Task<IResult> Revoke(Call call)
    {
        var (key, role) = await Find(call);
        if (!await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Revoke(role.Id))
            throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
        if (key is { Actor: AssignmentActor.User, Target: AssignmentTarget.Project, Inherited: false })
            await call.Get<DelegationRemoval>().OfUserOnProject(key.ActorId, key.TargetId, call.Aborted);
        return Reply.Empty();
    }

    internal async Task<IResult> List(Call call)
    {
        var (key, _, _) = await FindAll(call, null);
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var held = (await Held(call, key)).Select(roles.Find).OfType<RoleState>();
        return IdentityReplies.List(call, "roles", held.Select(role => RoleBodies.Of(role, call)).Filter(call, "name"));
    }

    private static async Task<IReadOnlyList<RoleId>> Held(Call call, AssignmentKey key) =>
        (await call.Get<IdentityIndex>().Records.Find<RoleAssignmentState>(IdentityKinds.Assignment, key.Text, call.Aborted))?.Roles ?? [];

    private async Task<(AssignmentKey Key, RoleState Role)> Find(Call call)
    {
        var (key, project, role) = await FindAll(call, call.Path("role_id"));
        if (role is null)
            throw IdentityFaults.NotFound("role", call.Path("role_id"));
        if (role.DomainId is { } domain && project is not null && project.DomainId != domain)
            throw IdentityFaults.ForbiddenAction($"Project {project.Id} must be in the same domain as the role {role.Id} being assigned.");
        return (key, role);
    }

    // The rule is about all of them together. What is not there is told to those alone who may ask about everything.
    private async Task<(AssignmentKey Key, ProjectState? Project, RoleState? Role)> FindAll(Call call, string? roleId)
    {
        var index = call.Get<IdentityIndex>();
        var userId = call.Path("user_id");
        var placeId = target switch
        {
            AssignmentTarget.Project => call.Path("project_id"),
            AssignmentTarget.Domain => call.Path("domain_id"),
            _ => "all",
        };
        var user = await index.FindUser(userId, call.Aborted);
        var project = target == AssignmentTarget.Project ? await index.FindProject(placeId, call.Aborted) : null;
        var domain = target == AssignmentTarget.Domain ? await index.FindDomain(placeId, call.Aborted) : null;
        var role = roleId is null ? null : (await index.Roles(call.Aborted)).Find(new(roleId));
        call.Require(call.Route.Policy, IdentityTargets.Grant(user, project, domain, role));
        if (target == AssignmentTarget.Project && project is null)
            throw IdentityFaults.NotFound("project", placeId);
        if (target == AssignmentTarget.Domain && domain is null)
            throw IdentityFaults.NotFound("domain", placeId);
        return user is null
            ? throw IdentityFaults.NotFound("user", userId)
            : (new(AssignmentActor.User, userId, target, placeId, inherited), project, role);
    }
}
