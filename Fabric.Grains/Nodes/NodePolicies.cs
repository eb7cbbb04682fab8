using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>Nova's rules for what an operator sees of nodes (source:
/// <c>nova/policies/{hypervisors,services,availability_zone}.py</c>).</summary>
public static class NodePolicies
{
    public static readonly PolicyRule ListHypervisors = Rule("os-hypervisors:list", "List all hypervisors.", "GET /os-hypervisors")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule ListHypervisorDetails =
        Rule("os-hypervisors:list-detail", "List all hypervisors with details.", "GET /os-hypervisors/detail")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule HypervisorStatistics =
        Rule("os-hypervisors:statistics", "Show summary statistics for all hypervisors.", "GET /os-hypervisors/statistics")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule ShowHypervisor = Rule(
        "os-hypervisors:show", "Show details for a hypervisor.", "GET /os-hypervisors/{id}")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule HypervisorUptime =
        Rule("os-hypervisors:uptime", "Show the uptime of a hypervisor.", "GET /os-hypervisors/{id}/uptime")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule SearchHypervisors =
        Rule("os-hypervisors:search", "Search hypervisors by a host name pattern.", "GET /os-hypervisors/{id}/search")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule HypervisorServers =
        Rule("os-hypervisors:servers", "List all servers on hypervisors that match a pattern.", "GET /os-hypervisors/{id}/servers")
        .Formerly("os_compute_api:os-hypervisors", "rule:admin_api");
    public static readonly PolicyRule ListServices = Rule("os-services:list", "List all running Compute services.", "GET /os-services")
        .Formerly("os_compute_api:os-services", "rule:admin_api");
    public static readonly PolicyRule UpdateService = Rule(
        "os-services:update", "Update a Compute service.", "PUT /os-services/{service_id}")
        .Formerly("os_compute_api:os-services", "rule:admin_api");
    public static readonly PolicyRule ListZones = new(
        "os_compute_api:os-availability-zone:list", Check.Authenticated, "List availability zone information.",
            "GET /os-availability-zone") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule ListZoneDetails =
        Rule("os-availability-zone:detail", "List detailed availability zone information.", "GET /os-availability-zone/detail");

    private static PolicyRule Rule(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, "rule:context_is_admin", description, operations) { Scopes = PolicyScopes.Project };
}
