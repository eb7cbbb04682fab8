using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>The record of one floating address.</summary>
[GenerateSerializer, Immutable, Alias("network.floating-ip-state")]
public sealed record FloatingIpState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "floating-ip";

    /// <summary>Secondary keys.</summary>
    public const string PortRef = "port";
    public const string RouterRef = "router";
    public const string NetworkRef = "network";
    public const string AddressRef = "address";

    [Id(0)] public FloatingIpId Id { get; init; }
    [Id(1)] public ProjectId ProjectId { get; init; }
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public NetworkId FloatingNetworkId { get; init; }
    [Id(4)] public string FloatingIpAddress { get; init; } = "";

    /// <summary>Where it leads; null while it leads nowhere.</summary>
    [Id(5)] public FloatingIpTarget? Target { get; init; }
    [Id(6)] public string Status { get; init; } = PortStatus.Down;
    [Id(7)] public string DnsName { get; init; } = "";
    [Id(8)] public string DnsDomain { get; init; } = "";
    [Id(9)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(10)] public long Revision { get; init; }
    [Id(11)] public DateTimeOffset CreatedAt { get; init; }
    [Id(12)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The fixed address it leads to.</summary>
    public string? FixedIpAddress => Target?.FixedIpAddress;

    /// <summary>A change was made.</summary>
    public FloatingIpState Touched(DateTimeOffset now) => this with { Revision = Revision + 1, UpdatedAt = now };

    /// <summary>It leads there now; the node has yet to see to it.</summary>
    public FloatingIpState LeadTo(FloatingIpTarget? target, DateTimeOffset now) => Target == target
        ? this
        : Touched(now) with { Target = target, Status = PortStatus.Down };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId.Text,
        Status = Status,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs =
        [
            new(NetworkRef, FloatingNetworkId.Text),
            new(AddressRef, FloatingIpAddress),
            .. Target is null ? Enumerable.Empty<ResourceRef>() : [new(PortRef, Target.PortId.Text), new(RouterRef, Target.RouterId.Text)],
        ],
        // One fixed address is reached by at most one floating address of each external network.
        UniqueKeys = Target is null ? [] : [$"floating-ip/{FloatingNetworkId}/{Target.PortId}/{Target.FixedIpAddress}"],
    };
}

/// <summary>A fixed address that a floating one leads to, and the router that translates.</summary>
[GenerateSerializer, Immutable, Alias("network.floating-ip-target")]
public sealed record FloatingIpTarget(
    [property: Id(0)] PortId PortId,
    [property: Id(1)] string FixedIpAddress,
    [property: Id(2)] RouterId RouterId);

/// <summary>A new floating address.</summary>
[GenerateSerializer, Immutable, Alias("network.create-floating-ip")]
public sealed record CreateFloatingIp
{
    [Id(0)] public required ProjectId ProjectId { get; init; }
    [Id(1)] public required NetworkId FloatingNetworkId { get; init; }
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public string? FloatingIpAddress { get; init; }
    [Id(4)] public SubnetId? SubnetId { get; init; }
    [Id(5)] public PortId? PortId { get; init; }
    [Id(6)] public string? FixedIpAddress { get; init; }
    [Id(7)] public string DnsName { get; init; } = "";
    [Id(8)] public string DnsDomain { get; init; } = "";

    /// <summary>An admin may lead it to another project's port.</summary>
    [Id(9)] public bool AsAdmin { get; init; }
}

/// <summary>What a user changes.</summary>
[GenerateSerializer, Immutable, Alias("network.floating-ip-change")]
public sealed record FloatingIpChange
{
    [Id(0)] public string? Description { get; init; }

    /// <summary>The port or the fixed address was named, perhaps as null.</summary>
    [Id(1)] public bool Lead { get; init; }
    [Id(2)] public PortId? PortId { get; init; }
    [Id(3)] public string? FixedIpAddress { get; init; }
    [Id(4)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(5)] public long? IfRevision { get; init; }
    [Id(6)] public bool AsAdmin { get; init; }
}
