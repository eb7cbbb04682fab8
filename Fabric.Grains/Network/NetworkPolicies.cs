using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>Neutron's rules (source: <c>neutron/conf/policies</c>). The target of an attribute's rule is the thing as it was sent, with
/// its network's owner and whether the network is shared.</summary>
public static class NetworkPolicies
{
    private const string Member = "rule:admin_only or role:member and project_id:%(project_id)s";
    private const string Reader = "rule:admin_only or role:reader and project_id:%(project_id)s";

    // Zed's asks the network's owner for no role, so that a reader could change subnets; Neutron mended that in its next release.
    private const string MemberOrNetworkOwner =
        "rule:admin_only or role:member and project_id:%(project_id)s or role:member and rule:network_owner";

    private const string OwnMember = "role:member and project_id:%(project_id)s";
    private const string OwnReader = "role:reader and project_id:%(project_id)s";
    private const string AdminOrOwner = "rule:admin_or_owner";
    private const string RegularUser = "rule:regular_user";
    private const string AdminOrNetworkOwner = "rule:admin_or_network_owner";
    private const string AdminOnly = "rule:admin_only";
    private const string ServiceOrNetworkOwner = "rule:context_is_advsvc or rule:network_owner or rule:admin_only";
    private const string OldServiceOrNetworkOwner = "rule:context_is_advsvc or rule:admin_or_network_owner";

    public static readonly PolicyRule Discover =
        new("fabric:network_discovery", Check.Authenticated, "Resources and extensions", "GET /v2.0/extensions");
    public static readonly PolicyRule DiscoverVersions = new("fabric:network_versions", Check.Anyone, "Versions", "GET /");

    public static readonly PolicyRule CreateNetwork = Of("create_network", Member, RegularUser, "Create a network", "POST /networks");
    public static readonly PolicyRule CreateNetworkShared = Admin("create_network:shared", "Create a shared network");
    public static readonly PolicyRule CreateNetworkExternal =
        Admin("create_network:router:external", "Create an external network");
    public static readonly PolicyRule CreateNetworkDefault = Admin("create_network:is_default", "Specify is_default");
    public static readonly PolicyRule CreateNetworkType =
        Admin("create_network:provider:network_type", "Specify the network type");
    public static readonly PolicyRule CreateNetworkPhysical =
        Admin("create_network:provider:physical_network", "Specify the physical network");
    public static readonly PolicyRule CreateNetworkSegment =
        Admin("create_network:provider:segmentation_id", "Specify the segmentation id");
    public static readonly PolicyRule GetNetwork = Of("get_network",
            "rule:admin_only or role:reader and project_id:%(project_id)s or rule:shared or rule:external or rule:context_is_advsvc",
            "rule:admin_or_owner or rule:shared or rule:external or rule:context_is_advsvc",
            "Get a network", "GET /networks", "GET /networks/{id}");
    public static readonly PolicyRule GetNetworkProvider = Admin("get_network:provider:network_type", "Get provider attributes");
    public static readonly PolicyRule UpdateNetwork = Of("update_network", Member, AdminOrOwner, "Update a network", "PUT /networks/{id}");
    public static readonly PolicyRule UpdateNetworkShared = Admin("update_network:shared", "Update shared");
    public static readonly PolicyRule UpdateNetworkExternal = Admin("update_network:router:external", "Update router:external");
    public static readonly PolicyRule UpdateNetworkDefault = Admin("update_network:is_default", "Update is_default");
    public static readonly PolicyRule DeleteNetwork =
        Of("delete_network", Member, AdminOrOwner, "Delete a network", "DELETE /networks/{id}");

    public static readonly PolicyRule CreateSubnet =
        Of("create_subnet", MemberOrNetworkOwner, AdminOrNetworkOwner, "Create a subnet", "POST /subnets");
    public static readonly PolicyRule CreateSubnetServiceTypes = Admin("create_subnet:service_types", "Specify service_types");
    public static readonly PolicyRule GetSubnet = Of("get_subnet",
            "rule:admin_only or role:reader and project_id:%(project_id)s or rule:shared",
            "rule:admin_or_owner or rule:shared",
            "Get a subnet", "GET /subnets", "GET /subnets/{id}");
    public static readonly PolicyRule UpdateSubnet =
        Of("update_subnet", MemberOrNetworkOwner, AdminOrNetworkOwner, "Update a subnet", "PUT /subnets/{id}");
    public static readonly PolicyRule UpdateSubnetServiceTypes = Admin("update_subnet:service_types", "Update service_types");
    public static readonly PolicyRule DeleteSubnet =
        Of("delete_subnet", MemberOrNetworkOwner, AdminOrNetworkOwner, "Delete a subnet", "DELETE /subnets/{id}");

    public static readonly PolicyRule CreatePort = Of("create_port", Member, RegularUser, "Create a port", "POST /ports");
    public static readonly PolicyRule CreatePortOwner = Of("create_port:device_owner",
            "not rule:network_device or rule:admin_only or rule:context_is_advsvc or rule:network_owner",
            "not rule:network_device or rule:context_is_advsvc or rule:admin_or_network_owner",
            "Specify a network: device_owner");
    public static readonly PolicyRule CreatePortMac =
        Of("create_port:mac_address", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Specify mac_address");
    public static readonly PolicyRule CreatePortFixedIps = Of("create_port:fixed_ips",
            "rule:context_is_advsvc or rule:network_owner or rule:admin_only or rule:shared",
            "rule:context_is_advsvc or rule:admin_or_network_owner or rule:shared",
            "Specify fixed_ips");
    public static readonly PolicyRule CreatePortIpAddress =
        Of("create_port:fixed_ips:ip_address", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Specify an address in fixed_ips");
    public static readonly PolicyRule CreatePortSecurity =
        Of("create_port:port_security_enabled", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Specify port_security_enabled");
    public static readonly PolicyRule CreatePortHost = Admin("create_port:binding:host_id", "Specify binding:host_id");
    public static readonly PolicyRule CreatePortProfile = Admin("create_port:binding:profile", "Specify binding:profile");
    public static readonly PolicyRule CreatePortPairs =
        Of("create_port:allowed_address_pairs",
            "rule:admin_only or rule:network_owner", AdminOrNetworkOwner, "Specify allowed_address_pairs");
    public static readonly PolicyRule GetPort = Of("get_port",
            "rule:admin_only or rule:context_is_advsvc or role:reader and project_id:%(project_id)s",
            "rule:context_is_advsvc or rule:admin_owner_or_network_owner",
            "Get a port", "GET /ports", "GET /ports/{id}");
    public static readonly PolicyRule GetPortBinding = Admin("get_port:binding:host_id", "Get the binding's attributes");
    public static readonly PolicyRule UpdatePort = Of("update_port",
            "rule:admin_only or role:member and project_id:%(project_id)s or rule:context_is_advsvc",
            "rule:admin_or_owner or rule:context_is_advsvc",
            "Update a port", "PUT /ports/{id}");
    public static readonly PolicyRule UpdatePortOwner = Of("update_port:device_owner",
            "not rule:network_device or rule:context_is_advsvc or rule:network_owner or rule:admin_only",
            "not rule:network_device or rule:context_is_advsvc or rule:admin_or_network_owner",
            "Update to a network: device_owner");
    public static readonly PolicyRule UpdatePortMac = Of("update_port:mac_address",
            "rule:admin_only or rule:context_is_advsvc",
            "rule:admin_only or rule:context_is_advsvc",
            "Update mac_address");
    public static readonly PolicyRule UpdatePortFixedIps =
        Of("update_port:fixed_ips", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Update fixed_ips");
    public static readonly PolicyRule UpdatePortIpAddress =
        Of("update_port:fixed_ips:ip_address", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Update an address in fixed_ips");
    public static readonly PolicyRule UpdatePortSecurity =
        Of("update_port:port_security_enabled", ServiceOrNetworkOwner, OldServiceOrNetworkOwner, "Update port_security_enabled");
    public static readonly PolicyRule UpdatePortHost = Admin("update_port:binding:host_id", "Update binding:host_id");
    public static readonly PolicyRule UpdatePortProfile = Admin("update_port:binding:profile", "Update binding:profile");
    public static readonly PolicyRule UpdatePortPairs =
        Of("update_port:allowed_address_pairs",
            "rule:admin_only or rule:network_owner", AdminOrNetworkOwner, "Update allowed_address_pairs");
    public static readonly PolicyRule DeletePort = Of("delete_port",
            "rule:admin_only or rule:context_is_advsvc or role:member and project_id:%(project_id)s",
            "rule:context_is_advsvc or rule:admin_owner_or_network_owner",
            "Delete a port", "DELETE /ports/{id}");

    public static readonly PolicyRule CreateRouter = Of("create_router", Member, RegularUser, "Create a router", "POST /routers");
    public static readonly PolicyRule CreateRouterDistributed = Admin("create_router:distributed", "Specify distributed");
    public static readonly PolicyRule CreateRouterHa = Admin("create_router:ha", "Specify ha");
    public static readonly PolicyRule CreateRouterSnat =
        Admin("create_router:external_gateway_info:enable_snat", "Specify enable_snat");
    public static readonly PolicyRule CreateRouterIps =
        Admin("create_router:external_gateway_info:external_fixed_ips", "Specify external_fixed_ips");
    public static readonly PolicyRule GetRouter =
        Of("get_router", Reader, AdminOrOwner, "Get a router", "GET /routers", "GET /routers/{id}");
    public static readonly PolicyRule GetRouterHa = Admin("get_router:ha", "Get ha and distributed");
    public static readonly PolicyRule UpdateRouter = Of("update_router", Member, AdminOrOwner, "Update a router", "PUT /routers/{id}");
    public static readonly PolicyRule UpdateRouterDistributed = Admin("update_router:distributed", "Update distributed");
    public static readonly PolicyRule UpdateRouterHa = Admin("update_router:ha", "Update ha");
    public static readonly PolicyRule UpdateRouterSnat =
        Admin("update_router:external_gateway_info:enable_snat", "Update enable_snat");
    public static readonly PolicyRule UpdateRouterIps =
        Admin("update_router:external_gateway_info:external_fixed_ips", "Update external_fixed_ips");
    public static readonly PolicyRule DeleteRouter = Of("delete_router", Member, AdminOrOwner, "Delete a router", "DELETE /routers/{id}");
    public static readonly PolicyRule AddInterface =
        Of("add_router_interface", Member, AdminOrOwner, "Add an interface to a router", "PUT /routers/{id}/add_router_interface");
    public static readonly PolicyRule RemoveInterface =
        Of("remove_router_interface", Member, AdminOrOwner, "Remove an interface from a router",
            "PUT /routers/{id}/remove_router_interface");
    public static readonly PolicyRule AddRoutes =
        Of("add_extraroutes", Member, AdminOrOwner, "Add extra routes", "PUT /routers/{id}/add_extraroutes");
    public static readonly PolicyRule RemoveRoutes =
        Of("remove_extraroutes", Member, AdminOrOwner, "Remove extra routes", "PUT /routers/{id}/remove_extraroutes");

    public static readonly PolicyRule CreateFloatingIp =
        Of("create_floatingip", Member, RegularUser, "Create a floating IP", "POST /floatingips");
    public static readonly PolicyRule CreateFloatingIpAddress =
        Admin("create_floatingip:floating_ip_address", "Create a floating IP with a specific address");
    public static readonly PolicyRule GetFloatingIp =
        Of("get_floatingip", Reader, AdminOrOwner, "Get a floating IP", "GET /floatingips", "GET /floatingips/{id}");
    public static readonly PolicyRule UpdateFloatingIp =
        Of("update_floatingip", Member, AdminOrOwner, "Update a floating IP", "PUT /floatingips/{id}");
    public static readonly PolicyRule DeleteFloatingIp =
        Of("delete_floatingip", Member, AdminOrOwner, "Delete a floating IP", "DELETE /floatingips/{id}");

    public static readonly PolicyRule CreateGroup =
        Of("create_security_group", OwnMember, AdminOrOwner, "Create a security group", "POST /security-groups");
    public static readonly PolicyRule GetGroup =
        Of("get_security_group", OwnReader, RegularUser, "Get a security group", "GET /security-groups", "GET /security-groups/{id}");
    public static readonly PolicyRule UpdateGroup =
        Of("update_security_group", OwnMember, AdminOrOwner, "Update a security group", "PUT /security-groups/{id}");
    public static readonly PolicyRule DeleteGroup =
        Of("delete_security_group", OwnMember, AdminOrOwner, "Delete a security group", "DELETE /security-groups/{id}");
    public static readonly PolicyRule CreateRule =
        Of("create_security_group_rule", OwnMember, AdminOrOwner, "Create a security group rule", "POST /security-group-rules");
    public static readonly PolicyRule GetRule =
        Of("get_security_group_rule",
            "role:reader and project_id:%(project_id)s or rule:sg_owner",
            "rule:admin_owner_or_sg_owner",
            "Get a security group rule", "GET /security-group-rules", "GET /security-group-rules/{id}");
    public static readonly PolicyRule DeleteRule =
        Of("delete_security_group_rule", OwnMember, AdminOrOwner, "Delete a security group rule", "DELETE /security-group-rules/{id}");

    public static readonly PolicyRule GetQuota = Admin("get_quota", "Get a quota", "GET /quotas", "GET /quotas/{id}");
    public static readonly PolicyRule GetOwnQuota =
        new("fabric:get_own_quota", Check.Authenticated, "Get the caller's quota", "GET /quotas/{id}");
    public static readonly PolicyRule UpdateQuota = Admin("update_quota", "Update a quota", "PUT /quotas/{id}");
    public static readonly PolicyRule DeleteQuota = Admin("delete_quota", "Delete a quota", "DELETE /quotas/{id}");
    public static readonly PolicyRule GetAgent = Admin("get_agent", "Get an agent", "GET /agents", "GET /agents/{id}");
    public static readonly PolicyRule GetAgents =
        new("fabric:get_agents", Check.Authenticated, "List the agents that the caller may get", "GET /agents", "GET /agents/{id}");
    public static readonly PolicyRule GetDhcpAgents =
        Admin("get_dhcp-agents", "List DHCP agents hosting a network", "GET /networks/{id}/dhcp-agents");
    public static readonly PolicyRule GetDhcpNetworks =
        Admin("get_dhcp-networks", "List networks on a DHCP agent", "GET /agents/{id}/dhcp-networks");
    public static readonly PolicyRule GetL3Agents =
        Admin("get_l3-agents", "List L3 agents hosting a router", "GET /routers/{id}/l3-agents");
    public static readonly PolicyRule GetL3Routers =
        Admin("get_l3-routers", "List routers on an L3 agent", "GET /agents/{id}/l3-routers");
    public static readonly PolicyRule GetAvailabilityZone =
        Of("get_availability_zone", AdminOnly, RegularUser, "List availability zones", "GET /availability_zones")
        with { KeepsDeprecated = true };
    public static readonly PolicyRule GetIpAvailability =
        Admin("get_network_ip_availability", "Get IP availability", "GET /network-ip-availabilities");
    public static readonly PolicyRule GetServiceProvider =
        Of("get_service_provider", "role:reader", RegularUser, "List service providers", "GET /service-providers")
        with { KeepsDeprecated = true };

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new(name, AdminOnly, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Of(string name, string check, string deprecated, string description, params string[] operations) =>
        new(name, check, description, operations) { Scopes = PolicyScopes.Project, Deprecated = deprecated };
}
