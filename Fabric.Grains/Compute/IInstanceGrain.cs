using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Compute;

/// <summary>All that a new server is made from; everything the request named is already looked up and checked.</summary>
[GenerateSerializer, Immutable, Alias("compute.build-request")]
public sealed record BuildRequest
{
    [Id(0)] public required string Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public required string HostName { get; init; }
    [Id(3)] public required InstanceFlavor Flavor { get; init; }
    [Id(4)] public required InstanceImage Image { get; init; }
    [Id(5)] public InstanceKey? Key { get; init; }
    [Id(6)] public IReadOnlyDictionary<string, string> Metadata { get; init; } = Empty.Strings;
    [Id(7)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(8)] public string? UserData { get; init; }
    [Id(9)] public bool ConfigDrive { get; init; }
    [Id(10)] public IReadOnlyList<NicPlan> Nics { get; init; } = [];
    [Id(12)] public string? AvailabilityZone { get; init; }
    [Id(13)] public string? ForcedNode { get; init; }
    [Id(14)] public string? ServerGroupId { get; init; }
    [Id(15)] public string AccessIpv4 { get; init; } = "";
    [Id(16)] public string AccessIpv6 { get; init; } = "";
    [Id(17)] public bool AutoDiskConfig { get; init; }
    [Id(18)] public required string ReservationId { get; init; }
    [Id(19)] public int LaunchIndex { get; init; }
    [Id(20)] public string? RequestedNode { get; init; }
    [Id(21)] public AdminPassword? AdminPassword { get; init; }
}

/// <summary>Changes of <c>PUT /servers/{id}</c>; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("compute.update-instance")]
public sealed record UpdateInstance
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? HostName { get; init; }
    [Id(2)] public string? AccessIpv4 { get; init; }
    [Id(3)] public string? AccessIpv6 { get; init; }
    [Id(4)] public bool? AutoDiskConfig { get; init; }

    /// <summary>Whether <see cref="Description"/> is to be set; it may be set to null.</summary>
    [Id(5)] public bool SetDescription { get; init; }
    [Id(6)] public string? Description { get; init; }
}

/// <summary>A change to a map or a set of a server.</summary>
public enum Change
{
    /// <summary>Adds and overwrites what is given.</summary>
    Merge,

    /// <summary>Only what is given remains.</summary>
    Replace,

    /// <summary>Takes away what is given.</summary>
    Remove,
}

/// <summary>
/// One server. The only writer of its record; each write is durable before the call returns. Throws a not-found <see cref="Fault"/>
/// for an instance that does not exist, a conflict for one that is in no state for what is asked. </summary>
[Alias("compute.instance")]
public interface IInstanceGrain : IGrainWithStringKey
{
    /// <summary>Makes the record and starts the build. The quota is claimed already.</summary>
    [Alias("Build")]
    Task<InstanceState> Build(BuildRequest request, Caller caller);

    /// <summary>The record as it is now; null when there is none.</summary>
    [Alias("Find")]
    Task<InstanceState?> Find();

    [Alias("Stop")]
    Task Stop(Caller caller);

    [Alias("Start")]
    Task Start(Caller caller);

    [Alias("Pause")]
    Task Pause(Caller caller);

    [Alias("Unpause")]
    Task Unpause(Caller caller);

    [Alias("Suspend")]
    Task Suspend(Caller caller);

    [Alias("Resume")]
    Task Resume(Caller caller);

    [Alias("Reboot")]
    Task Reboot(RebootKind kind, Caller caller);

    /// <summary>Asks for its end. When this returns the server will be gone, whatever dies meanwhile.</summary>
    [Alias("Delete")]
    Task Delete(Caller caller);

    [Alias("Update")]
    Task<InstanceState> Update(UpdateInstance update, Caller caller);

    /// <summary>Changes its metadata. <paramref name="most"/> is the quota of metadata items.</summary>
    [Alias("ChangeMetadata")]
    Task<InstanceState> ChangeMetadata(Change change, IReadOnlyDictionary<string, string> items, int most, Caller caller);

    /// <summary>Changes its tags, at most 50.</summary>
    [Alias("ChangeTags")]
    Task<InstanceState> ChangeTags(Change change, IReadOnlyList<string> tags, Caller caller);

    [Alias("Lock")]
    Task Lock(string? reason, Caller caller);

    [Alias("Unlock")]
    Task Unlock(Caller caller);

    /// <summary>Sets the state by an administrator's hand.</summary>
    [Alias("ResetState")]
    Task ResetState(VmState state, Caller caller);

    /// <summary>What its node sees. Old reports, and those during a change, change nothing.</summary>
    [Alias("Report")]
    Task Report(string nodeName, PowerState power, long generation);

    /// <summary>Starts again what a crash between a write and its saga's start left lying. Does nothing when all is well.</summary>
    [Alias("Recover")]
    Task Recover();

    /// <summary>The build saga: the guest is about to exist on that node. Durable before it does. The answer is what the node shall
    /// make.</summary>
    [Alias("BeginSpawn")]
    Task<DesiredInstance> BeginSpawn(string nodeName, string? zone, IReadOnlyList<InstancePort> ports);

    /// <summary>What its node shall have, for a guest in that power state, at the present generation.</summary>
    [Alias("Desire")]
    Task<DesiredInstance> Desire(DesiredPower power);

    /// <summary>A saga went through; <paramref name="sagaId"/> says which, and any other than the present one changes nothing.</summary>
    [Alias("Completed")]
    Task Completed(string sagaId, VmState state, PowerState power);

    /// <summary>A saga did not go through. <paramref name="cleared"/> when nothing of it is left on any node.</summary>
    [Alias("Failed")]
    Task Failed(string sagaId, InstanceFault fault, bool cleared);

    /// <summary>The build did not go through on that node, and nothing is left of it: it is tried on another one, or, after as many as are
    /// tried, it has failed.</summary>
    /// <param name="sagaId">The saga; any other than the present one changes nothing.</param>
    /// <param name="nodeName">Where.</param>
    /// <param name="zone">The zone that was asked for; null for any.</param>
    /// <param name="fault">Why.</param>
    [Alias("BuildFailedOn")]
    Task BuildFailedOn(string sagaId, string nodeName, string? zone, InstanceFault fault);

    /// <summary>The deletion is done everywhere else: the record goes too. Twice is no error.</summary>
    [Alias("Forget")]
    Task Forget();
}
