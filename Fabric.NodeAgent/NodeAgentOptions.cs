using Fabric.NodeAgent.Network;

namespace Fabric.NodeAgent;

/// <summary>What a node agent is told when its process starts.</summary>
public sealed record NodeAgentOptions
{
    /// <summary>The value of <see cref="Driver"/> for real guests.</summary>
    public const string Libvirt = "libvirt";

    /// <summary>The value of <see cref="Driver"/> for guests that are played.</summary>
    public const string Simulated = "simulated";

    /// <summary>The directory of all state. Guests' disks lie in <c>nodes/NAME</c> below it, so it decides how much disk the node has to
    /// give.</summary>
    public required string DataDir { get; init; }

    /// <summary><c>libvirt</c>: real guests, needs root. <c>simulated</c>: guests are played in memory; needs nothing, and costs next to
    /// nothing.</summary>
    public string Driver { get; init; } = Libvirt;

    /// <summary>How many nodes this process plays. More than one only with the simulated driver: a real machine is one node.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The libvirtd to use. The default is the machine's own; <c>./fabric up</c> passes one that serves this data directory
    /// alone.</summary>
    public string LibvirtUri { get; init; } = "qemu:///system";

    /// <summary>The node's name, which is the key of its grains and what <c>hypervisor list</c> shows; must stay the same for as long as
    /// there are guests. Null: the machine's host name; <c>sim-0001</c>, <c>sim-0002</c>, … with the simulated driver, which for
    /// several nodes puts this name in <c>sim</c>'s place.</summary>
    public string? NodeName { get; init; }

    /// <summary>The address at which other nodes reach this one, the end point of its tunnels.</summary>
    public string HostIp { get; init; } = "127.0.0.1";

    /// <summary>The network namespace in which libvirtd runs, and therefore bridges and routers must be made. Null: the process's
    /// own.</summary>
    public string? NetNs { get; init; }

    /// <summary>How provider and external networks meet the world, by the name in <c>provider:physical_network</c>. Null: as the network
    /// driver has it by default, one network <c>public</c> on which the machine itself has the gateway's address.</summary>
    public IReadOnlyDictionary<string, PhysicalNetworkOptions>? PhysicalNetworks { get; init; }

    /// <summary>Where guests' metadata requests are sent; the gateway of the all-in-one. Null: the network driver's default.</summary>
    public Uri? MetadataUrl { get; init; }

    /// <summary>Where images are fetched from by a node that has no store beside it: a gateway's <c>/node/images</c>. Null: from the
    /// <see cref="Fabric.Grains.Nodes.IImageSource"/> of this process.</summary>
    public Uri? ImagesUrl { get; init; }

    /// <summary>The secret shared with the gateway by which it believes who a metadata request comes from. Empty: no metadata
    /// service.</summary>
    public string MetadataSecret { get; init; } = "";

    /// <summary>How long a guest that was asked to shut down may take before its plug is pulled. As in Nova, a minute.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a node says that it is there.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a node registers anew and compares everything it has with everything it should have.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How old a guest must be before the agent removes it because the cloud, asked for all guests of the node, did not name it.
    /// Longer than any build, so that a guest is never taken for an orphan while the record of where it lives is still being
    /// written.</summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The nodes that this process plays.</summary>
    public IReadOnlyList<string> NodeNames() => Driver == Simulated
        ? Nodes == 1 && NodeName is not null ? [NodeName]
            : [.. Enumerable.Range(1, Nodes).Select(number => $"{NodeName ?? "sim"}-{number:0000}")]
        : [NodeName ?? Environment.MachineName];

    /// <summary>What of this the network driver is told.</summary>
    internal NetworkOptions ForNetwork(string nodeName)
    {
        var network = new NetworkOptions
        {
            StateDirectory = Path.Combine(Path.GetFullPath(DataDir), "nodes", nodeName, "network"),
            NetNs = NetNs,
            TunnelAddress = HostIp,
            MetadataSecret = MetadataSecret,
        };
        if (MetadataUrl is not null)
            network.MetadataUrl = MetadataUrl;
        if (PhysicalNetworks is not null)
            network.PhysicalNetworks = PhysicalNetworks.ToDictionary(StringComparer.Ordinal);
        return network;
    }

    /// <summary>Throws when the options contradict each other.</summary>
    internal void Validate()
    {
        if (Driver is not (Libvirt or Simulated))
            throw new ArgumentException($"The driver is '{Libvirt}' or '{Simulated}', not '{Driver}'.");
        if (Nodes < 1 || (Nodes > 1 && Driver != Simulated))
            throw new ArgumentException($"{Nodes} nodes: a process plays one real node, or one and more simulated ones.");
    }
}
