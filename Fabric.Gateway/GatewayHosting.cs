using Fabric.Gateway.Compute;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity;
using Fabric.Gateway.Image;
using Fabric.Gateway.Network;
using Fabric.Gateway.Placement;

namespace Fabric.Gateway;

/// <summary>Puts the gateway into a host: the all-in-one silo, or a gateway process of its own.</summary>
public static class GatewayHosting
{
    /// <summary>Every service served, one line each.</summary>
    internal static IReadOnlyList<ServiceApi> Services { get; } =
    [
        IdentityApi.Api,
        ComputeApi.Api,
        MetadataApi.Api,
        ImageApi.Api,
        NetworkApi.Api,
        PlacementApi.Api,
    ];

    /// <summary>Registers what the services' handlers need.</summary>
    public static IServiceCollection AddFabricGateway(this IServiceCollection services)
    {
        services.AddRouting();
        services.AddIdentityApi();
        services.AddCompute();
        services.AddImage();
        return services;
    }

    /// <summary>Maps every route of every service.</summary>
    public static void MapFabricGateway(this IEndpointRouteBuilder endpoints)
    {
        foreach (var service in Services)
            endpoints.MapService(service);
    }
}
