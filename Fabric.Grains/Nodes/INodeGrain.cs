using Fabric.Grains.Kernel;

namespace Fabric.Grains.Nodes;

/// <summary>The agent of one node as a grain, pinned to the silo that runs on that node; the key is the node's name. It holds no state:
/// every call goes to the local <see cref="INodeAgent"/>, whose promises hold. Calls interleave: the agent serialises per guest.</summary>
[Alias("nodes.node")]
public interface INodeGrain : IGrainWithStringKey
{
    [Alias("EnsureInstance")]
    [ResponseTimeout("00:10:00")]
    Task EnsureInstance(DesiredInstance instance);

    [Alias("RebootInstance")]
    [ResponseTimeout("00:10:00")]
    Task RebootInstance(DesiredInstance instance, RebootKind kind);

    [Alias("EnsureInstanceAbsent")]
    [ResponseTimeout("00:05:00")]
    Task EnsureInstanceAbsent(InstanceId id);

    [Alias("ConsoleOutput")]
    Task<string> ConsoleOutput(InstanceId id, int? lines);

    [Alias("ApplyNetworking")]
    [ResponseTimeout("00:02:00")]
    Task ApplyNetworking(DesiredNetworking networking);
}

/// <summary>The durable record of one node: what it has, whether it may be used, when it was last heard of. The key is the node's name.
/// Lives on a control silo; it is the truth about the node when the node itself is gone.</summary>
[Alias("nodes.hypervisor")]
public interface IHypervisorGrain : IGrainWithStringKey
{
    /// <summary>An agent says it is there. Creates or updates the record, its resource provider and inventories; durable before it returns.
    /// The answer is what the node should run.</summary>
    [Alias("Register")]
    Task<DesiredNode> Register(NodeInventory inventory);

    /// <summary>A heartbeat with what changed since the last one. Guests' states are passed on to their instances. Returns false when the
    /// node is unknown and must register again.</summary>
    [Alias("Report")]
    Task<bool> Report(ObservedNode observed);

    /// <summary>What an operator says of the node's service; null leaves a thing as it is. Throws a not-found fault for an unknown
    /// node.</summary>
    [Alias("SetService")]
    Task SetService(bool? disabled, string? reason, bool? forcedDown);
}

/// <summary>All that one node should run, as told to an agent that starts.</summary>
[GenerateSerializer, Immutable, Alias("nodes.desired-node")]
public sealed record DesiredNode
{
    [Id(0)] public IReadOnlyList<DesiredInstance> Instances { get; init; } = [];
    [Id(1)] public DesiredNetworking? Networking { get; init; }

    /// <summary>True when <see cref="Instances"/> names every guest that the node should have, stopped ones too: an agent may then remove
    /// old guests of ours that are not in it. Set by the source that knows all guests; while it is false, nothing is ever
    /// removed.</summary>
    [Id(2)] public bool InstancesComplete { get; init; }
}

/// <summary>Answers what a node should run, from the index. Compute knows the guests, networking the rest; so that neither
/// <see cref="IHypervisorGrain"/> nor an agent needs to know them, each registers one of these.</summary>
public interface IDesiredStateSource
{
    /// <summary>Adds this service's part for the node.</summary>
    Task<DesiredNode> Complete(string nodeName, DesiredNode desired, CancellationToken ct);
}

/// <summary>Hears what a node observed; the other way round from <see cref="IDesiredStateSource"/>. Called at least once per report, in
/// any order with other nodes' reports; must be quick, and must not throw for what it does not know.</summary>
public interface IObservedStateSink
{
    /// <summary>The node saw this.</summary>
    Task Observed(string nodeName, ObservedNode observed, CancellationToken ct);
}

/// <summary>Where an agent reads an image's bytes from: the local store on the all-in-one, the gateway's image service elsewhere.</summary>
public interface IImageSource
{
    /// <summary>Opens the image's bytes from the start. Throws a not-found <see cref="Fault"/> when there is no such data.</summary>
    Task<Stream> Open(ImageId id, CancellationToken ct);
}
