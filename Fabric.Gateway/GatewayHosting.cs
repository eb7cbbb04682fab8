using Fabric.Gateway.Compute;
using Fabric.Gateway.Forwarding;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity;
using Fabric.Gateway.Image;
using Fabric.Gateway.Network;
using Fabric.Gateway.Placement;
using Fabric.Gateway.Policy;
using Fabric.Grains.Identity;
using Fabric.Hosting;

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
        NodeImageApi.Api,
        NetworkApi.Api,
        PlacementApi.Api,
    ];

    /// <summary>Registers what the services' handlers need.</summary>
    /// <param name="services">The process's.</param>
    /// <param name="hasImages">Whether the images lie here; else what needs their bytes is sent to a member where they do.</param>
    public static IServiceCollection AddFabricGateway(this IServiceCollection services, bool hasImages = true)
    {
        services.AddRouting();
        services.AddSingleton(new PolicyBooks(ServicePolicies.All));
        services.AddSingleton<PolicyFiles>();
        services.AddHostedService(static provider => provider.GetRequiredService<PolicyFiles>());
        services.AddIdentityApi();
        services.AddCompute();
        if (hasImages)
            services.AddImage();
        else
            services.AddForwarding(ForwardingPlan.Images(Services), Services);
        return services;
    }

    /// <summary>Says what stands in the catalog: for the silos that make it, whether they are gateways or not.</summary>
    public static IServiceCollection AddFabricCatalog(this IServiceCollection services)
    {
        foreach (var service in Services.Where(static service => service.InCatalog))
            services.AddSingleton(new CatalogEntry(service.Type, service.Name, service.CatalogPath ?? service.Prefix));
        return services;
    }

    /// <summary>Maps every route of every service, after it has read who may call them.</summary>
    /// <exception cref="StartRefusedException">An operator's rules cannot be read.</exception>
    public static void MapFabricGateway(this IEndpointRouteBuilder endpoints)
    {
        try
        {
            endpoints.ServiceProvider.GetRequiredService<PolicyFiles>().Load();
        }
        catch (PolicyFileException error)
        {
            throw new StartRefusedException(error.Message);
        }

        foreach (var service in Services)
            endpoints.MapService(service);
        if (endpoints.ServiceProvider.GetService<ForwardingPlan>() is not null)
            endpoints.MapForwarding();
    }
}
