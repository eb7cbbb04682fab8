using Fabric.Grains.Kernel;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>
/// Lets an operator in who has locked out the cloud's first administrator. Whoever may write into the data directory owns all its secrets
/// anyway, so a file there is enough to ask: the user gets the password in the admin's password file, is enabled, freed of rules that ask
/// for more than that and of earlier wrong passwords, and has the role admin again where the first start gave it. The file goes when that
/// is done.
/// </summary>
internal sealed class AdminRecovery(
    IGrainFactory grains, IdentityIndex index, PasswordHasher hasher, IOptions<IdentityOptions> options, TimeProvider time,
    ILogger<AdminRecovery> logger) : PeriodicWork(TimeSpan.FromSeconds(2), time, logger)
{
    /// <summary>The file that asks.</summary>
    internal const string RequestFile = "reset-admin";

    public override async Task Run(CancellationToken ct)
    {
        var request = options.Value.PathOf(RequestFile);
        if (!File.Exists(request))
            return;
        var plan = await grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key).Plan();
        if (!plan.Done)
            return;
        var password = await PasswordFile.ReadOrCreate(options.Value.PathOf(options.Value.AdminPasswordFile), ct);
        await Restore(plan, await hasher.Hash(password, ct), ct);
        File.Delete(request);
    }

    private async Task Restore(BootstrapPlan plan, PasswordHash password, CancellationToken ct)
    {
        if (await index.FindDomain(UserDomainState.Default.Text, ct) is { Enabled: false })
            await grains.GetGrain<IUserDomainGrain>(UserDomainState.Default).Update(new() { Enabled = true });
        if (await index.FindProject(plan.AdminProjectId.Text, ct) is { Enabled: false })
            await grains.GetGrain<IProjectGrain>(plan.AdminProjectId).Update(new() { Enabled = true });
        var admin = grains.GetGrain<IUserGrain>(plan.AdminId);
        if (await index.FindUser(plan.AdminId.Text, ct) is null)
            await admin.Create(new() { Id = plan.AdminId, Name = "admin", DomainId = UserDomainState.Default, Password = password });
        else
            await admin.Update(new() { Enabled = true, Password = password, Options = """{"multi_factor_auth_rules":null}""" });
        await grains.GetGrain<IUserLoginGrain>(plan.AdminId.Text).Forget();
        foreach (var key in (AssignmentKey[])
            [
                new(AssignmentActor.User, plan.AdminId.Text, AssignmentTarget.Project, plan.AdminProjectId.Text),
                new(AssignmentActor.User, plan.AdminId.Text, AssignmentTarget.System, "all"),
            ])
            await grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, plan.AdminRoleId);
    }
}
