using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Deletes things with all that hangs on them. What hangs goes first and the thing itself last: whoever dies in between leaves a
/// thing that can be deleted again, never a role on nothing.</summary>
public sealed partial class IdentityRemoval(
    IdentityIndex index, IGrainFactory grains, UnifiedLimits limits, EndpointPolicies policies, DelegationRemoval delegations,
    Federation.FederationIndex federation, Federation.FederationRemoval providers)
{
    /// <summary>A user, its roles, and its memberships of groups.</summary>
    public async Task RemoveUser(UserId id, CancellationToken ct)
    {
        await EndMemberships(await index.Members(GroupMemberState.UserRef, id.Text, ct));
        await RevokeAll(await index.AssignmentsOf(AssignmentActor.User, id.Text, ct));
        await grains.GetGrain<IUserLoginGrain>(id.Text).Forget();
        await delegations.OfUser(id, ct);
        await grains.GetGrain<Federation.IFederatedGroupsGrain>(id.Text).Forget();
        await grains.GetGrain<IUserGrain>(id).Delete();
    }

    /// <summary>A group, its roles, and who is in it.</summary>
    public async Task RemoveGroup(GroupId id, CancellationToken ct)
    {
        await RevokeAll(await index.AssignmentsOf(AssignmentActor.Group, id.Text, ct));
        await EndMemberships(await index.Members(GroupMemberState.GroupRef, id.Text, ct));
        await grains.GetGrain<IGroupGrain>(id).Delete();
    }

    /// <summary>A project, the roles on it, and that it is some users' default. Forbidden while it has projects below it.</summary>
    public async Task RemoveProject(ProjectId id, CancellationToken ct)
    {
        ResourceOptions.RequireDeletable((await index.FindProject(id.Text, ct))?.Options, "project", id.Text);
        if (await index.Records.Count(new ResourceQuery(IdentityKinds.Project).WithRef("parent", id.Text), ct) > 0)
        {
            throw IdentityFaults.Refused(
                $"Cannot delete the project {id} since it is not a leaf in the hierarchy. Use the cascade option if "
                + "you want to delete a whole subtree.");
        }

        await RevokeAll(await index.AssignmentsOn(AssignmentTarget.Project, id.Text, ct));
        foreach (var user in await index.Records.ListIds(new ResourceQuery(IdentityKinds.User).WithRef("project", id.Text), ct))
            await grains.GetGrain<IUserGrain>(user).LeaveProject(id);
        await limits.RemoveOf("project", id.Text, ct);
        await Unlink("project", id.Text, ct);
        await delegations.OfProject(id, ct);
        await grains.GetGrain<IProjectGrain>(id).Delete();
    }

    /// <summary>A disabled user domain with its users, groups, projects and roles.</summary>
    public async Task RemoveDomain(UserDomainState domain, CancellationToken ct)
    {
        ResourceOptions.RequireDeletable(domain.Options, "domain", domain.Id.Text);
        if (domain.Enabled)
            throw IdentityFaults.Refused("Cannot delete a domain that is enabled, please disable it first.");
        // Before anything goes: what is immutable would stop it halfway.
        foreach (var project in await index.Records.List<ProjectState>(InDomain(IdentityKinds.Project, domain.Id), ct))
            ResourceOptions.RequireDeletable(project.Options, "project", project.Id.Text);
        foreach (var provider in await federation.ProvidersIn(domain.Id.Text, ct))
            await providers.RemoveProvider(provider, ct);
        foreach (var user in await index.Records.ListIds(InDomain(IdentityKinds.User, domain.Id), ct))
            await RemoveUser(new(user), ct);
        foreach (var group in await index.Records.ListIds(InDomain(IdentityKinds.Group, domain.Id), ct))
            await RemoveGroup(new(group), ct);
        await RemoveProjects(domain.Id, ct);
        foreach (var role in (await index.Roles(ct)).All.Where(role => role.DomainId == domain.Id))
            await RemoveRole(role.Id, ct);
        await RevokeAll(await index.AssignmentsOn(AssignmentTarget.Domain, domain.Id.Text, ct));
        await limits.RemoveOf("domain", domain.Id.Text, ct);
        await grains.GetGrain<IDomainConfigGrain>(domain.Id.Text).Remove(null, null);
        await delegations.Void(new() { DomainId = domain.Id.Text });
        await grains.GetGrain<IUserDomainGrain>(domain.Id).Delete();
    }

    /// <summary>A role, wherever it is held or implied.</summary>
    public async Task RemoveRole(RoleId id, CancellationToken ct)
    {
        ResourceOptions.RequireDeletable((await index.Roles(ct)).Find(id)?.Options, "role", id.Text);
        var held = new ResourceQuery(IdentityKinds.Assignment).WithRef(RoleAssignmentState.RoleRef, id.Text);
        foreach (var assignment in await index.Records.List<RoleAssignmentState>(held, ct))
        {
            if (assignment.Key is { Actor: AssignmentActor.User, Target: AssignmentTarget.Project })
                await delegations.OfUserOnProject(assignment.Key.ActorId, assignment.Key.TargetId, ct);
            await grains.GetGrain<IRoleAssignmentGrain>(assignment.Key.Text).Revoke(id);
        }

        foreach (var prior in (await index.Roles(ct)).All.Where(role => role.Implies.Contains(id)))
            await grains.GetGrain<IRoleGrain>(prior.Id).StopImplying(id);
        await grains.GetGrain<IRoleGrain>(id).Delete();
    }

    // From the leaves up: each round takes the projects that nothing hangs on.
    private async Task RemoveProjects(UserDomainId domain, CancellationToken ct)
    {
        var left = (await index.Records.List<ProjectState>(InDomain(IdentityKinds.Project, domain), ct)).ToList();
        while (left.Count > 0)
        {
            var parents = left.Select(static project => project.ParentText).ToHashSet(StringComparer.Ordinal);
            foreach (var leaf in left.Where(project => !parents.Contains(project.Id.Text)).ToArray())
            {
                await RemoveProject(leaf.Id, ct);
                left.Remove(leaf);
            }
        }
    }

    private async Task RevokeAll(IReadOnlyList<RoleAssignmentState> assignments)
    {
        foreach (var assignment in assignments)
            await grains.GetGrain<IRoleAssignmentGrain>(assignment.Key.Text).RevokeAll();
    }

    private async Task EndMemberships(IReadOnlyList<GroupMemberState> members)
    {
        foreach (var member in members)
            await grains.GetGrain<IGroupMemberGrain>(GroupMemberState.Key(member.GroupId, member.UserId)).Leave();
    }

    private static ResourceQuery InDomain(string kind, UserDomainId domain) => new ResourceQuery(kind).WithRef("domain", domain.Text);
}
