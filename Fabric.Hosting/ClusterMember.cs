using System.Net;

namespace Fabric.Hosting;

/// <summary>A process as a member of a cluster: silos that meet in one PostgreSQL database.</summary>
public sealed record ClusterMember
{
    /// <summary>Holds the resources' grains.</summary>
    public const string Control = "control";

    /// <summary>Answers OpenStack's API; holds no grains of resources.</summary>
    public const string Gateway = "gateway";

    /// <summary>Is a hypervisor's, and holds the grains that are pinned to it.</summary>
    public const string Node = "node";

    /// <summary>Spreads requests over the gateways; answers none itself.</summary>
    public const string Front = "front";

    /// <summary>The tag under which a silo's metadata has the address of its API.</summary>
    public const string ApiTag = "api";

    /// <summary>The tag that a silo's metadata has when the images lie with it.</summary>
    public const string ImagesTag = "images";

    /// <summary>What people call it, e.g. <c>silo-1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it is there for, of the names above.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The database, in Npgsql's form.</summary>
    public required string DbConnection { get; init; }

    /// <summary>The secret that all members share, by which they believe each other. 16 bytes or more.</summary>
    public required byte[] Key { get; init; }

    /// <summary>The address at which the other members reach it.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port on which it hears the other members.</summary>
    public required int SiloPort { get; init; }

    /// <summary>What else the others may know of it: the address of its API, the nodes that live in it.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The member, telling the others where its API is. One that takes any free port does not know where it will be when it
    /// joins, and tells nothing.</summary>
    /// <param name="listen">Where the API listens, as it is typed.</param>
    /// <param name="port">Its port.</param>
    /// <param name="hasImages">Whether the images lie with it.</param>
    public ClusterMember WithApi(string listen, int port, bool hasImages)
    {
        if (port == 0)
            return this;
        var heard = ListenAddress.Parse(listen);
        var all = heard.Equals(IPAddress.Any) || heard.Equals(IPAddress.IPv6Any);
        var tags = new Dictionary<string, string>(Tags) { [ApiTag] = $"http://{new IPEndPoint(all ? Address : heard, port)}" };
        if (hasImages)
            tags[ImagesTag] = "";
        return this with { Tags = tags };
    }
}
