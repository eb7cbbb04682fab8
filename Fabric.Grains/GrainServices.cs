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
    /// <summary>Adds every service's sagas and indexes.</summary>
    public static IServiceCollection AddFabricGrains(this IServiceCollection services)
    {
        services.AddIdentity();
        services.AddFabricNodes();
        services.AddPlacement();
        services.AddCompute();
        services.AddNetwork();
        return services;
    }

    /// <summary>Adds what works by itself on silos that hold grains: the bootstrap of identity, sweeps and reconcilers. A process that only
    /// calls grains has <see cref="AddFabricGrains"/> alone.</summary>
    public static IServiceCollection AddFabricControl(this IServiceCollection services)
    {
        services.AddIdentityControl();
        services.AddHostedService<InstanceReconcilerService>();
        return services;
    }
}
