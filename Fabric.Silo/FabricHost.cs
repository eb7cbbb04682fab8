using System.Globalization;
using System.Net;
using Fabric.Gateway;
using Fabric.Gateway.Image;
using Fabric.Grains;
using Fabric.Grains.Compute;
using Fabric.Grains.Sagas;
using Fabric.Grains.Storage;
using Fabric.Hosting;
using Fabric.Hosting.Health;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Fabric.Silo;

/// <summary>
/// The all-in-one: grains, gateway and nodes in one process. The silo starts first, in the order of its stages (database and migrations,
/// grains, bootstrap of the services), then the port opens, then the nodes register; <c>/readyz</c> says when all of that is done.
/// </summary>
public sealed class FabricHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataDirectory data;

    private FabricHost(WebApplication app, DataDirectory data)
    {
        this.app = app;
        this.data = data;
    }

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    /// <summary>Everything in it.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>Starts it; returns when the port is open.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="configure">Changes what is registered: for tests that put a clock or a hook of their own in place.</param>
    public static async Task<FabricHost> Start(RunOptions options, CancellationToken ct, Action<IServiceCollection>? configure = null)
    {
        var data = DataDirectory.Take(options.DataDir);
        WebApplication? app = null;
        try
        {
            app = Build(options, data, configure);
            await app.StartAsync(ct);
            return new(app, data);
        }
        catch (Exception failure)
        {
            if (app is not null)
                await app.DisposeAsync();
            data.Dispose();
            if (failure is DatabaseRefusedException)
                throw new StartRefusedException(failure.Message);
            throw;
        }
    }

    /// <summary>Waits until the process is told to end, then stops in order.</summary>
    public Task WaitForShutdown(CancellationToken ct) => app.WaitForShutdownAsync(ct);

    /// <summary>Stops in order: no new requests, then nodes, grains and database.</summary>
    public Task Stop(CancellationToken ct) => app.StopAsync(ct);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        data.Dispose();
    }

    private static WebApplication Build(RunOptions options, DataDirectory data, Action<IServiceCollection>? configure)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(options.ToConfiguration());
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(Listen(options.Listen), options.Port);
        });
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
        builder.AddFabricProcess();
        builder.AddEngine(silo =>
        {
            AddStorage(silo, options, data);
            silo.AddSagas();
            if (options.UnlimitedServers)
                silo.AddStartupTask(QuotaBootstrap.LiftServerLimits);
        });
        builder.Services.AddFabricGrains();
        builder.Services.AddFabricGateway();
        builder.Services.Configure<ImageStoreOptions>(store => store.Directory = Path.Combine(options.DataDir, "image-store"));
        builder.Services.AddNodeRole(options);
        builder.Services.AddSingleton<IReadinessCheck, DatabaseReady>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseFabricProcess();
        app.MapFabricGateway();
        return app;
    }

    private static void AddStorage(ISiloBuilder silo, RunOptions options, DataDirectory data)
    {
        if (options.Db == "sqlite")
            silo.AddSqliteStorage(data.Database);
        else if (options.DbConnection.Length == 0)
            throw new StartRefusedException("--db postgres is not told where the database is: FABRIC_DB_CONNECTION, or --db-connection");
        else
            silo.AddPostgresStorage(options.DbConnection);
    }

    private static IPAddress Listen(string address) => address switch
    {
        "*" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ when IPAddress.TryParse(address, out var parsed) => parsed,
        _ => throw new StartRefusedException(string.Create(CultureInfo.InvariantCulture, $"'{address}' is not an address to listen on")),
    };
}
