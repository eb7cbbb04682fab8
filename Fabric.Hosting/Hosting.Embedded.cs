namespace Fabric.Hosting;

/// <summary>The actor engine under the grains: <c>Fabric.Engine</c>, a cluster of this one process.</summary>
public static class EngineHosting
{
    /// <summary>Makes the host a silo.</summary>
    public static void AddEngine(this IHostApplicationBuilder builder, Action<ISiloBuilder> configure) => builder.UseOrleans(silo =>
    {
        silo.UseLocalhostClustering(serviceId: "fabric", clusterId: "fabric");
        silo.AddReminders();
        configure(silo);
    });
}
