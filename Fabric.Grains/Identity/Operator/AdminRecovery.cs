using Fabric.Grains.Kernel;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity.Operator;

/// <summary>
/// Lets an operator in who has locked out the cloud's first administrator: the user gets the password in the admin's password file, is
/// enabled, freed of rules that ask for more than that and of earlier wrong passwords, and has the role admin again on its project and the
/// system. What of these was deleted is made again, or found under its old name, as is the catalog's entry of identity for a bootstrap.
/// </summary>
internal sealed class AdminRecovery(
    IGrainFactory grains, IdentityIndex index, PasswordHasher hasher, IdentityBootstrap bootstrap, IOptions<IdentityOptions> options)
    : IOperatorWork
{
    public IReadOnlyList<string> Names => [OperatorRequest.ResetAdmin, OperatorRequest.Bootstrap];

    public async Task<string> Do(OperatorRequest request, CancellationToken ct)
    {
        var plan = await grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key).Plan();
        var password = await PasswordFile.ReadOrCreate(options.Value.PathOf(options.Value.AdminPasswordFile), ct);
        await Restore(plan, await hasher.Hash(password, ct), ct);
        if (request.Name == OperatorRequest.Bootstrap)
            await bootstrap.RestoreIdentityService(ct);
        return "The admin's password is in the file " + options.Value.AdminPasswordFile + " of the data directory.";
    }

    private async Task Restore(BootstrapPlan plan, PasswordHash password, CancellationToken ct)
    {
        await RestoreDomain(ct);
        var role = await RestoreRole(plan.AdminRoleId, ct);
        var project = await RestoreProject(plan.AdminProjectId, ct);
        var user = await RestoreUser(plan.AdminId, password, ct);
        foreach (var key in (AssignmentKey[])
            [
                new(AssignmentActor.User, user.Text, AssignmentTarget.Project, project.Text),
                new(AssignmentActor.User, user.Text, AssignmentTarget.System, "all"),
            ])
            await grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role);
    }

    private async Task RestoreDomain(CancellationToken ct)
    {
        var grain = grains.GetGrain<IUserDomainGrain>(UserDomainState.Default);
        if (await index.FindDomain(UserDomainState.Default.Text, ct) is not { } domain)
            await grain.Create(new() { Id = UserDomainState.Default, Name = "Default", Description = "The default domain" });
        else if (!domain.Enabled)
            await grain.Update(new() { Enabled = true });
    }

    private async Task<RoleId> RestoreRole(RoleId planned, CancellationToken ct)
    {
        var there = await index.Roles(ct);
        if ((there.Find(planned) ?? there.All.FirstOrDefault(static role => role is { Name: "admin", DomainId: null })) is { } role)
            return role.Id;
        await grains.GetGrain<IRoleGrain>(planned).Create(new() { Id = planned, Name = "admin" });
        return planned;
    }

    private async Task<ProjectId> RestoreProject(ProjectId planned, CancellationToken ct)
    {
        var project = await index.FindProject(planned.Text, ct) ?? await index.FindProjectByName(UserDomainState.Default, "admin", ct);
        if (project is { Enabled: false })
            await grains.GetGrain<IProjectGrain>(project.Id).Update(new() { Enabled = true });
        if (project is not null)
            return project.Id;
        await grains.GetGrain<IProjectGrain>(planned).Create(
            new() { Id = planned, Name = "admin", DomainId = UserDomainState.Default, Description = "The cloud administrator's project" });
        return planned;
    }

    private async Task<UserId> RestoreUser(UserId planned, PasswordHash password, CancellationToken ct)
    {
        var there = await index.FindUser(planned.Text, ct) ?? await index.FindUserByName(UserDomainState.Default, "admin", ct);
        var id = there?.Id ?? planned;
        var admin = grains.GetGrain<IUserGrain>(id);
        if (there is null)
            await admin.Create(new() { Id = id, Name = "admin", DomainId = UserDomainState.Default, Password = password });
        else
            await admin.Update(new() { Enabled = true, Password = password, Options = """{"multi_factor_auth_rules":null}""" });
        await grains.GetGrain<IUserLoginGrain>(id.Text).Forget();
        return id;
    }
}
