using Fabric.Gateway.Compute;
using Fabric.NodeAgent;

namespace Fabric.Silo;

/// <summary>The nodes that this process plays.</summary>
internal static class NodeRole
{
    /// <summary>Adds them.</summary>
    public static void AddNodeRole(this IServiceCollection services, RunOptions options)
    {
        var secret = MetadataSecret.Of(options.DataDir);
        services.Configure<MetadataOptions>(metadata => metadata.SharedSecret = secret);
        services.AddFabricNodeAgent(ToNode(options) with { MetadataUrl = MetadataUrl(options), MetadataSecret = secret });
    }

    /// <summary>Removes what nodes of that data directory have made on this machine; its state stays.</summary>
    public static async Task<int> CleanUp(RunOptions options, CancellationToken ct)
    {
        using var loggers = LoggerFactory.Create(static logging => logging.AddSimpleConsole());
        await HostCleanup.Run(ToNode(options), loggers, ct);
        return 0;
    }

    /// <summary>How the nodes of this process reach its own gateway: a wildcard is no address to connect to.</summary>
    private static Uri MetadataUrl(RunOptions options)
    {
        var host = options.Listen is "*" or "0.0.0.0" or "::" or "localhost" ? "127.0.0.1" : options.Listen;
        return new UriBuilder(Uri.UriSchemeHttp, host, options.Port, "metadata").Uri;
    }

    private static NodeAgentOptions ToNode(RunOptions options) => new()
    {
        DataDir = options.DataDir,
        Driver = options.Driver,
        Nodes = options.Nodes,
        LibvirtUri = options.LibvirtUri,
        NetNs = options.NetNs,
    };
}
