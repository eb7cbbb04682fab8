using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Gateway.Policy;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary>The networking service: every route, nothing else.</summary>
internal static class NetworkApi
{
    /// <summary>Bodies are read by their resource's attributes, whose errors have Neutron's words.</summary>
    private static readonly IReadOnlyList<BodySchema> Json = [new(null, Schema.Any)];

    internal static readonly ServiceApi Api = new()
    {
        Type = "network",
        Name = "neutron",
        Prefix = "/networking/v2.0",
        CatalogPath = "/networking",
        PathSuffix = ".json",
        Policies = ServicePolicies.Neutron,
        Faults = new NetworkFaultStyle(),
        Discovery =
        [
            new("GET", "/networking", DiscoveryEndpoints.Versions, DiscoverVersions),
        ],
        Routes =
        [
            new("GET", "/", DiscoveryEndpoints.Resources, Discover),
            new("GET", "/extensions", DiscoveryEndpoints.ListExtensions, Discover),
            new("GET", "/extensions/{alias}", DiscoveryEndpoints.ShowExtension, Discover),
            new("GET", "/networks", NetworkEndpoints.List, GetNetwork),
            new("POST", "/networks", NetworkEndpoints.Create, CreateNetwork) { Body = Json },
            new("GET", "/networks/{id}", NetworkEndpoints.Show, GetNetwork),
            new("PUT", "/networks/{id}", NetworkEndpoints.Update, UpdateNetwork) { Body = Json },
            new("DELETE", "/networks/{id}", NetworkEndpoints.Delete, DeleteNetwork),
            new("GET", "/networks/{id}/dhcp-agents", AgentEndpoints.DhcpAgents, GetDhcpAgents),
            new("GET", "/subnets", SubnetEndpoints.List, GetSubnet),
            new("POST", "/subnets", SubnetEndpoints.Create, CreateSubnet) { Body = Json },
            new("GET", "/subnets/{id}", SubnetEndpoints.Show, GetSubnet),
            new("PUT", "/subnets/{id}", SubnetEndpoints.Update, UpdateSubnet) { Body = Json },
            new("DELETE", "/subnets/{id}", SubnetEndpoints.Delete, DeleteSubnet),
            new("GET", "/ports", PortEndpoints.List, GetPort),
            new("POST", "/ports", PortEndpoints.Create, CreatePort) { Body = Json },
            new("GET", "/ports/{id}", PortEndpoints.Show, GetPort),
            new("PUT", "/ports/{id}", PortEndpoints.Update, UpdatePort) { Body = Json },
            new("DELETE", "/ports/{id}", PortEndpoints.Delete, DeletePort),
            new("GET", "/routers", RouterEndpoints.List, GetRouter),
            new("POST", "/routers", RouterEndpoints.Create, CreateRouter) { Body = Json },
            new("GET", "/routers/{id}", RouterEndpoints.Show, GetRouter),
            new("PUT", "/routers/{id}", RouterEndpoints.Update, UpdateRouter) { Body = Json },
            new("DELETE", "/routers/{id}", RouterEndpoints.Delete, DeleteRouter),
            new("PUT", "/routers/{id}/add_router_interface", RouterEndpoints.AddInterface, AddInterface) { Body = Json },
            new("PUT", "/routers/{id}/remove_router_interface", RouterEndpoints.RemoveInterface, RemoveInterface) { Body = Json },
            new("PUT", "/routers/{id}/add_extraroutes", RouterEndpoints.AddRoutes, AddRoutes) { Body = Json },
            new("PUT", "/routers/{id}/remove_extraroutes", RouterEndpoints.RemoveRoutes, RemoveRoutes) { Body = Json },
            new("GET", "/routers/{id}/l3-agents", AgentEndpoints.L3Agents, GetL3Agents),
            new("GET", "/floatingips", FloatingIpEndpoints.List, GetFloatingIp),
            new("POST", "/floatingips", FloatingIpEndpoints.Create, CreateFloatingIp) { Body = Json },
            new("GET", "/floatingips/{id}", FloatingIpEndpoints.Show, GetFloatingIp),
            new("PUT", "/floatingips/{id}", FloatingIpEndpoints.Update, UpdateFloatingIp) { Body = Json },
            new("DELETE", "/floatingips/{id}", FloatingIpEndpoints.Delete, DeleteFloatingIp),
            new("GET", "/security-groups", SecurityGroupEndpoints.List, GetGroup),
            new("POST", "/security-groups", SecurityGroupEndpoints.Create, CreateGroup) { Body = Json },
            new("GET", "/security-groups/{id}", SecurityGroupEndpoints.Show, GetGroup),
            new("PUT", "/security-groups/{id}", SecurityGroupEndpoints.Update, UpdateGroup) { Body = Json },
            new("DELETE", "/security-groups/{id}", SecurityGroupEndpoints.Delete, DeleteGroup),
            new("GET", "/security-group-rules", SecurityGroupEndpoints.ListRules, GetRule),
            new("POST", "/security-group-rules", SecurityGroupEndpoints.CreateRules, CreateRule) { Body = Json },
            new("GET", "/security-group-rules/{id}", SecurityGroupEndpoints.ShowRule, GetRule),
            new("DELETE", "/security-group-rules/{id}", SecurityGroupEndpoints.DeleteRule, DeleteRule),
            new("GET", "/quotas", QuotaEndpoints.List, GetQuota),
            new("GET", "/quotas/tenant", QuotaEndpoints.Mine, GetOwnQuota),
            new("GET", "/quotas/project", QuotaEndpoints.Mine, GetOwnQuota),
            new("GET", "/quotas/{id}", QuotaEndpoints.Show, GetOwnQuota),
            new("GET", "/quotas/{id}/details", QuotaEndpoints.Details, GetOwnQuota),
            new("GET", "/quotas/{id}/default", QuotaEndpoints.Default, GetOwnQuota),
            new("PUT", "/quotas/{id}", QuotaEndpoints.Update, UpdateQuota) { Body = Json },
            new("DELETE", "/quotas/{id}", QuotaEndpoints.Delete, DeleteQuota),
            new("GET", "/agents", AgentEndpoints.List, GetAgents),
            new("GET", "/agents/{id}", AgentEndpoints.Show, GetAgents),
            new("GET", "/agents/{id}/dhcp-networks", AgentEndpoints.DhcpNetworks, GetDhcpNetworks),
            new("GET", "/agents/{id}/l3-routers", AgentEndpoints.L3Routers, GetL3Routers),
            new("GET", "/availability_zones", AvailabilityEndpoints.ListZones, GetAvailabilityZone),
            new("GET", "/network-ip-availabilities", AvailabilityEndpoints.ListAvailabilities, GetIpAvailability),
            new("GET", "/network-ip-availabilities/{id}", AvailabilityEndpoints.ShowAvailability, GetIpAvailability),
            new("GET", "/service-providers", AvailabilityEndpoints.ServiceProviders, GetServiceProvider),
            .. TagEndpoints.Routes,
        ],
    };
}
