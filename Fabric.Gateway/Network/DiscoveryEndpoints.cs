using Fabric.Gateway.Http;

namespace Fabric.Gateway.Network;

/// <summary>Versions, resources and extensions.</summary>
internal static class DiscoveryEndpoints
{
    /// <summary>What is served, by Neutron's aliases (name and date as Neutron has them): clients decide by these what to ask
    /// for.</summary>
    private static readonly (string Alias, string Name, string Updated)[] Extensions =
    [
        ("agent", "agent", "2013-02-03T10:00:00-00:00"),
        ("allowed-address-pairs", "Allowed Address Pairs", "2013-07-23T10:00:00-00:00"),
        ("availability_zone", "Availability Zone", "2015-01-01T10:00:00-00:00"),
        ("binding", "Port Binding", "2014-02-03T10:00:00-00:00"),
        ("dhcp_agent_scheduler", "DHCP Agent Scheduler", "2013-02-07T10:00:00-00:00"),
        ("dns-domain-ports", "dns_domain for ports", "2017-04-24T10:00:00-00:00"),
        ("dns-integration", "DNS Integration", "2015-08-15T18:00:00-00:00"),
        ("empty-string-filtering", "Empty String Filtering Extension", "2018-05-01T10:00:00-00:00"),
        ("ext-gw-mode", "Neutron L3 Configurable external gateway mode", "2013-03-28T10:00:00-00:00"),
        ("external-net", "Neutron external network", "2013-01-14T10:00:00-00:00"),
        ("extra_dhcp_opt", "Neutron Extra DHCP options", "2013-03-17T12:00:00-00:00"),
        ("extraroute", "Neutron Extra Route", "2013-02-01T10:00:00-00:00"),
        ("extraroute-atomic", "Atomically add/remove extra routes", "2019-07-10T00:00:00+00:00"),
        ("fip-port-details", "Floating IP Port Details Extension", "2018-04-09T10:00:00-00:00"),
        ("ip-substring-filtering", "IP address substring filtering", "2017-11-28T09:00:00-00:00"),
        ("l3_agent_scheduler", "L3 Agent Scheduler", "2013-02-07T10:00:00-00:00"),
        ("net-mtu", "Network MTU", "2015-03-25T10:00:00-00:00"),
        ("net-mtu-writable", "Network MTU (writable)", "2017-07-12T00:00:00-00:00"),
        ("network-ip-availability", "Network IP Availability", "2015-09-24T00:00:00-00:00"),
        ("network_availability_zone", "Network Availability Zone", "2015-01-01T10:00:00-00:00"),
        ("pagination", "Pagination support", "2016-06-12T00:00:00-00:00"),
        ("port-security", "Port Security", "2012-07-23T10:00:00-00:00"),
        ("port-security-groups-filtering", "Port filtering on security groups", "2018-01-09T09:00:00-00:00"),
        ("project-id", "project_id field enabled", "2016-09-09T09:09:09-09:09"),
        ("provider", "Provider Network", "2012-09-07T10:00:00-00:00"),
        ("quota-check-limit", "Quota engine limit check", "2021-09-08T16:00:00-00:00"),
        ("quota_details", "Quota details management support", "2017-02-10T10:00:00-00:00"),
        ("quotas", "Quota management support", "2012-07-29T10:00:00-00:00"),
        ("revision-if-match", "If-Match constraints based on revision_number", "2016-12-11T00:00:00-00:00"),
        ("router", "Neutron L3 Router", "2012-07-20T10:00:00-00:00"),
        ("router_availability_zone", "Router Availability Zone", "2015-01-01T10:00:00-00:00"),
        ("security-group", "security-group", "2012-10-05T10:00:00-00:00"),
        ("security-groups-normalized-cidr", "Normalized CIDR field for security group rules", "2020-07-28T10:00:00-00:00"),
        ("service-type", "Neutron Service Type Management", "2013-01-20T00:00:00-00:00"),
        ("sorting", "Sorting support", "2016-06-12T00:00:00-00:00"),
        ("standard-attr-description", "standard-attr-description", "2016-02-10T10:00:00-00:00"),
        ("standard-attr-revisions", "Resource revision numbers", "2016-04-11T10:00:00-00:00"),
        ("standard-attr-tag", "Tag support for resources with standard attribute", "2017-01-01T00:00:00-00:00"),
        ("standard-attr-timestamp", "Resource timestamps", "2016-09-12T10:00:00-00:00"),
        ("stateful-security-group", "Stateful security group", "2019-11-26T09:00:00-00:00"),
        ("subnet-service-types", "Subnet service types", "2016-03-15T18:00:00-00:00"),
        ("tag-ports-during-bulk-creation", "Tag Ports During Bulk Creation", "2019-12-29T19:00:00-00:00"),
    ];

    private static readonly (string Name, string Collection)[] CoreResources =
        [("network", "networks"), ("subnet", "subnets"), ("port", "ports")];

    internal static Task<IResult> Versions(Call call) => Task.FromResult(Reply.Json(new
    {
        versions = new[]
        {
            new { id = "v2.0", status = "CURRENT", links = new[] { new { rel = "self", href = call.BaseUrl + "/" } } },
        },
    }));

    internal static Task<IResult> Resources(Call call) => Task.FromResult(Reply.Json(new
    {
        resources = CoreResources.Select(resource => new
        {
            name = resource.Name,
            collection = resource.Collection,
            links = new[] { new { rel = "self", href = $"{call.BaseUrl}/{resource.Collection}" } },
        }).ToArray(),
    }));

    internal static Task<IResult> ListExtensions(Call call) =>
        Task.FromResult(Reply.Json(new { extensions = Extensions.Select(Of).ToArray() }));

    internal static Task<IResult> ShowExtension(Call call)
    {
        var alias = call.Path("alias");
        var found = Array.Find(Extensions, extension => extension.Alias == alias);
        return found.Alias is null
            ? throw Fault.NotFound("HTTPNotFound", $"Extension with alias {alias} does not exist")
            : Task.FromResult(Reply.Json(new { extension = Of(found) }));
    }

    private static object Of((string Alias, string Name, string Updated) extension) => new
    {
        name = extension.Name,
        alias = extension.Alias,
        description = extension.Name + ".",
        updated = extension.Updated,
        links = Array.Empty<object>(),
    };
}
