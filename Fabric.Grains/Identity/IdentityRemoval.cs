using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Deletes things with all that hangs on them. What hangs goes first and the thing itself last: whoever dies in between leaves a
/// thing that can be deleted again, never a role on nothing.</summary>
public sealed class IdentityRemoval(IdentityIndex index, IGrainFactory grains, DelegationRemoval delegations)
{
    /// <summary>A user, and its roles.</summary>
    public async Task RemoveUser(UserId id, CancellationToken ct)
    {
        await RevokeAll(await index.AssignmentsOf(AssignmentActor.User, id.Text, ct));
        await delegations.OfUser(id, ct);
        await grains.GetGrain<IUserGrain>(id).Delete();
    }

    /// <summary>A project, and the roles on it. Forbidden while it has projects below it.</summary>
    public async Task RemoveProject(ProjectId id, CancellationToken ct)
    {
        if (await index.Records.Count(new ResourceQuery(IdentityKinds.Project).WithRef("parent", id.Text), ct) > 0)
        {
            throw IdentityFaults.ForbiddenAction(
                $"Cannot delete the project {id} since it is not a leaf in the hierarchy. Use the cascade option if "
                + "you want to delete a whole subtree.");
        }

        await RevokeAll(await index.AssignmentsOn(AssignmentTarget.Project, id.Text, ct));
        await delegations.OfProject(id, ct);
        await grains.GetGrain<IProjectGrain>(id).Delete();
    }

    /// <summary>A disabled user domain with its users, projects and roles.</summary>
    public async Task RemoveDomain(UserDomainState domain, CancellationToken ct)
    {
        if (domain.Enabled)
            throw IdentityFaults.ForbiddenAction("Cannot delete a domain that is enabled, please disable it first.");
        foreach (var user in await index.Records.ListIds(InDomain(IdentityKinds.User, domain.Id), ct))
            await RemoveUser(new(user), ct);
        await RemoveProjects(domain.Id, ct);
        foreach (var role in (await index.Roles(ct)).All.Where(role => role.DomainId == domain.Id))
            await RemoveRole(role.Id, ct);
        await RevokeAll(await index.AssignmentsOn(AssignmentTarget.Domain, domain.Id.Text, ct));
        await delegations.Void(new() { DomainId = domain.Id.Text });
        await grains.GetGrain<IUserDomainGrain>(domain.Id).Delete();
    }

    /// <summary>A role, wherever it is held or implied.</summary>
    public async Task RemoveRole(RoleId id, CancellationToken ct)
    {
        var held = new ResourceQuery(IdentityKinds.Assignment).WithRef(RoleAssignmentState.RoleRef, id.Text);
        foreach (var assignment in await index.Records.List<RoleAssignmentState>(held, ct))
        {
            await grains.GetGrain<IRoleAssignmentGrain>(assignment.Key.Text).Revoke(id);
            if (assignment.Key is { Actor: AssignmentActor.User, Target: AssignmentTarget.Project })
                await delegations.OfUserOnProject(assignment.Key.ActorId, assignment.Key.TargetId, ct);
        }

        foreach (var prior in (await index.Roles(ct)).All.Where(role => role.Implies.Contains(id)))
            await grains.GetGrain<IRoleGrain>(prior.Id).StopImplying(id);
        await grains.GetGrain<IRoleGrain>(id).Delete();
    }

    /// <summary>A region, unless endpoints or regions hang on it.</summary>
    public async Task RemoveRegion(string id, CancellationToken ct)
    {
        var catalog = await index.Catalog(ct);
        if (catalog.Endpoints.Any(endpoint => endpoint.RegionId == id) || catalog.Regions.Any(region => region.ParentRegionId == id))
        {
            throw new Fault(FaultKind.Forbidden, "RegionDeletionError",
                $"Unable to delete region {id} because it or its child regions have associated endpoints.");
        }

        await grains.GetGrain<IRegionGrain>(id).Delete();
    }

    /// <summary>A service, and its endpoints.</summary>
    public async Task RemoveService(string id, CancellationToken ct)
    {
        foreach (var endpoint in (await index.Catalog(ct)).Endpoints.Where(endpoint => endpoint.ServiceId == id))
            await grains.GetGrain<IEndpointGrain>(endpoint.Id).Delete();
        await grains.GetGrain<IServiceGrain>(id).Delete();
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

    private static ResourceQuery InDomain(string kind, UserDomainId domain) => new ResourceQuery(kind).WithRef("domain", domain.Text);
}
