using Fabric.Grains.Sagas;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains.Placement;

/// <summary>Registers what placement's grains and callers need.</summary>
internal static class PlacementServices
{
    internal static IServiceCollection AddPlacement(this IServiceCollection services) =>
        services.AddSingleton<NodePictures>().AddSingleton<IScheduling, Scheduling>()
            .AddSaga<ChangeAllocationsSaga, ChangeAllocations>();
}
