using System.Net;

namespace Orleans.Configuration;

/// <summary>The cluster's names. State is keyed by ServiceId, which stays; ClusterId may change with a deployment.</summary>
public class ClusterOptions
{
    public string ClusterId { get; set; } = "default";

    public string ServiceId { get; set; } = "default";
}

/// <summary>Where a silo listens.</summary>
public class EndpointOptions
{
    public IPAddress? AdvertisedIPAddress { get; set; }

    public int SiloPort { get; set; } = 11111;

    public int GatewayPort { get; set; } = 30000;

    /// <summary>Where the silo listens, when that is not what it advertises.</summary>
    public IPEndPoint? SiloListeningEndpoint { get; set; }

    /// <summary>For genuine Orleans; here clients come to the silo's own port.</summary>
    public IPEndPoint? GatewayListeningEndpoint { get; set; }

    internal IPEndPoint ListeningEndpoint => SiloListeningEndpoint ?? Endpoint;

    internal IPEndPoint Endpoint => new(AdvertisedIPAddress ?? IPAddress.Loopback, SiloPort);
}

/// <summary>A silo's own name.</summary>
public class SiloOptions
{
    public string? SiloName { get; set; }
}

/// <summary>Limits of calls.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits when its method says nothing else.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Larger messages are refused, by who would send and by who would take them.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
}

/// <summary>Limits of calls of a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    internal const int DefaultMailboxLimit = 10_000;

    /// <summary>How often a call that was surely not executed is sent on to another silo.</summary>
    public int MaxForwardCount { get; set; } = 2;

    /// <summary>How many requests an activation may hold; 0 for the engine's own limit of 10,000.</summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; }
}

/// <summary>Limits of calls of a client.</summary>
public class ClientMessagingOptions : MessagingOptions;

/// <summary>When idle activations go, and how long activating and deactivating may take.</summary>
public class GrainCollectionOptions
{
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>By full name of the grain class.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}
