using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Fabric.Hosting;

/// <summary>The actor engine under the grains: Microsoft Orleans, compiled with <c>-p:Engine=Orleans</c>. A process alone is its own
/// cluster; a member finds the others in PostgreSQL, whose table for membership is made by Orleans' own script. Orleans
/// knows no key of a cluster: its silos' network must be theirs alone, or have TLS.</summary>
public static class EngineHosting
{
    private const string Cluster = "fabric";

    /// <summary>Clients of genuine Orleans have a port of their own; it lies this far above the silos'.</summary>
    private const int GatewayPortDistance = 20_000;

    /// <summary>Makes the host a silo.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="member">What it is in a cluster; null when it is alone.</param>
    /// <param name="configure">Adds storage and grains' services.</param>
    public static void AddEngine(this IHostApplicationBuilder builder, ClusterMember? member, Action<ISiloBuilder> configure) =>
        builder.UseOrleans(silo =>
        {
            silo.AddActivityPropagation();
            if (member is null)
                Alone(silo);
            else
                Join(silo, member);
            // Their table is with the records, which only silos with grains of resources have.
            if (member is null || member.Roles.Contains(ClusterMember.Control))
                silo.AddReminders();
            configure(silo);
        });

    /// <summary>Orleans has no leases: its silos act until they learn that they were declared dead.</summary>
    public static (int Life, DateTimeOffset? Until) Lease(IServiceProvider services) => default;

    private static void Alone(ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(serviceId: Cluster, clusterId: Cluster);
        silo.Configure<SiloOptions>(static options => options.SiloName = Environment.MachineName);
        silo.UseSiloMetadata(MembersPage.Tags(
            Environment.MachineName, [ClusterMember.Control, ClusterMember.Gateway, ClusterMember.Node], []));
    }

    private static void Join(ISiloBuilder silo, ClusterMember member)
    {
        silo.Configure<ClusterOptions>(static options => (options.ServiceId, options.ClusterId) = (Cluster, Cluster));
        silo.Configure<SiloOptions>(options => options.SiloName = member.Name);
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", member.DbConnection));
        silo.ConfigureEndpoints(member.Address, member.SiloPort, member.SiloPort + GatewayPortDistance);
        silo.UseSiloMetadata(MembersPage.Tags(member.Name, member.Roles, member.Tags));
        silo.Services.AddSingleton<PlacementStrategy, ControlPlacement>();
        silo.Services.AddPlacementDirector<ControlPlacement, ControlPlacementDirector>();
    }
}

/// <summary>Where grains live that do not say so themselves: on silos with the control role. The embedded engine does so by
/// itself.</summary>
[GenerateSerializer, Immutable, Alias("hosting.control-placement")]
public sealed class ControlPlacement : PlacementStrategy;

/// <summary>Chooses one of them by chance; the directory remembers it.</summary>
internal sealed class ControlPlacementDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = Array.FindAll(context.GetCompatibleSilos(target), HasControl);
        return silos.Length > 0
            ? Task.FromResult(silos[Random.Shared.Next(silos.Length)])
            : throw new SiloUnavailableException($"No silo with the control role can host {target.GrainIdentity}.");
    }

    private bool HasControl(SiloAddress silo) =>
        metadata.GetSiloMetadata(silo).Metadata.TryGetValue(MembersPage.RolesTag, out var roles)
        && roles.Split(',').Contains(ClusterMember.Control);
}
