using Fabric.Gateway.Compute;
using Fabric.Gateway.Forwarding;
using Fabric.Gateway.Image;
using Fabric.Gateway.Policy;
using Fabric.Grains;
using Fabric.Grains.Storage;
using Fabric.Hosting;
using Fabric.Hosting.Health;

namespace Fabric.Gateway;

/// <summary>What a gateway process is told.</summary>
public sealed record GatewayOptions
{
    /// <summary>The process's own directory.</summary>
    public required string DataDir { get; init; }

    /// <summary>Where lies what all processes of the cloud must have alike: keys, images.</summary>
    public required string SharedDir { get; init; }

    /// <summary>The address to listen on.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>The one port of all services; 0 takes a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Where operators' rules are; null: in <c>policy</c> in <see cref="SharedDir"/>.</summary>
    public string? PolicyDir { get; init; }

    /// <summary>Whether the images lie in <see cref="SharedDir"/>; else they are with other members.</summary>
    public bool HasImages { get; init; } = true;

    /// <summary>Whether it is a front: it answers nothing itself and spreads all requests over the gateways.</summary>
    public bool IsFront { get; init; }

    /// <summary>How long it still takes requests after it was told to end, while <c>/readyz</c> already says so.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(Hosting.Health.Drain.DefaultSeconds);

    /// <summary>The cluster.</summary>
    public required ClusterMember Member { get; init; }
}

/// <summary>A gateway in a process of its own: a member of the cluster that holds no grain of a resource. It reads lists from the database
/// and calls the silos for the rest; it keeps nothing that another gateway would not have too.</summary>
public static class GatewayHost
{
    /// <summary>Starts it; returns when the port is open.</summary>
    public static async Task<ProcessRun> Start(GatewayOptions options, CancellationToken ct)
    {
        try
        {
            return await ProcessRun.Start(options.DataDir, () => options.IsFront ? BuildFront(options) : Build(options), ct);
        }
        catch (DatabaseRefusedException refused)
        {
            throw new StartRefusedException(refused.Message);
        }
    }

    private static WebApplication Build(GatewayOptions options)
    {
        var builder = ProcessHosting.CreateProcess(
            options.Listen, options.Port, new KeyValuePair<string, string?>("data", options.SharedDir));
        builder.AddEngine(options.Member.WithApi(options.Listen, options.Port, options.HasImages),
            silo => silo.AddPostgresStorage(options.Member.DbConnection));
        builder.Services.AddFabricGrains();
        builder.Services.AddFabricGateway(options.HasImages);
        builder.Services.AddDrain(options.Drain);
        builder.Services.Configure<ImageStoreOptions>(store => store.Directory = Path.Combine(options.SharedDir, "image-store"));
        builder.Services.Configure<PolicyOptions>(policy =>
            policy.Directory = options.PolicyDir ?? Path.Combine(options.SharedDir, "policy"));
        var secret = NodeSecret.Of(options.SharedDir);
        builder.Services.Configure<MetadataOptions>(metadata => metadata.SharedSecret = secret);
        builder.Services.AddSingleton<IReadinessCheck, DatabaseReady>();
        builder.Services.AddSingleton<IReadinessCheck, CloudReady>();
        var app = builder.Build();
        app.UseFabricProcess();
        app.MapFabricGateway();
        return app;
    }

    private static WebApplication BuildFront(GatewayOptions options)
    {
        var builder = ProcessHosting.CreateProcess(options.Listen, options.Port);
        builder.AddEngine(options.Member, static _ => { });
        builder.Services.AddRouting();
        builder.Services.AddForwarding(ForwardingPlan.Gateways, GatewayHosting.Services);
        builder.Services.AddDrain(options.Drain);
        builder.Services.AddSingleton<IReadinessCheck, TargetsReady>();
        var app = builder.Build();
        app.UseFabricProcess();
        app.MapForwarding();
        return app;
    }
}
