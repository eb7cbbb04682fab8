using Fabric.Gateway.Http;
using Fabric.Hosting;
using Fabric.Hosting.Health;
using Yarp.ReverseProxy.Configuration;

namespace Fabric.Gateway.Forwarding;

/// <summary>Which requests a process sends on, and to which members of the cluster.</summary>
/// <param name="Cluster">YARP's name for the members together; stands in the header that makes loops impossible.</param>
/// <param name="Tag">What the members have in their metadata.</param>
/// <param name="Routes">The requests.</param>
internal sealed record ForwardingPlan(string Cluster, string Tag, IReadOnlyList<RouteConfig> Routes)
{
    /// <summary>How long the other side may be silent, e.g. while a large image is flushed to its disk.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    /// <summary>Shorter than <see cref="Drain.DefaultSeconds"/>: a member that shuts down is seen to before it closes its port.</summary>
    private static readonly TimeSpan ProbePeriod = TimeSpan.FromSeconds(1);

    /// <summary>A failed member is tried again after this even if no probe cleared it.</summary>
    private static readonly TimeSpan Reactivation = TimeSpan.FromSeconds(5);

    /// <summary>Of a gateway that has no images: what needs their bytes goes where they are.</summary>
    internal static ForwardingPlan Images(IEnumerable<ServiceApi> services)
    {
        const string Name = "images";
        var routes =
            from service in services
            from line in service.Routes
            where line.AtImages
            select new RouteConfig
            {
                RouteId = $"{line.Method} {service.Prefix}{line.Path}",
                ClusterId = Name,
                // Before the gateway's own handlers of the same paths.
                Order = -1,
                Match = new() { Path = service.Prefix + line.Path, Methods = line.Method == "GET" ? ["GET", "HEAD"] : [line.Method] },
            };
        return new(Name, ClusterMember.ImagesTag, [.. routes]);
    }

    /// <summary>The route of guests' metadata. In its <c>X-Forwarded-For</c> a node tells which guest asks, and signs it: it is not to be
    /// touched.</summary>
    internal const string Metadata = "metadata";

    /// <summary>Of a front: everything goes to some gateway.</summary>
    internal static ForwardingPlan Gateways { get; } = new("gateways", ClusterMember.ApiTag,
    [
        new() { RouteId = Metadata, ClusterId = "gateways", Match = new() { Path = "/metadata/{**path}" } },
        new() { RouteId = "all", ClusterId = "gateways", Match = new() { Path = "/{**path}" } },
    ]);

    /// <summary>The plan with the members that are there now.</summary>
    /// <param name="members">Their addresses; the keys name a process, so that one that was started anew begins with a clean
    /// record.</param>
    internal ClusterConfig With(IEnumerable<KeyValuePair<string, string>> members) => new()
    {
        ClusterId = Cluster,
        Destinations = members.ToDictionary(
            static member => member.Key, static member => new DestinationConfig { Address = member.Value }, StringComparer.Ordinal),
        HttpRequest = new() { ActivityTimeout = Silence, Version = System.Net.HttpVersion.Version11 },
        HealthCheck = new()
        {
            Active = new()
            {
                Enabled = true,
                Interval = ProbePeriod,
                Timeout = ProbePeriod * 3,
                Policy = "ConsecutiveFailures",
                Path = "/readyz",
            },
            // A probe may be late on a busy machine: when no member is known to be well, all are tried.
            AvailableDestinationsPolicy = "HealthyOrPanic",
            Passive = new() { Enabled = true, Policy = "TransportFailureRate", ReactivationPeriod = Reactivation },
        },
    };
}
