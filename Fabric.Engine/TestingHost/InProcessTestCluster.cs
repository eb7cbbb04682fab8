using System.Collections.ObjectModel;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Fabric.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A whole cluster in this process: silos with hosts of their own that speak with one another over TCP, and a client.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<InProcessSiloHandle> _silos = [];
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly InMemoryMembershipStore _store = new(TimeProvider.System);
    private IHost? _client;
    private short _started;

    internal InProcessTestCluster(InProcessTestClusterOptions options) => Options = options;

    public InProcessTestClusterOptions Options { get; }

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_gate)
                return _silos.Where(silo => silo.IsActive).ToList().AsReadOnly();
        }
    }

    /// <summary>A client outside of all silos.</summary>
    public IClusterClient Client => (_client ?? throw new InvalidOperationException("The cluster has not been deployed."))
        .Services.GetRequiredService<IClusterClient>();

    /// <summary>Starts the first silos and the client.</summary>
    public async Task DeployAsync()
    {
        for (var number = 0; number < Options.InitialSilosCount; number++)
            await StartAdditionalSiloAsync();
        if (Options.InitializeClientOnDeploy)
            await InitializeClientAsync();
    }

    public async Task InitializeClientAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        foreach (var configure in Options.ClientHostConfigurationDelegates)
            configure(builder);
        builder.UseOrleansClient(client => Join(client.Services));
        _client = builder.Build();
        await _client.StartAsync();
    }

    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync()
    {
        var number = _started++;
        var specific = new InProcessTestSiloSpecificOptions { SiloName = $"Silo_{number}", SiloPort = FreePort(), GatewayPort = 0 };
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        foreach (var configure in Options.SiloHostConfigurationDelegates)
            configure(specific, builder);
        builder.UseOrleans(silo =>
        {
            silo.ConfigureEndpoints(IPAddress.Loopback, specific.SiloPort, specific.GatewayPort);
            silo.Configure<SiloOptions>(options => options.SiloName = specific.SiloName);
            Join(silo.Services);
        });
        var host = builder.Build();
        await host.StartAsync();
        var handle = new InProcessSiloHandle
        {
            SiloHost = host, Name = specific.SiloName, InstanceNumber = number,
            SiloAddress = host.Services.GetRequiredService<SiloRuntime>().Address,
        };
        lock (_gate)
            _silos.Add(handle);
        return handle;
    }

    /// <summary>Stops a silo with a hand-over of its grains.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(true);

    /// <summary>Stops a silo abruptly: it tells nobody, and its lease has to run out.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => instance.StopSiloAsync(false);

    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
    {
        var running = Silos;
        return (silo is null ? running[0] : running.First(each => each.SiloAddress.Equals(silo))).ServiceProvider;
    }

    public IEnumerable<InProcessSiloHandle> GetActiveSilos() => Silos;

    public InProcessSiloHandle? GetSiloForAddress(SiloAddress siloAddress) =>
        Silos.FirstOrDefault(each => each.SiloAddress.Equals(siloAddress));

    public async Task StopClusterClientAsync()
    {
        if (_client is not { } client)
            return;
        _client = null;
        await client.StopAsync();
        client.Dispose();
    }

    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync();
        // One after the other, as each hands its grains to the rest.
        foreach (var silo in Silos)
            await silo.StopSiloAsync(true);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await StopAllSilosAsync().ConfigureAwait(false);
        InProcessSiloHandle[] all;
        lock (_gate)
            all = [.. _silos];
        foreach (var silo in all)
            silo.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }

    private void Join(IServiceCollection services)
    {
        services.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (Options.ClusterId, Options.ServiceId));
        services.Configure<ClusterKey>(options => options.Bytes = _key);
        services.TryAddSingleton<IMembershipStore>(_store);
        services.TryAddSingleton<ClusterJoint>();
    }
}
