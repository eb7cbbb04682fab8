using Fabric.Gateway;
using Fabric.Gateway.Compute;
using Fabric.Gateway.Image;
using Fabric.Gateway.Policy;
using Fabric.Grains;
using Fabric.Grains.Compute;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Hosting;
using Fabric.Hosting.Health;
using Fabric.NodeAgent;

namespace Fabric.Silo;

/// <summary>
/// A silo: by default the all-in-one with grains, gateway and nodes in one process, in a cluster what its roles say. The silo starts
/// first, in the order of its stages (database and migrations, grains, bootstrap of the services), then the port opens, then the nodes
/// register; <c>/readyz</c> says when all of that is done.
/// </summary>
public static class FabricHost
{
    /// <summary>Starts it; returns when the port is open.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="configure">Changes what is registered: for tests that put a clock or a hook of their own in place.</param>
    public static async Task<ProcessRun> Start(RunOptions options, CancellationToken ct, Action<IServiceCollection>? configure = null)
    {
        try
        {
            return await ProcessRun.Start(options.DataDir, () => Build(options, configure), ct);
        }
        catch (DatabaseRefusedException refused)
        {
            throw new StartRefusedException(refused.Message);
        }
    }

    private static WebApplication Build(RunOptions options, Action<IServiceCollection>? configure)
    {
        var builder = ProcessHosting.CreateProcess(options.Listen, options.Port, options.ToConfiguration());
        var member = options.Has(ClusterMember.Gateway) ? options.Member?.WithApi(options.Listen, options.Port, true) : options.Member;
        builder.AddEngine(member, silo => AddRecords(silo, options));
        AddServices(builder.Services, options);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseFabricProcess();
        if (options.Has(ClusterMember.Gateway))
            app.MapFabricGateway();
        return app;
    }

    private static void AddRecords(ISiloBuilder silo, RunOptions options)
    {
        if (options.Db == "sqlite")
            silo.AddSqliteStorage(Path.Combine(options.DataDir, "fabric.db"));
        else if (options.DbConnection.Length == 0)
            throw new StartRefusedException("--db postgres is not told where the database is: FABRIC_DB_CONNECTION, or --db-connection");
        else
            silo.AddPostgresStorage(options.DbConnection, Permit);
        silo.AddSagas();
        if (options.UnlimitedServers)
            silo.AddStartupTask(QuotaBootstrap.LiftServerLimits);
    }

    private static WritePermit Permit(IServiceProvider services)
    {
        var (life, until) = EngineHosting.Lease(services);
        return new(life, until);
    }

    private static void AddServices(IServiceCollection services, RunOptions options)
    {
        services.AddFabricGrains();
        if (options.Has(ClusterMember.Control))
            services.AddFabricControl();
        services.AddFabricCatalog();
        if (options.Has(ClusterMember.Gateway))
        {
            services.AddFabricGateway();
            services.Configure<ImageStoreOptions>(store => store.Directory = Path.Combine(options.SharedDir, "image-store"));
            services.Configure<PolicyOptions>(policy =>
                policy.Directory = options.PolicyDir ?? Path.Combine(options.SharedDir, "policy"));
            var secret = NodeSecret.Of(options.SharedDir);
            services.Configure<MetadataOptions>(metadata => metadata.SharedSecret = secret);
            // A process that is alone has nobody to send requests to instead.
            if (options.Member is not null)
                services.AddDrain(TimeSpan.FromSeconds(Drain.DefaultSeconds));
        }
        if (options.Has(ClusterMember.Node))
            services.AddFabricNodeAgent(options.ToNode());
        services.AddSingleton<IReadinessCheck, DatabaseReady>();
    }
}
