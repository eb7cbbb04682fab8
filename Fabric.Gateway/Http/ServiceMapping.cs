using Fabric.Gateway.Policy;

namespace Fabric.Gateway.Http;

/// <summary>Puts a service's route table into ASP.NET Core's routing.</summary>
internal static class ServiceMapping
{
    internal static void MapService(this IEndpointRouteBuilder endpoints, ServiceApi service)
    {
        var logger = endpoints.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger("Fabric.Gateway." + service.Type);
        var policies = endpoints.ServiceProvider.GetRequiredService<PolicyBooks>()[service.Policies];

        // Lines whose paths differ only in the names of their parameters are one path to the router.
        foreach (var path in service.Routes.GroupBy(static line => line.Path, StringComparer.Ordinal))
        {
            var executor = new RouteExecutor(service, [.. path], policies, logger);
            endpoints.Map(service.Prefix + path.Key, executor.Execute);
            if (service.PathSuffix is { } suffix && !path.Key.EndsWith('/'))
                endpoints.Map(service.Prefix + path.Key + suffix, executor.Execute);
        }

        foreach (var path in service.Discovery.GroupBy(static line => line.Path, StringComparer.Ordinal))
        {
            var executor = new RouteExecutor(
                service with { Microversions = null, IgnoresTrailingSlash = true, Faults = service.Faults.OfVersions },
                [.. path], policies, logger);
            endpoints.Map(path.Key, executor.Execute);
        }

        // With a token, an unknown path below the service is the service's own 404; without one, 401, as for any path.
        var nowhere = new Route("*", "/{**path}", static _ => throw new InvalidOperationException(), NoSuchPath);
        var unknown = new RouteExecutor(
            service with { Microversions = null }, [nowhere with { Since = new(int.MaxValue, 0) }], policies, logger);
        endpoints.Map(service.Prefix + "/{**path}", unknown.Execute).WithOrder(1);
    }

    // No service's: it is never asked for, since the path is not there whatever a rule says.
    private static readonly PolicyRule NoSuchPath = new(
        "fabric:unknown_path", Check.Authenticated, "Any path that the service does not have.");
}
