using Fabric.Grains.Kernel;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Fabric.Grains.Identity;

/// <summary>A service that this program offers, for the catalog.</summary>
/// <param name="Type">OpenStack's service type, e.g. <c>compute</c>.</param>
/// <param name="Name">Its name, e.g. <c>nova</c>.</param>
/// <param name="Path">Path of its endpoint, e.g. <c>/compute/v2.1</c>.</param>
public sealed record CatalogEntry(string Type, string Name, string Path);

/// <summary>
/// Makes the first user domain, roles, projects, users and the catalog when a silo starts. It may die anywhere and begin again: ids are
/// chosen and kept before anything is made under them, and what is there is not made twice. Once done it touches nothing again but
/// services that the catalog never had.
/// </summary>
internal sealed class IdentityBootstrap(
    IGrainFactory grains,
    IdentityIndex index,
    PasswordHasher hasher,
    IOptions<IdentityOptions> options,
    IEnumerable<CatalogEntry> offered,
    ILogger<IdentityBootstrap> logger) : ILifecycleParticipant<ISiloLifecycle>
{
    /// <summary>Each time another silo was quicker with one step, so this bounds the steps.</summary>
    private const int MostRaces = 100;

    private static readonly UserDomainId Default = UserDomainState.Default;

    /// <summary>The first roles are immutable, as <c>keystone-manage bootstrap</c> makes them.</summary>
    private const string Lasting = $$"""{"{{ResourceOptions.Immutable}}":true}""";

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(IdentityBootstrap), ServiceLifecycleStage.Active, Run);

    internal async Task Run(CancellationToken ct)
    {
        for (var races = 0; ; races++)
        {
            try
            {
                await Make(ct);
                return;
            }
            catch (Fault fault) when (fault.Kind == FaultKind.Conflict && races < MostRaces)
            {
                // Another silo that starts at the same time made it between our look and our act: the next look sees it.
            }
        }
    }

    /// <summary>Makes the region and identity's own entry in the catalog again, where they are missing.</summary>
    internal async Task RestoreIdentityService(CancellationToken ct)
    {
        await MakeRegion(ct);
        var there = await index.Catalog(ct);
        var memory = grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key);
        foreach (var entry in offered.Where(static entry => entry.Type == "identity"))
        {
            var plan = await memory.PlanService(entry.Type);
            // An operator may have entered identity under another id.
            if (there.Services.FirstOrDefault(service => service.Type == entry.Type) is { } other && other.Id != plan.ServiceId)
                continue;
            await MakeService(plan, entry, ct);
        }
    }

    private async Task Make(CancellationToken ct)
    {
        var memory = grains.GetGrain<IIdentityBootstrapGrain>(IIdentityBootstrapGrain.Key);
        var plan = await memory.Plan();
        if (!plan.Done)
        {
            await MakeDomainAndRoles(plan, ct);
            await MakeProjects(plan, ct);
            await MakeUsers(plan, ct);
            await MakeRegion(ct);
            await memory.Done();
            logger.BootstrapDone(options.Value.PathOf(options.Value.AdminPasswordFile));
        }

        foreach (var entry in offered)
        {
            var service = await memory.PlanService(entry.Type);
            if (service.Done)
                continue;
            await MakeService(service, entry, ct);
            await memory.ServiceDone(entry.Type);
        }
    }

    private async Task MakeDomainAndRoles(BootstrapPlan plan, CancellationToken ct)
    {
        if (await index.FindDomain(Default.Text, ct) is null)
            await grains.GetGrain<IUserDomainGrain>(Default).Create(
                new() { Id = Default, Name = "Default", Description = "The default domain" });
        (string Name, RoleId Id)[] chain =
            [("admin", plan.AdminRoleId), ("manager", plan.ManagerRoleId), ("member", plan.MemberRoleId), ("reader", plan.ReaderRoleId)];
        var there = await index.Roles(ct);
        foreach (var (name, id) in chain)
        {
            if (there.Find(id) is null)
                await grains.GetGrain<IRoleGrain>(id).Create(new() { Id = id, Name = name, Options = Lasting });
        }

        foreach (var (prior, implied) in chain.Zip(chain.Skip(1)))
        {
            if (there.Find(prior.Id)?.Implies.Contains(implied.Id) != true)
                await grains.GetGrain<IRoleGrain>(prior.Id).Imply(implied.Id);
        }
    }

    private async Task MakeProjects(BootstrapPlan plan, CancellationToken ct)
    {
        (ProjectId Id, string Name, string Description)[] projects =
        [
            (plan.AdminProjectId, "admin", "Bootstrap project for initializing the cloud."),
            (plan.ServicesProjectId, "services", "The services' own project"),
            (plan.DemoProjectId, "demo", "A project to try things in"),
        ];
        foreach (var (id, name, description) in projects)
        {
            if (await index.FindProject(id.Text, ct) is null)
                await grains.GetGrain<IProjectGrain>(id).Create(
                    new() { Id = id, Name = name, DomainId = Default, Description = description });
        }
    }

    private async Task MakeUsers(BootstrapPlan plan, CancellationToken ct)
    {
        await MakeUser(plan.AdminId, "admin", plan.AdminProjectId, options.Value.AdminPasswordFile, ct);
        await MakeUser(plan.DemoId, "demo", plan.DemoProjectId, options.Value.DemoPasswordFile, ct);
        await Grant(new(AssignmentActor.User, plan.AdminId.Text, AssignmentTarget.Project, plan.AdminProjectId.Text), plan.AdminRoleId);
        await Grant(new(AssignmentActor.User, plan.AdminId.Text, AssignmentTarget.System, "all"), plan.AdminRoleId);
        await Grant(new(AssignmentActor.User, plan.DemoId.Text, AssignmentTarget.Project, plan.DemoProjectId.Text), plan.MemberRoleId);
    }

    private async Task MakeUser(UserId id, string name, ProjectId project, string passwordFile, CancellationToken ct)
    {
        // The file is made before the user: a user whose password nobody can read would be of no use.
        var password = await PasswordFile.ReadOrCreate(options.Value.PathOf(passwordFile), ct);
        if (await index.FindUser(id.Text, ct) is not null)
            return;
        var hash = await hasher.Hash(password, ct);
        await grains.GetGrain<IUserGrain>(id)
            .Create(new() { Id = id, Name = name, DomainId = Default, DefaultProjectId = name == "demo" ? project
                : null, Password = hash });
    }

    private Task Grant(AssignmentKey key, RoleId role) => grains.GetGrain<IRoleAssignmentGrain>(key.Text).Grant(key, role);

    private async Task MakeRegion(CancellationToken ct)
    {
        var region = options.Value.Region;
        if ((await index.Catalog(ct)).Regions.All(known => known.Id != region))
            await grains.GetGrain<IRegionGrain>(region).Create(new() { Id = region });
    }

    private async Task MakeService(PlannedService plan, CatalogEntry entry, CancellationToken ct)
    {
        var there = await index.Catalog(ct);
        if (there.Services.All(service => service.Id != plan.ServiceId))
            await grains.GetGrain<IServiceGrain>(plan.ServiceId).Create(
                new() { Id = plan.ServiceId, Type = entry.Type, Name = entry.Name });
        foreach (var (kind, id) in new[] { ("public", plan.PublicId), ("internal", plan.InternalId), ("admin", plan.AdminId) })
        {
            if (there.Endpoints.Any(endpoint => endpoint.Id == id))
                continue;
            await grains.GetGrain<IEndpointGrain>(id).Create(new()
            {
                Id = id,
                Interface = kind,
                ServiceId = plan.ServiceId,
                RegionId = options.Value.Region,
                Url = EndpointState.OwnAddress + entry.Path,
            });
        }
    }
}
