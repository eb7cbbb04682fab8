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
    private readonly ActivationLifecycle _lifecycle = new();

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
        silo.Status = SiloStatus.ShuttingDown;
        // What applications started stops first, while grains can still be called.
        await _lifecycle.Stop(ServiceLifecycleStage.Last, ServiceLifecycleStage.RuntimeGrainServices + 1, cancellationToken);
        silo.Status = SiloStatus.Stopping;
        await silo.DeactivateAll(cancellationToken);
        await _lifecycle.Stop(ServiceLifecycleStage.RuntimeGrainServices + 1, ServiceLifecycleStage.First, cancellationToken);
        silo.Status = SiloStatus.Dead;
        silo.Dispose();
    }

    private Task BecomeActive(CancellationToken token)
    {
        silo.Status = SiloStatus.Active;
        var metadata = new SiloMetadata();
        metadata.AddMetadata(services.GetRequiredService<IOptions<SiloMetadataValues>>().Value.Values);
        silo.Membership.Set(new SiloMember(silo.Address, SiloStatus.Active, metadata, silo.Name));
        silo.Collector.Start(services.GetRequiredService<IOptions<GrainCollectionOptions>>().Value.CollectionQuantum);
        return Task.CompletedTask;
    }
}

/// <summary>What UseSiloMetadata collected.</summary>
internal sealed class SiloMetadataValues
{
    internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);
}
