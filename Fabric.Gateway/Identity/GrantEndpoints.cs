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
        return await call.Grains.GetGrain<IRoleAssignmentGrain>(key.Text).Revoke(role.Id)
            ? Reply.Empty()
            : throw IdentityFaults.NoAssignment(role.Id, key.ActorId, key.TargetId);
    }

    internal async Task<IResult> List(Call call)
    {
        var key = await FindKey(call);
        var roles = await call.Get<IdentityIndex>().Roles(call.Aborted);
        var held = (await Held(call, key)).Select(roles.Find).OfType<RoleState>();
        return IdentityReplies.List(call, "roles", held.Select(role => RoleBodies.Of(role, call)).Filter(call, "name"));
    }

    private static async Task<IReadOnlyList<RoleId>> Held(Call call, AssignmentKey key) =>
        (await call.Get<IdentityIndex>().Records.Find<RoleAssignmentState>(IdentityKinds.Assignment, key.Text, call.Aborted))?.Roles ?? [];

    private async Task<(AssignmentKey Key, RoleState Role)> Find(Call call)
    {
        var key = await FindKey(call);
        var role = await RoleEndpoints.Find(call, "role_id");
        if (role.DomainId is { } domain && target == AssignmentTarget.Project
            && await call.Get<IdentityIndex>().FindProject(key.TargetId, call.Aborted) is { } project && project.DomainId != domain)
            throw IdentityFaults.ForbiddenAction($"Project {project.Id} must be in the same domain as the role {role.Id} being assigned.");
        return (key, role);
    }

    // Both the user and what it has roles on must be the caller's to ask about.
    private async Task<AssignmentKey> FindKey(Call call)
    {
        var targetId = target switch
        {
            AssignmentTarget.Project => (await ProjectEndpoints.Find(call)).Id.Text,
            AssignmentTarget.Domain => (await DomainEndpoints.Find(call)).Id.Text,
            _ => "all",
        };
        var user = await UserEndpoints.Find(call);
        return new(AssignmentActor.User, user.Id.Text, target, targetId, inherited);
    }
}
