namespace Fabric.NodeAgent.Network;

/// <summary>Settings of a node's network driver.</summary>
public sealed class NetworkOptions
{
    /// <summary>Where files of the driver live (dnsmasq's configuration, which namespaces are ours). Also what tells our devices from
    /// another cloud's on the same machine. Required for the Linux driver.</summary>
    public string StateDirectory { get; set; } = "";

    /// <summary>The named network namespace in which bridges and taps live; null (default) for the agent's own. For several simulated hosts
    /// on one machine, and for tests.</summary>
    public string? NetNs { get; set; }

    /// <summary>This host's address of IPv4 in the network between the hosts, the end point of its tunnels. Null (default), or one of the
    /// loopback: no tunnels, each network ends at this host.</summary>
    public string? TunnelAddress { get; set; }

    /// <summary>How provider and external networks meet the world, by the name in <c>provider:physical_network</c>. Default: <c>public</c>
    /// is a bridge without device on which the host itself has the gateway's address.</summary>
    public IDictionary<string, PhysicalNetworkOptions> PhysicalNetworks { get; set; } =
        new Dictionary<string, PhysicalNetworkOptions>(StringComparer.Ordinal) { ["public"] = new() { HostAddress = true } };

    /// <summary>Where guests' metadata requests are sent, with the headers that <see cref="MetadataHeaders"/> describes. The path and
    /// query of the guest's request are appended.</summary>
    public Uri MetadataUrl { get; set; } = new("http://127.0.0.1:8080/metadata");

    /// <summary>The secret shared with the metadata endpoint. Empty (default): the metadata service is off.</summary>
    public string MetadataSecret { get; set; } = "";
}

/// <summary>How one physical network meets the world.</summary>
public sealed class PhysicalNetworkOptions
{
    /// <summary>A device of the host that is made a member of the bridge; null (default) for none.</summary>
    public string? Device { get; set; }

    /// <summary>True: the host takes each subnet's gateway address on the network, and what leaves for the world through the host's own
    /// routes is masqueraded. Only IPv4 is: for IPv6 the host needs routes to the projects' subnets, and is not made to forward. Default
    /// false.</summary>
    public bool HostAddress { get; set; }
}
