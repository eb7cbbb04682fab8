using Fabric.Gateway.Http;
using Fabric.Hosting.Health;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms;

namespace Fabric.Gateway.Forwarding;

/// <summary>Puts forwarding by a plan into a host.</summary>
internal static class ForwardingHosting
{
    /// <summary>A member that does not take a connection at once is not there; another one may be.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    internal static IServiceCollection AddForwarding(
        this IServiceCollection services, ForwardingPlan plan, IReadOnlyList<ServiceApi> served)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddReverseProxy()
            .LoadFromMemory(plan.Routes, [plan.With([])])
            .ConfigureHttpClient(static (_, handler) => handler.ConnectTimeout = ConnectTimeout)
            .AddTransforms(static transforms =>
            {
                // Links in the answers are to be the client's, who named this host.
                transforms.AddOriginalHost();
                transforms.AddXForwardedHost(action: ForwardedTransformActions.Append);
                transforms.AddXForwardedProto(action: ForwardedTransformActions.Append);
                if (transforms.Route.RouteId != ForwardingPlan.Metadata)
                    transforms.AddXForwardedFor(action: ForwardedTransformActions.Append);
                transforms.AddRequestTransform(static request =>
                {
                    // Whoever is asked may refuse before it reads; to send it a large body nevertheless would lose the answer.
                    if (request.HttpContext.Request.Method == HttpMethods.Put)
                        request.ProxyRequest.Headers.ExpectContinue = true;
                    return ValueTask.CompletedTask;
                });
            });
        services.Configure<ConsecutiveFailuresHealthPolicyOptions>(static policy => policy.DefaultThreshold = 1);
        services.Configure<TransportFailureRateHealthPolicyOptions>(static policy => policy.MinimalTotalCountThreshold = 1);
        services.AddSingleton(plan);
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<Forwarder>(provider, served));
        services.AddHostedService<ForwardingTargets>();
        return services;
    }

    internal static void MapForwarding(this IEndpointRouteBuilder endpoints)
    {
        var forwarder = endpoints.ServiceProvider.GetRequiredService<Forwarder>();
        endpoints.MapReverseProxy(proxy =>
        {
            proxy.Use(forwarder.Forward);
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }
}

/// <summary>Whether there is a gateway to send requests to.</summary>
internal sealed class TargetsReady(ForwardingPlan plan, IProxyStateLookup proxy) : IReadinessCheck
{
    /// <inheritdoc/>
    public ValueTask<string?> Missing(CancellationToken ct) => ValueTask.FromResult(
        proxy.TryGetCluster(plan.Cluster, out var cluster) && cluster.DestinationsState.AvailableDestinations.Count > 0
            ? null
            : plan.Cluster);
}
