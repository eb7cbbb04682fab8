using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>What networking wants of one node; the key is the node's name. Renders the node's whole part from the index and has the node
/// apply it; those who
/// come while it does share the next rendering.</summary>
[Alias("network.node-networking")]
public interface INodeNetworkingGrain : IGrainWithStringKey
{
    /// <summary>Something that touches the node is durable now: it is rendered anew soon. The caller does not wait.</summary>
    [OneWay]
    [Alias("Changed")]
    Task Changed();

    /// <summary>Returns when the node has applied a rendering that began after this call.</summary>
    [ResponseTimeout("00:02:00")]
    [Alias("Applied")]
    Task Applied();

    /// <summary>The node's part as it is now, for an agent that starts; from here on the node is looked after from time to time.</summary>
    [Alias("Render")]
    Task<DesiredNetworking> Render();
}

/// <summary>Repairs what a crash between two records left behind; one, under the key <see cref="Key"/>.</summary>
[Alias("network.reconciler")]
public interface INetworkReconcilerGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "network";

    /// <summary>From now on it runs from time to time, the first time now.</summary>
    [Alias("Start")]
    Task Start();

    /// <summary>Runs once; returns what it did.</summary>
    [ResponseTimeout("00:05:00")]
    [Alias("Run")]
    Task<ReconcilerReport> Run();
}

/// <summary>What one run of the reconciler found and mended.</summary>
[GenerateSerializer, Immutable, Alias("network.reconciler-report")]
public sealed record ReconcilerReport(
    [property: Id(0)] IReadOnlyList<string> Routers,
    [property: Id(1)] IReadOnlyList<string> FloatingIps,
    [property: Id(2)] IReadOnlyList<string> Ports,
    [property: Id(3)] IReadOnlyList<string> Networks);
