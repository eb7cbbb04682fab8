using Fabric.Hosting;
using Fabric.NodeAgent;

namespace Fabric.Silo;

/// <summary>What <c>run</c> is told: by an option, else by the environment variable <c>FABRIC_</c> and the option's name
/// (<c>FABRIC_PORT</c>,
/// <c>FABRIC_LIBVIRT_URI</c>), else the default.</summary>
public sealed record RunOptions
{
    private readonly string? sharedDir;

    /// <summary>Where the process's own state lives: the database, images, guests' disks, keys, the first password. One process at a time
    /// owns it.</summary>
    public required string DataDir { get; init; }

    /// <summary>Where lies what all processes of a cloud must have alike: keys, first passwords, images. Default:
    /// <see cref="DataDir"/>.</summary>
    public string SharedDir
    {
        get => sharedDir ?? DataDir;
        init => sharedDir = value;
    }

    /// <summary>Where operators' rules are; null: in <c>policy</c> in <see cref="SharedDir"/>.</summary>
    public string? PolicyDir { get; init; }

    /// <summary>What the process is there for. Default: everything.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [ClusterMember.Control, ClusterMember.Gateway, ClusterMember.Node];

    /// <summary>The cluster that it is a member of, with its database; null: the process is the whole cloud and keeps its records
    /// itself.</summary>
    public ClusterMember? Member { get; init; }

    /// <summary>The address to listen on. Loopback unless told otherwise: there is no TLS on this port.</summary>
    public string Listen { get; init; } = "127.0.0.1";

    /// <summary>The one port of all services; 0 takes a free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary><c>libvirt</c>: real guests on this machine, needs root. <c>simulated</c>: guests are played.</summary>
    public string Driver { get; init; } = "libvirt";

    /// <summary>How many nodes this process plays; more than one only with the simulated driver.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>Whether servers, cores and memory are unlimited until an operator limits them; for played nodes, whose servers take nothing
    /// from anybody.</summary>
    public bool UnlimitedServers { get; init; }

    /// <summary><c>sqlite</c>: a file in the data directory. <c>postgres</c>: <see cref="DbConnection"/>.</summary>
    public string Db { get; init; } = "sqlite";

    /// <summary>Where the PostgreSQL database is, in Npgsql's form. It holds a password: told by the environment, it is in no list of
    /// processes; it is in no log and no configuration.</summary>
    public string DbConnection { get; init; } = "";

    /// <summary>The libvirtd to use.</summary>
    public string LibvirtUri { get; init; } = "qemu:///system";

    /// <summary>The network namespace for bridges, routers and guests; null for the process's own.</summary>
    public string? NetNs { get; init; }

    /// <summary>Whether the process has a role.</summary>
    internal bool Has(string role) => Roles.Contains(role);

    /// <summary>Where services and <c>Identity:…</c> settings find these: the keys are the options' names.</summary>
    internal IEnumerable<KeyValuePair<string, string?>> ToConfiguration() =>
    [
        new("data", SharedDir),
        new("listen", Listen),
        new("port", $"{Port}"),
        new("driver", Driver),
        new("nodes", $"{Nodes}"),
        new("db", Db),
    ];

    /// <summary>The nodes of this process.</summary>
    internal NodeAgentOptions ToNode() => new()
    {
        DataDir = DataDir,
        Driver = Driver,
        Nodes = Nodes,
        LibvirtUri = LibvirtUri,
        NetNs = NetNs,
        MetadataUrl = new UriBuilder(Uri.UriSchemeHttp, ListenAddress.Reachable(Listen), Port, "metadata").Uri,
        MetadataSecret = NodeSecret.Of(SharedDir),
    };
}
