using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>Neutron's errors, by the names and in the words that clients look for (source: <c>neutron_lib/exceptions</c>).</summary>
public static class NetworkFaults
{
    public static Fault NetworkNotFound(object id) => Fault.NotFound("NetworkNotFound", $"Network {id} could not be found.");

    public static Fault SubnetNotFound(object id) => Fault.NotFound("SubnetNotFound", $"Subnet {id} could not be found.");

    public static Fault PortNotFound(object id) => Fault.NotFound("PortNotFound", $"Port {id} could not be found.");

    public static Fault RouterNotFound(object id) => Fault.NotFound("RouterNotFound", $"Router {id} could not be found");

    public static Fault FloatingIpNotFound(object id) => Fault.NotFound("FloatingIPNotFound", $"Floating IP {id} could not be found");

    public static Fault SecurityGroupNotFound(object id) => Fault.NotFound("SecurityGroupNotFound", $"Security group {id} does not exist");

    public static Fault RuleNotFound(object id) => Fault.NotFound("SecurityGroupRuleNotFound", $"Security group rule {id} does not exist");

    public static Fault AgentNotFound(object id) => Fault.NotFound("AgentNotFound", $"Agent {id} could not be found.");

    /// <summary>A value is well-formed but makes no sense.</summary>
    public static Fault InvalidInput(string reason) => Fault.BadRequest("InvalidInput", $"Invalid input for operation: {reason}.");

    /// <summary>A request about a resource that cannot be done.</summary>
    public static Fault BadRequest(string resource, string reason) => Fault.BadRequest("BadRequest", $"Bad {resource} request: {reason}.");

    public static Fault NetworkInUse(NetworkId id, IEnumerable<PortId> ports) => Fault.Conflict("NetworkInUse",
        $"Unable to complete operation on network {id}. There are one or more ports still in use on the network, id for these ports is: "
        + $"{string.Join(',', ports)}.");

    public static Fault SubnetInUse(SubnetId id) => Fault.Conflict("SubnetInUse",
        $"Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet.");

    public static Fault IpAddressInUse(NetworkId network, string address) => Fault.Conflict("IpAddressInUse",
        $"Unable to complete operation for network {network}. The IP address {address} is in use.");

    public static Fault MacAddressInUse(NetworkId network, string mac) => Fault.Conflict("MacAddressInUse",
        $"Unable to complete operation for network {network}. The mac address {mac} is in use.");

    public static Fault NoMoreAddresses(NetworkId network) => Fault.Conflict("IpAddressGenerationFailure",
        $"No more IP addresses available on network {network}.");

    public static Fault NoMoreAddressesOnSubnets(IEnumerable<SubnetId> subnets) => Fault.Conflict("IpAddressGenerationFailure",
        $"No more IP addresses available for subnet {string.Join(", ", subnets)}.");

    public static Fault InvalidIpForNetwork(string address) => Fault.BadRequest("InvalidIpForNetwork",
        $"IP address {address} is not a valid IP for any of the subnets on the specified network.");

    public static Fault InvalidIpForSubnet(string address) => Fault.BadRequest("InvalidIpForSubnet",
        $"IP address {address} is not a valid IP for the specified subnet.");

    public static Fault ServicePortInUse(PortId id, string owner) => Fault.Conflict("ServicePortInUse",
        $"Port {id} cannot be deleted directly via the port API: has device owner {owner}.");

    public static Fault PortInUse(PortId id, NetworkId network, string device) => Fault.Conflict("PortInUse",
        $"Unable to complete operation on port {id} for network {network}. Port already has an attached device {device}.");

    public static Fault RouterInUse(RouterId id, string reason) => Fault.Conflict("RouterInUse", $"Router {id} {reason}");

    public static Fault SecurityGroupInUse(SecurityGroupId id) => Fault.Conflict("SecurityGroupInUse", $"Security Group {id} in use.");

    public static Fault OverQuota(IEnumerable<string> resources) => Fault.OverQuota("OverQuota",
        $"Quota exceeded for resources: [{string.Join(", ", resources.Select(static name => $"'{name}'"))}].");

    public static Fault StaleRevision(string resource, object id, long expected) =>
        new(FaultKind.PreconditionFailed, "RevisionNumberConstraintFailed",
        $"Constrained to {expected}, but current revision is different for {resource} {id}.");
}
