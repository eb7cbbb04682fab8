using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>Neutron's rules with the defaults of its secure role-based policy (source: <c>neutron/conf/policies</c>). What a network's
/// owner may do on
/// it besides is said at the place: the target of those rules is the network, not the thing.</summary>
public static class NetworkPolicies
{
    private static readonly PolicyCheck Member = Check.ProjectMemberOrAdmin;
    private static readonly PolicyCheck Reader = Check.ProjectReaderOrAdmin;

    public static readonly PolicyRule Discover =
        new("fabric:network_discovery", Check.Authenticated, "Resources and extensions", "GET /v2.0/extensions");
    public static readonly PolicyRule DiscoverVersions = new("fabric:network_versions", Check.Anyone, "Versions", "GET /");

    public static readonly PolicyRule CreateNetwork = new("create_network", Member, "Create a network", "POST /networks");
    public static readonly PolicyRule CreateNetworkShared = new("create_network:shared", Check.Admin, "Create a shared network");
    public static readonly PolicyRule CreateNetworkExternal =
        new("create_network:router:external", Check.Admin, "Create an external network");
    public static readonly PolicyRule CreateNetworkDefault = new("create_network:is_default", Check.Admin, "Specify is_default");
    public static readonly PolicyRule CreateNetworkType =
        new("create_network:provider:network_type", Check.Admin, "Specify the network type");
    public static readonly PolicyRule CreateNetworkPhysical =
        new("create_network:provider:physical_network", Check.Admin, "Specify the physical network");
    public static readonly PolicyRule CreateNetworkSegment =
        new("create_network:provider:segmentation_id", Check.Admin, "Specify the segmentation id");
    public static readonly PolicyRule GetNetwork = new("get_network", Reader, "Get a network", "GET /networks", "GET /networks/{id}");
    public static readonly PolicyRule GetNetworkProvider = new("get_network:provider:network_type", Check.Admin, "Get provider attributes");
    public static readonly PolicyRule UpdateNetwork = new("update_network", Member, "Update a network", "PUT /networks/{id}");
    public static readonly PolicyRule UpdateNetworkShared = new("update_network:shared", Check.Admin, "Update shared");
    public static readonly PolicyRule UpdateNetworkExternal = new("update_network:router:external", Check.Admin, "Update router:external");
    public static readonly PolicyRule UpdateNetworkDefault = new("update_network:is_default", Check.Admin, "Update is_default");
    public static readonly PolicyRule DeleteNetwork = new("delete_network", Member, "Delete a network", "DELETE /networks/{id}");

    public static readonly PolicyRule CreateSubnet = new("create_subnet", Member, "Create a subnet", "POST /subnets");
    public static readonly PolicyRule CreateSubnetServiceTypes = new("create_subnet:service_types", Check.Admin, "Specify service_types");
    public static readonly PolicyRule GetSubnet = new("get_subnet", Reader, "Get a subnet", "GET /subnets", "GET /subnets/{id}");
    public static readonly PolicyRule UpdateSubnet = new("update_subnet", Member, "Update a subnet", "PUT /subnets/{id}");
    public static readonly PolicyRule UpdateSubnetServiceTypes = new("update_subnet:service_types", Check.Admin, "Update service_types");
    public static readonly PolicyRule DeleteSubnet = new("delete_subnet", Member, "Delete a subnet", "DELETE /subnets/{id}");

    public static readonly PolicyRule CreatePort = new("create_port", Member, "Create a port", "POST /ports");
    public static readonly PolicyRule CreatePortOwner = new("create_port:device_owner", Check.Admin, "Specify a network: device_owner");
    public static readonly PolicyRule CreatePortMac = new("create_port:mac_address", Check.Admin, "Specify mac_address");
    public static readonly PolicyRule CreatePortFixedIps = new("create_port:fixed_ips", Check.Admin, "Specify fixed_ips");
    public static readonly PolicyRule CreatePortIpAddress =
        new("create_port:fixed_ips:ip_address", Check.Admin, "Specify an address in fixed_ips");
    public static readonly PolicyRule CreatePortSecurity =
        new("create_port:port_security_enabled", Check.Admin, "Specify port_security_enabled");
    public static readonly PolicyRule CreatePortHost = new("create_port:binding:host_id", Check.Admin, "Specify binding:host_id");
    public static readonly PolicyRule CreatePortProfile = new("create_port:binding:profile", Check.Admin, "Specify binding:profile");
    public static readonly PolicyRule CreatePortPairs =
        new("create_port:allowed_address_pairs", Check.Admin, "Specify allowed_address_pairs");
    public static readonly PolicyRule GetPort = new("get_port", Reader, "Get a port", "GET /ports", "GET /ports/{id}");
    public static readonly PolicyRule GetPortBinding = new("get_port:binding:host_id", Check.Admin, "Get the binding's attributes");
    public static readonly PolicyRule UpdatePort = new("update_port", Member, "Update a port", "PUT /ports/{id}");
    public static readonly PolicyRule UpdatePortOwner = new("update_port:device_owner", Check.Admin, "Update to a network: device_owner");
    public static readonly PolicyRule UpdatePortMac = new("update_port:mac_address", Check.Admin, "Update mac_address");
    public static readonly PolicyRule UpdatePortFixedIps = new("update_port:fixed_ips", Check.Admin, "Update fixed_ips");
    public static readonly PolicyRule UpdatePortIpAddress =
        new("update_port:fixed_ips:ip_address", Check.Admin, "Update an address in fixed_ips");
    public static readonly PolicyRule UpdatePortSecurity =
        new("update_port:port_security_enabled", Check.Admin, "Update port_security_enabled");
    public static readonly PolicyRule UpdatePortHost = new("update_port:binding:host_id", Check.Admin, "Update binding:host_id");
    public static readonly PolicyRule UpdatePortProfile = new("update_port:binding:profile", Check.Admin, "Update binding:profile");
    public static readonly PolicyRule UpdatePortPairs =
        new("update_port:allowed_address_pairs", Check.Admin, "Update allowed_address_pairs");
    public static readonly PolicyRule DeletePort = new("delete_port", Member, "Delete a port", "DELETE /ports/{id}");

    public static readonly PolicyRule CreateRouter = new("create_router", Member, "Create a router", "POST /routers");
    public static readonly PolicyRule CreateRouterDistributed = new("create_router:distributed", Check.Admin, "Specify distributed");
    public static readonly PolicyRule CreateRouterHa = new("create_router:ha", Check.Admin, "Specify ha");
    public static readonly PolicyRule CreateRouterSnat =
        new("create_router:external_gateway_info:enable_snat", Check.Admin, "Specify enable_snat");
    public static readonly PolicyRule CreateRouterIps =
        new("create_router:external_gateway_info:external_fixed_ips", Check.Admin, "Specify external_fixed_ips");
    public static readonly PolicyRule GetRouter = new("get_router", Reader, "Get a router", "GET /routers", "GET /routers/{id}");
    public static readonly PolicyRule GetRouterHa = new("get_router:ha", Check.Admin, "Get ha and distributed");
    public static readonly PolicyRule UpdateRouter = new("update_router", Member, "Update a router", "PUT /routers/{id}");
    public static readonly PolicyRule UpdateRouterDistributed = new("update_router:distributed", Check.Admin, "Update distributed");
    public static readonly PolicyRule UpdateRouterHa = new("update_router:ha", Check.Admin, "Update ha");
    public static readonly PolicyRule UpdateRouterSnat =
        new("update_router:external_gateway_info:enable_snat", Check.Admin, "Update enable_snat");
    public static readonly PolicyRule UpdateRouterIps =
        new("update_router:external_gateway_info:external_fixed_ips", Check.Admin, "Update external_fixed_ips");
    public static readonly PolicyRule DeleteRouter = new("delete_router", Member, "Delete a router", "DELETE /routers/{id}");
    public static readonly PolicyRule AddInterface =
        new("add_router_interface", Member, "Add an interface to a router", "PUT /routers/{id}/add_router_interface");
    public static readonly PolicyRule RemoveInterface =
        new("remove_router_interface", Member, "Remove an interface from a router", "PUT /routers/{id}/remove_router_interface");
    public static readonly PolicyRule AddRoutes = new("add_extraroutes", Member, "Add extra routes", "PUT /routers/{id}/add_extraroutes");
    public static readonly PolicyRule RemoveRoutes =
        new("remove_extraroutes", Member, "Remove extra routes", "PUT /routers/{id}/remove_extraroutes");

    public static readonly PolicyRule CreateFloatingIp = new("create_floatingip", Member, "Create a floating IP", "POST /floatingips");
    public static readonly PolicyRule CreateFloatingIpAddress =
        new("create_floatingip:floating_ip_address", Check.Admin, "Create a floating IP with a specific address");
    public static readonly PolicyRule GetFloatingIp =
        new("get_floatingip", Reader, "Get a floating IP", "GET /floatingips", "GET /floatingips/{id}");
    public static readonly PolicyRule UpdateFloatingIp = new("update_floatingip", Member, "Update a floating IP", "PUT /floatingips/{id}");
    public static readonly PolicyRule DeleteFloatingIp =
        new("delete_floatingip", Member, "Delete a floating IP", "DELETE /floatingips/{id}");

    public static readonly PolicyRule CreateGroup =
        new("create_security_group", Member, "Create a security group", "POST /security-groups");
    public static readonly PolicyRule GetGroup =
        new("get_security_group", Reader, "Get a security group", "GET /security-groups", "GET /security-groups/{id}");
    public static readonly PolicyRule UpdateGroup =
        new("update_security_group", Member, "Update a security group", "PUT /security-groups/{id}");
    public static readonly PolicyRule DeleteGroup =
        new("delete_security_group", Member, "Delete a security group", "DELETE /security-groups/{id}");
    public static readonly PolicyRule CreateRule =
        new("create_security_group_rule", Member, "Create a security group rule", "POST /security-group-rules");
    public static readonly PolicyRule GetRule =
        new("get_security_group_rule", Reader, "Get a security group rule", "GET /security-group-rules", "GET /security-group-rules/{id}");
    public static readonly PolicyRule DeleteRule =
        new("delete_security_group_rule", Member, "Delete a security group rule", "DELETE /security-group-rules/{id}");

    public static readonly PolicyRule GetQuota = new("get_quota", Check.Admin, "Get a quota", "GET /quotas", "GET /quotas/{id}");
    public static readonly PolicyRule GetOwnQuota =
        new("fabric:get_own_quota", Check.Authenticated, "Get the caller's quota", "GET /quotas/{id}");
    public static readonly PolicyRule UpdateQuota = new("update_quota", Check.Admin, "Update a quota", "PUT /quotas/{id}");
    public static readonly PolicyRule DeleteQuota = new("delete_quota", Check.Admin, "Delete a quota", "DELETE /quotas/{id}");
    public static readonly PolicyRule GetAgent = new("get_agent", Check.Admin, "Get an agent", "GET /agents", "GET /agents/{id}");
    public static readonly PolicyRule GetAgents =
        new("get_agents", Check.Authenticated, "List the agents that the caller may get", "GET /agents", "GET /agents/{id}");
    public static readonly PolicyRule GetDhcpAgents =
        new("get_dhcp-agents", Check.Admin, "List DHCP agents hosting a network", "GET /networks/{id}/dhcp-agents");
    public static readonly PolicyRule GetDhcpNetworks =
        new("get_dhcp-networks", Check.Admin, "List networks on a DHCP agent", "GET /agents/{id}/dhcp-networks");
    public static readonly PolicyRule GetL3Agents =
        new("get_l3-agents", Check.Admin, "List L3 agents hosting a router", "GET /routers/{id}/l3-agents");
    public static readonly PolicyRule GetL3Routers =
        new("get_l3-routers", Check.Admin, "List routers on an L3 agent", "GET /agents/{id}/l3-routers");
    public static readonly PolicyRule GetAvailabilityZone =
        new("get_availability_zone", Check.Authenticated, "List availability zones", "GET /availability_zones");
    public static readonly PolicyRule GetIpAvailability =
        new("get_network_ip_availability", Check.Admin, "Get IP availability", "GET /network-ip-availabilities");
    public static readonly PolicyRule GetServiceProvider =
        new("get_service_provider", Check.Authenticated, "List service providers", "GET /service-providers");
}
