using Fabric.Gateway.Compute;
using Fabric.Gateway.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Fabric.Gateway.Forwarding;

/// <summary>What stands around YARP's own steps: no loop, no limit of size (whoever gets the request has its own), another member when the
/// first was surely not reached, and the service's own words when nobody was.</summary>
internal sealed class Forwarder(ForwardingPlan plan, IReadOnlyList<ServiceApi> services, ILogger<Forwarder> logger)
{
    /// <summary>Names the plans by which a request was sent on so far.</summary>
    internal const string Marker = "X-Fabric-Forwarded";

    internal async Task Forward(HttpContext http, RequestDelegate next)
    {
        // A front may send to a gateway that sends to the images; but none of them twice.
        if (http.Request.Headers[Marker].Contains(plan.Cluster))
        {
            logger.NotForwarded(null, http.Request.Method, http.Request.Path, plan.Cluster, "it comes from there");
            await Refuse(http);
            return;
        }

        http.Request.Headers.Append(Marker, plan.Cluster);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        await Try(http, next);
        if (http.GetForwarderErrorFeature() is not { } failure || http.RequestAborted.IsCancellationRequested)
            return;
        logger.NotForwarded(failure.Exception, http.Request.Method, http.Request.Path, plan.Cluster, $"{failure.Error}");
        if (!http.Response.HasStarted)
            await Refuse(http);
    }

    private static async Task Try(HttpContext http, RequestDelegate next)
    {
        var proxied = http.GetReverseProxyFeature();
        var left = proxied.AvailableDestinations;
        while (true)
        {
            await next(http);
            left = [.. left.Where(one => one != proxied.ProxiedDestination)];
            if (left.Count == 0 || http.Response.HasStarted || !WasNotReached(http.GetForwarderErrorFeature()))
                return;
            http.Features.Set<IForwarderErrorFeature>(null);
            http.Response.StatusCode = StatusCodes.Status200OK;
            proxied.AvailableDestinations = left;
            proxied.ProxiedDestination = null;
        }
    }

    /// <summary>Whether there was no connection, so that no byte was sent: only then it is certain that the request did nothing, and that
    /// its body is still unread.</summary>
    private static bool WasNotReached(IForwarderErrorFeature? failure) => failure is
    {
        Error: ForwarderError.Request,
        Exception: HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError },
    };

    private Task Refuse(HttpContext http)
    {
        var service = services.Where(one => http.Request.Path.StartsWithSegments(one.CatalogPath ?? one.Prefix))
            .MaxBy(static one => one.Prefix.Length) ?? ComputeApi.Api;
        RequestIds.Assign(http, service.RequestIdHeader);
        return FaultReply.Write(http, service.Faults,
            Fault.Unavailable("The service is currently unable to handle the request. Try again later."));
    }
}
