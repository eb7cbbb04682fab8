using Fabric.Grains.Nodes;
using Fabric.Grains.Sagas;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains.Compute;

/// <summary>Registers what compute's grains and callers need.</summary>
internal static class ComputeServices
{
    internal static IServiceCollection AddCompute(this IServiceCollection services) => services
        .AddSingleton<FlavorCatalog>()
        .AddSingleton<QuotaClasses>()
        .AddSingleton<ServerBuilder>()
        .AddSaga<BuildInstanceSaga, BuildInstance>()
        .AddSaga<StopInstanceSaga, PowerInstance>()
        .AddSaga<StartInstanceSaga, PowerInstance>()
        .AddSaga<RebootInstanceSaga, PowerInstance>()
        .AddSaga<PauseInstanceSaga, PowerInstance>()
        .AddSaga<UnpauseInstanceSaga, PowerInstance>()
        .AddSaga<SuspendInstanceSaga, PowerInstance>()
        .AddSaga<ResumeInstanceSaga, PowerInstance>()
        .AddSaga<DeleteInstanceSaga, DeleteInstance>()
        .AddSingleton<InstanceReconciler>()
        .AddSingleton<IDesiredStateSource, InstanceDesiredState>()
        .AddSingleton<IObservedStateSink, InstanceObservations>();
}
