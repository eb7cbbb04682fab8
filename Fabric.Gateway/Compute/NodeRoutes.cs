using Fabric.Gateway.Http;
using static Fabric.Grains.Nodes.NodePolicies;

namespace Fabric.Gateway.Compute;

/// <summary>The part of compute's route table that is about nodes.</summary>
internal static class NodeRoutes
{
    internal static readonly Http.Route[] Lines =
    [
        new("GET", "/os-hypervisors", HypervisorEndpoints.List, ListHypervisors),
        new("GET", "/os-hypervisors/detail", HypervisorEndpoints.ListDetails, ListHypervisorDetails),
        new("GET", "/os-hypervisors/statistics", HypervisorEndpoints.Statistics, HypervisorStatistics) { Until = "2.87" },
        new("GET", "/os-hypervisors/{id}", HypervisorEndpoints.Show, ShowHypervisor),
        new("GET", "/os-hypervisors/{id}/uptime", HypervisorEndpoints.Uptime, HypervisorUptime) { Until = "2.87" },
        new("GET", "/os-hypervisors/{id}/search", HypervisorEndpoints.Search, SearchHypervisors) { Until = "2.52" },
        new("GET", "/os-hypervisors/{id}/servers", HypervisorEndpoints.Servers, HypervisorServers) { Until = "2.52" },
        new("GET", "/os-services", ServiceEndpoints.List, ListServices),
        new("PUT", "/os-services/{service_id}", ServiceEndpoints.Act, UpdateService) { Until = "2.52", Body = ServiceEndpoints.UpdateBody },
        new("PUT", "/os-services/{service_id}", ServiceEndpoints.Update, UpdateService) { Since = "2.53",
            Body = ServiceEndpoints.UpdateBody },
        new("GET", "/os-availability-zone", AvailabilityZoneEndpoints.List, ListZones),
        new("GET", "/os-availability-zone/detail", AvailabilityZoneEndpoints.ListDetails, ListZoneDetails),
    ];
}
