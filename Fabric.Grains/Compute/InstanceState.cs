using System.Text.Json.Serialization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>All that is known of one instance. What may follow what is in the transitions; time and new ids come in as arguments.</summary>
[GenerateSerializer, Immutable, Alias("compute.instance-state")]
public sealed partial record InstanceState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "instance";

    [Id(0)] public required InstanceId Id { get; init; }
    [Id(1)] public required ProjectId ProjectId { get; init; }
    [Id(2)] public required UserId UserId { get; init; }
    [Id(3)] public required string Name { get; init; }
    [Id(4)] public string? Description { get; init; }
    [Id(5)] public required string HostName { get; init; }
    [Id(6)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public required DateTimeOffset UpdatedAt { get; init; }
    [Id(8)] public DateTimeOffset? LaunchedAt { get; init; }

    /// <summary>Where it rests.</summary>
    [Id(9)] public VmState VmState { get; init; }

    /// <summary>What is being done to it.</summary>
    [Id(10)] public TaskState TaskState { get; init; }

    /// <summary>What its node saw last.</summary>
    [Id(11)] public PowerState PowerState { get; init; }

    /// <summary>One more for each change of intent; nodes drop what is older than what they have.</summary>
    [Id(12)] public long Generation { get; init; }

    /// <summary>The saga at work on it; null when none is. A deletion waits for it to end.</summary>
    [Id(13)] public string? SagaId { get; init; }

    /// <summary>The node it lives on; null before one was chosen and after a failed build.</summary>
    [Id(14)] public string? NodeName { get; init; }

    /// <summary>The zone of its node, or the one asked for.</summary>
    [Id(15)] public string? AvailabilityZone { get; init; }
    [Id(16)] public required InstanceFlavor Flavor { get; init; }
    [Id(17)] public InstanceImage? Image { get; init; }
    [Id(18)] public InstanceKey? Key { get; init; }
    [Id(19)] public IReadOnlyDictionary<string, string> Metadata { get; init; } = Empty.Strings;
    [Id(20)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(21)] public bool Locked { get; init; }
    [Id(22)] public string? LockedReason { get; init; }

    /// <summary>As the user gave it: base64.</summary>
    [Id(23)] public string? UserData { get; init; }
    [Id(24)] public bool ConfigDrive { get; init; }
    [Id(25)] public InstanceFault? Fault { get; init; }

    /// <summary>Cards wanted, in order.</summary>
    [Id(26)] public IReadOnlyList<NicPlan> Nics { get; init; } = [];

    /// <summary>Cards as they were when the guest was made: what its node and its config drive were told. What the ports are now,
    /// networking says.</summary>
    [Id(27)] public IReadOnlyList<InstancePort> Ports { get; init; } = [];
    [Id(29)] public string? ServerGroupId { get; init; }
    [Id(30)] public int LaunchIndex { get; init; }
    [Id(31)] public required string ReservationId { get; init; }
    [Id(32)] public string AccessIpv4 { get; init; } = "";
    [Id(33)] public string AccessIpv6 { get; init; } = "";
    [Id(34)] public bool AutoDiskConfig { get; init; }

    /// <summary>Newest last; the oldest are dropped.</summary>
    [Id(35)] public IReadOnlyList<InstanceAction> Actions { get; init; } = [];

    /// <summary>The node asked for by an administrator.</summary>
    [Id(36)] public string? ForcedNode { get; init; }

    /// <summary>Random bytes in base64, from which the guest's entropy is made: the same at every reading.</summary>
    [Id(37)] public string RandomSeed { get; init; } = "";

    /// <summary>The node asked for by an administrator, if the filters let it.</summary>
    [Id(38)] public string? RequestedNode { get; init; }

    /// <summary>Whether the lock is an administrator's, which the project cannot take away.</summary>
    [Id(39)] public bool LockedByAdmin { get; init; }

    /// <summary>Nodes on which the build did not go through.</summary>
    [Id(40)] public IReadOnlyList<string> TriedNodes { get; init; } = [];

    /// <summary>For the config drive, which is written once; gone when the build has ended.</summary>
    [Id(41)] public AdminPassword? AdminPassword { get; init; }

    /// <summary>The server's status.</summary>
    [JsonIgnore]
    public string Status => InstanceStatus.Status(VmState, TaskState);

    /// <summary>The libvirt domain's name. The whole id: unique on every node without a counter for the whole cloud.</summary>
    [JsonIgnore]
    public string DomainName => "instance-" + Id.Text;

    /// <inheritdoc/>
    public ResourceRow ToRow()
    {
        var refs = new List<ResourceRef>(6) { new("user", UserId.Text), new("flavor", Flavor.Id) };
        if (NodeName is not null)
            refs.Add(new("node", NodeName));
        if (Image is not null)
            refs.Add(new("image", Image.Id.Text));
        if (ServerGroupId is not null)
            refs.Add(new("server_group", ServerGroupId));
        if (TaskState != TaskState.None)
            refs.Add(new("busy", "true"));
        return new()
        {
            ProjectId = ProjectId.Text,
            Name = Name,
            Status = Status,
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
            Refs = refs,
        };
    }
}
