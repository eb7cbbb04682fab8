using Fabric.Grains.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains.Compute;

/// <summary>Registers what compute's grains and callers need.</summary>
internal static class ComputeServices
{
    internal static IServiceCollection AddCompute(this IServiceCollection services) => services
        .AddSingleton<FlavorCatalog>()
        .AddSingleton<QuotaClasses>()
        .AddSingleton<ServerBuilder>()
        .AddSingleton<InstanceReconciler>()
        .AddHostedService<InstanceReconcilerService>()
        .AddSingleton<IDesiredStateSource, InstanceDesiredState>()
        .AddSingleton<IObservedStateSink, InstanceObservations>();
}
