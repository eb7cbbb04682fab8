using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Hosting;

/// <summary>The actor engine under the grains: <c>Fabric.Engine</c>. A process alone is its own cluster; a member finds the others in
/// PostgreSQL.</summary>
public static class EngineHosting
{
    private const string Cluster = "fabric";

    /// <summary>Makes the host a silo.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="member">What it is in a cluster; null when it is alone.</param>
    /// <param name="configure">Adds storage and grains' services.</param>
    public static void AddEngine(this IHostApplicationBuilder builder, ClusterMember? member, Action<ISiloBuilder> configure) =>
        builder.UseOrleans(silo =>
        {
            if (member is null)
                Alone(silo);
            else
                Join(silo, member);
            // Their table is with the records, which only silos with grains of resources have.
            if (member is null || member.Roles.Contains(ClusterMember.Control))
                silo.AddReminders();
            configure(silo);
        });

    /// <summary>In which of its lives this process is, and until when it may act for the cluster, on the clock of the members'
    /// database.</summary>
    public static (int Life, DateTimeOffset? Until) Lease(IServiceProvider services)
    {
        var life = services.GetRequiredService<ISiloLife>();
        var until = life.LeaseUntil;
        return (life.Number, until);
    }

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
        silo.ConfigureEndpoints(member.Address, member.SiloPort, gatewayPort: 0);
        silo.UseClusterKey(member.Key);
        silo.UseSiloMetadata(MembersPage.Tags(member.Name, member.Roles, member.Tags));
    }
}
