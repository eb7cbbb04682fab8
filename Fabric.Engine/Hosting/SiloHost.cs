using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Fabric.Engine;

/// <summary>Starts and stops the silo with its host, stage by stage.</summary>
internal sealed class SiloHost(SiloRuntime silo, IServiceProvider services) : IHostedService
{
    // What is written already gets so long to reach the socket before it is closed.
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    private readonly ActivationLifecycle _lifecycle = new();
    private MembershipAgent? _agent;
    private bool _killed;

    internal MembershipAgent? Agent => _agent;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var participant in services.GetServices<ILifecycleParticipant<ISiloLifecycle>>())
            participant.Participate(_lifecycle);
        _lifecycle.Subscribe("Membership", ServiceLifecycleStage.RuntimeGrainServices, BecomeActive, _ => Task.CompletedTask);
        await _lifecycle.Start(ServiceLifecycleStage.First, ServiceLifecycleStage.Last, cancellationToken);
        silo.Log.SiloActive(silo.Name, silo.Address);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_killed)
            return;
        silo.Status = SiloStatus.ShuttingDown;
        // The others take over from here on; what runs here finishes first, and they wait for it.
        var announced = _agent is not null && await _agent.Announce(SiloStatus.ShuttingDown);
        // What applications started stops first, while grains can still be called.
        await _lifecycle.Stop(ServiceLifecycleStage.Last, ServiceLifecycleStage.RuntimeGrainServices + 1, cancellationToken);
        if (announced)
            await silo.HandOver!.Settled().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        silo.Status = SiloStatus.Stopping;
        await silo.DeactivateAll(cancellationToken);
        await _lifecycle.Stop(ServiceLifecycleStage.RuntimeGrainServices + 1, ServiceLifecycleStage.First, cancellationToken);
        await Leave(cancellationToken);
        silo.Status = SiloStatus.Dead;
        silo.Dispose();
    }

    /// <summary>Ends at once and tells nobody, as a killed process does.</summary>
    internal void Kill()
    {
        _killed = true;
        _agent?.Abandon();
        silo.Lease.Fence();
        silo.Status = SiloStatus.Dead;
        silo.Transport?.Dispose();
        silo.GiveUp();
        silo.Dispose();
    }

    private async Task Leave(CancellationToken token)
    {
        if (_agent is null || silo.Transport is not { } transport)
            return;
        await transport.Flushed(LastWords, token);
        await _agent.Announce(SiloStatus.Dead);
        await _agent.DisposeAsync();
        await transport.Stop();
    }

    private async Task BecomeActive(CancellationToken token)
    {
        silo.Status = SiloStatus.Active;
        if (services.GetService<ClusterJoint>() is { } joint && silo.Transport is { } transport)
        {
            transport.Listen(services.GetRequiredService<IOptions<EndpointOptions>>().Value.ListeningEndpoint);
            _agent = new MembershipAgent(silo, joint.Store, joint.Settings, transport, Describe);
            await _agent.Join(token);
        }
        else
        {
            silo.Membership.Set(Describe(silo.Address, SiloStatus.Active));
        }

        silo.Collector.Start(services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value.CollectionQuantum);
    }

    private SiloMember Describe(SiloAddress address, SiloStatus status)
    {
        var metadata = new SiloMetadata();
        metadata.AddMetadata(services.GetRequiredService<IOptions<SiloMetadataValues>>().Value.Values);
        return new SiloMember(address, status, metadata, silo.Name);
    }
}

/// <summary>What UseSiloMetadata collected.</summary>
internal sealed class SiloMetadataValues
{
    internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);
}
