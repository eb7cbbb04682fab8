using Fabric.Grains.Compute;
using Fabric.Grains.Identity;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Microsoft.Extensions.DependencyInjection;

namespace Fabric.Grains;

/// <summary>Registers what the grains of all services need.</summary>
public static class GrainServices
{
    /// <summary>Adds every service's sagas, indexes and reconcilers.</summary>
    public static IServiceCollection AddFabricGrains(this IServiceCollection services)
    {
        services.AddIdentity();
        services.AddNodes();
        services.AddPlacement();
        services.AddCompute();
        services.AddNetwork();
        return services;
    }
}
