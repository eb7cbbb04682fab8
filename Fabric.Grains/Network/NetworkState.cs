using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>The record of one network, its subnets included: what may follow what on a network is decided in one place.</summary>
[GenerateSerializer, Immutable, Alias("network.network-state")]
public sealed record NetworkState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "network";

    /// <summary>Secondary key of the networks that other projects see: shared or external ones.</summary>
    public const string VisibleRef = "visible";

    /// <summary>Secondary key by a subnet's id.</summary>
    public const string SubnetRef = "subnet";

    /// <summary>VXLAN takes 50 bytes of an Ethernet frame's 1500.</summary>
    public const int OverlayMtu = 1450;

    /// <summary>The largest packet on a physical network.</summary>
    public const int PhysicalMtu = 1500;

    [Id(0)] public NetworkId Id { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public string Name { get; init; } = "";
    [Id(3)] public string Description { get; init; } = "";
    [Id(4)] public bool AdminStateUp { get; init; } = true;
    [Id(5)] public bool Shared { get; init; }
    [Id(6)] public bool External { get; init; }
    [Id(7)] public bool IsDefault { get; init; }
    [Id(8)] public bool PortSecurityEnabled { get; init; } = true;
    [Id(9)] public int Mtu { get; init; } = OverlayMtu;

    /// <summary>Unique in the cloud, and there for a physical network too: nodes name their devices by it.</summary>
    [Id(10)] public int Vni { get; init; }

    /// <summary><c>vxlan</c>, <c>flat</c> or <c>vlan</c>.</summary>
    [Id(11)] public string NetworkType { get; init; } = "vxlan";
    [Id(12)] public string? PhysicalNetwork { get; init; }

    /// <summary>The VLAN of a physical network.</summary>
    [Id(13)] public int? Vlan { get; init; }
    [Id(14)] public IReadOnlyList<string> AvailabilityZoneHints { get; init; } = [];
    [Id(15)] public string DnsDomain { get; init; } = "";
    [Id(16)] public IReadOnlyList<SubnetState> Subnets { get; init; } = [];
    [Id(17)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(18)] public long Revision { get; init; }
    [Id(19)] public DateTimeOffset CreatedAt { get; init; }
    [Id(20)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>What <c>provider:segmentation_id</c> shows.</summary>
    public int? SegmentationId => NetworkType switch { "vxlan" => Vni, "vlan" => Vlan, _ => null };

    /// <summary>Networks whose subnets overlap cannot be told apart by a router, but each has its own pool.</summary>
    public SubnetState? Subnet(SubnetId id) => Subnets.FirstOrDefault(subnet => subnet.Id == id);

    /// <summary>Whether DHCP answers on the network.</summary>
    public bool HasDhcp => Subnets.Any(static subnet => subnet.EnableDhcp && subnet.IpVersion == 4);

    /// <summary>A change was made.</summary>
    public NetworkState Touched(DateTimeOffset now) => this with { Revision = Revision + 1, UpdatedAt = now };

    /// <summary>The same network with one subnet more, or another of that id.</summary>
    public NetworkState With(SubnetState subnet, DateTimeOffset now) => (this with
    {
        Subnets = Subnet(subnet.Id) is null
            ? [.. Subnets, subnet]
            : [.. Subnets.Select(old => old.Id == subnet.Id ? subnet : old)],
    }).Touched(now);

    /// <summary>The same network without a subnet.</summary>
    public NetworkState Without(SubnetId subnet, DateTimeOffset now) =>
        (this with { Subnets = [.. Subnets.Where(old => old.Id != subnet)] }).Touched(now);

    /// <summary>The network as a user changed it.</summary>
    public NetworkState Apply(NetworkChange change, DateTimeOffset now) => (this with
    {
        Name = change.Name ?? Name,
        Description = change.Description ?? Description,
        AdminStateUp = change.AdminStateUp ?? AdminStateUp,
        Shared = change.Shared ?? Shared,
        External = change.External ?? External,
        IsDefault = change.IsDefault ?? IsDefault,
        PortSecurityEnabled = change.PortSecurityEnabled ?? PortSecurityEnabled,
        Mtu = change.Mtu ?? Mtu,
        DnsDomain = change.DnsDomain ?? DnsDomain,
        Tags = change.Tags ?? Tags,
    }).Touched(now);

    /// <inheritdoc/>
    public ResourceRow ToRow()
    {
        List<ResourceRef> refs = [.. Subnets.Select(static subnet => new ResourceRef(SubnetRef, subnet.Id.Text))];
        if (Shared || External)
            refs.Add(new(VisibleRef, External ? "external" : "shared"));
        List<string> keys = [VniKey(Vni)];
        if (PhysicalNetwork is not null)
            keys.Add(PhysicalKey(PhysicalNetwork, Vlan));
        return new()
        {
            ProjectId = ProjectId.Text,
            Name = Name,
            Status = "ACTIVE",
            CreatedAt = CreatedAt,
            UpdatedAt = UpdatedAt,
            Refs = refs,
            UniqueKeys = keys,
        };
    }

    internal static string VniKey(int vni) => string.Create(CultureInfo.InvariantCulture, $"network/vni/{vni}");

    internal static string PhysicalKey(string physicalNetwork, int? vlan) =>
        string.Create(CultureInfo.InvariantCulture, $"network/physical/{physicalNetwork}/{vlan ?? 0}");
}

/// <summary>A new network, its attributes checked one by one.</summary>
[GenerateSerializer, Immutable, Alias("network.create-network")]
public sealed record CreateNetwork
{
    [Id(0)] public required ProjectId ProjectId { get; init; }
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public bool AdminStateUp { get; init; } = true;
    [Id(4)] public bool Shared { get; init; }
    [Id(5)] public bool External { get; init; }
    [Id(6)] public bool IsDefault { get; init; }
    [Id(7)] public bool PortSecurityEnabled { get; init; } = true;
    [Id(8)] public int? Mtu { get; init; }

    /// <summary>Null: an overlay, or for an external network the physical network <c>public</c>.</summary>
    [Id(9)] public string? NetworkType { get; init; }
    [Id(10)] public string? PhysicalNetwork { get; init; }
    [Id(11)] public int? SegmentationId { get; init; }
    [Id(12)] public IReadOnlyList<string> AvailabilityZoneHints { get; init; } = [];
    [Id(13)] public string DnsDomain { get; init; } = "";
}

/// <summary>What a user changes; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("network.network-change")]
public sealed record NetworkChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool? AdminStateUp { get; init; }
    [Id(3)] public bool? Shared { get; init; }
    [Id(4)] public bool? External { get; init; }
    [Id(5)] public bool? IsDefault { get; init; }
    [Id(6)] public bool? PortSecurityEnabled { get; init; }
    [Id(7)] public int? Mtu { get; init; }
    [Id(8)] public string? DnsDomain { get; init; }
    [Id(9)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(10)] public long? IfRevision { get; init; }
}
