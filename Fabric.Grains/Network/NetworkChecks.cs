using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>The rules that Neutron's rules are built of (source: <c>neutron/conf/policies/base.py</c>).</summary>
public static class NetworkChecks
{
    public static readonly PolicyRule ContextIsAdmin = new("context_is_admin", "role:admin", "Who is an admin.");
    public static readonly PolicyRule Owner = new("owner", "tenant_id:%(tenant_id)s", "The thing's project.");
    public static readonly PolicyRule AdminOrOwner =
        new("admin_or_owner", "rule:context_is_admin or rule:owner", "Admins, and the thing's project.");
    public static readonly PolicyRule ContextIsService = new("context_is_advsvc", "role:advsvc", "Services beside Neutron.");
    public static readonly PolicyRule AdminOrNetworkOwner = new("admin_or_network_owner",
        "rule:context_is_admin or tenant_id:%(network:tenant_id)s", "Admins, and the network's project.");
    public static readonly PolicyRule AdminOwnerOrNetworkOwner = new("admin_owner_or_network_owner",
        "rule:owner or rule:admin_or_network_owner", "Admins, the thing's project, and the network's.");
    public static readonly PolicyRule NetworkOwner = new("network_owner", "tenant_id:%(network:tenant_id)s", "The network's project.");
    public static readonly PolicyRule AdminOnly = new("admin_only", "rule:context_is_admin", "Admins.");
    public static readonly PolicyRule RegularUser = new("regular_user", "", "Whoever has a token.");
    public static readonly PolicyRule Shared = new("shared", "field:networks:shared=True", "The network is shared.");
    public static readonly PolicyRule External = new("external", "field:networks:router:external=True", "The network is external.");
    public static readonly PolicyRule Default = new("default", "rule:admin_or_owner", "What there is no rule for.");
    public static readonly PolicyRule GroupOwner =
        new("sg_owner", "tenant_id:%(security_group:tenant_id)s", "The security group's project.");
    public static readonly PolicyRule AdminOrGroupOwner = new("admin_or_sg_owner",
        "rule:context_is_admin or tenant_id:%(security_group:tenant_id)s", "Admins, and the security group's project.");
    public static readonly PolicyRule AdminOwnerOrGroupOwner = new("admin_owner_or_sg_owner",
        "rule:owner or rule:admin_or_sg_owner", "Admins, the thing's project, and the security group's.");
    public static readonly PolicyRule NetworkDevice =
        new("network_device", "field:port:device_owner=~^network:", "The port is the network's own device.");
}
