using Orleans.Configuration;

namespace Fabric.Hosting;

/// <summary>The actor engine under the grains: Microsoft Orleans, a cluster whose members meet in PostgreSQL. Compiled with
/// <c>-p:Engine=Orleans</c>.</summary>
public static class EngineHosting
{
    /// <summary>Makes the host a silo.</summary>
    public static void AddEngine(this IHostApplicationBuilder builder, Action<ISiloBuilder> configure) => builder.UseOrleans(silo =>
    {
        silo.Configure<ClusterOptions>(options => (options.ServiceId, options.ClusterId) = ("fabric", "fabric"));
        if (builder.Configuration["FABRIC_DB_CONNECTION"] is { Length: > 0 } connection)
        {
            silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = ("Npgsql", connection));
        }
        else
        {
            silo.UseLocalhostClustering(serviceId: "fabric", clusterId: "fabric");
        }

        silo.AddActivityPropagation();
        silo.AddReminders();
        configure(silo);
    });
}
