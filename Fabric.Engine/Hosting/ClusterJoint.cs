using System.Net;
using System.Security.Cryptography;
using Fabric.Engine.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The key that every silo and client of one cluster has and nobody else.</summary>
internal sealed class ClusterKey
{
    // Shorter ones can be guessed.
    private const int MinBytes = 16;

    internal byte[]? Bytes { get; set; }

    internal byte[] Required => Bytes is { Length: >= MinBytes } key ? key : throw new OrleansConfigurationException(
        $"A cluster needs a key of {MinBytes} bytes or more that all its silos share: UseClusterKey.");
}

/// <summary>What makes a silo or a client part of a cluster; not registered where a silo is alone.</summary>
internal sealed class ClusterJoint(IServiceProvider services, IMembershipStore store, MembershipSettings settings,
    IOptions<ClusterKey> key, IOptions<ClusterOptions> cluster, IOptions<SiloMessagingOptions> messaging)
{
    internal IMembershipStore Store => store;

    internal MembershipSettings Settings => settings;

    internal SiloTransport MakeTransport(SiloRuntime silo) =>
        new(silo, services.GetRequiredService<IMessageCodec>(), key.Value.Required, cluster.Value.ClusterId, messaging.Value);
}

/// <summary>The address of a client: nobody dials it, so it is only a name. Its generation is negative.</summary>
internal sealed class ClientIdentity
{
    internal SiloAddress Address { get; } = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 0),
        -RandomNumberGenerator.GetInt32(1, int.MaxValue));
}

/// <summary>Starts and stops a client: it needs a view of the cluster, and keeps a connection to each silo in it.</summary>
internal sealed class ClientHost(SiloRuntime client, IServiceProvider services) : IHostedService, IDisposable
{
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _refreshing = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var joint = services.GetService<ClusterJoint>()
            ?? throw new OrleansConfigurationException("A client needs to know its cluster: UseAdoNetClustering.");
        await joint.Store.Initialize(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            client.Membership.Replace(await joint.Store.Read(cancellationToken).ConfigureAwait(false));
            if (client.Transport!.Links.Any(link => link.IsConnected))
                break;
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken).ConfigureAwait(false);
        }

        client.Status = SiloStatus.Active;
        using (ExecutionContext.SuppressFlow())
            _refreshing = Task.Run(() => Refresh(joint.Store, joint.Settings), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _refreshing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        client.FailPending($"Client {client.Address} has stopped.");
        await client.Transport!.Stop().ConfigureAwait(false);
        client.Dispose();
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>Silos send views too; this is for when none of them can be reached.</summary>
    private async Task Refresh(IMembershipStore store, MembershipSettings settings)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                client.Membership.Replace(
                    await store.Ask(settings, static each => each.Read(default), _stop.Token).ConfigureAwait(false));
            }
            catch (Exception failure) when (MembershipAgent.IsUnreachable(failure))
            {
                if (!_stop.IsCancellationRequested)
                    client.Log.MembershipUnreachable(failure.Message);
            }

            await Task.Delay(RefreshPeriod, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
