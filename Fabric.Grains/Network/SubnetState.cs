using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>One subnet, part of its network's record.</summary>
[GenerateSerializer, Immutable, Alias("network.subnet")]
public sealed record SubnetState
{
    [Id(0)] public required SubnetId Id { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }
    [Id(2)] public required ProjectId ProjectId { get; init; }
    [Id(3)] public string Name { get; init; } = "";
    [Id(4)] public string Description { get; init; } = "";
    [Id(5)] public required int IpVersion { get; init; }
    [Id(6)] public required string Cidr { get; init; }
    [Id(7)] public string? GatewayIp { get; init; }
    [Id(8)] public IReadOnlyList<AllocationPool> AllocationPools { get; init; } = [];
    [Id(9)] public IReadOnlyList<string> DnsNameservers { get; init; } = [];
    [Id(10)] public IReadOnlyList<DesiredRoute> HostRoutes { get; init; } = [];
    [Id(11)] public bool EnableDhcp { get; init; } = true;
    [Id(12)] public string? Ipv6RaMode { get; init; }
    [Id(13)] public string? Ipv6AddressMode { get; init; }
    [Id(14)] public IReadOnlyList<string> ServiceTypes { get; init; } = [];
    [Id(15)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(16)] public long Revision { get; init; }
    [Id(17)] public DateTimeOffset CreatedAt { get; init; }
    [Id(18)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Guests make their own address from the prefix and their MAC.</summary>
    public bool IsAutoAddress => Ipv6AddressMode is "slaac" or "dhcpv6-stateless" || Ipv6RaMode is "slaac" or "dhcpv6-stateless";
}

/// <summary>Addresses that ports get when they name none.</summary>
[GenerateSerializer, Immutable, Alias("network.allocation-pool")]
public sealed record AllocationPool([property: Id(0)] string Start, [property: Id(1)] string End);

/// <summary>A new subnet, its attributes checked one by one.</summary>
[GenerateSerializer, Immutable, Alias("network.create-subnet")]
public sealed record CreateSubnet
{
    [Id(0)] public required ProjectId ProjectId { get; init; }
    [Id(1)] public string Name { get; init; } = "";
    [Id(2)] public string Description { get; init; } = "";
    [Id(3)] public required int IpVersion { get; init; }
    [Id(4)] public required string Cidr { get; init; }

    /// <summary>Null with <see cref="NoGateway"/> false: the block's first address.</summary>
    [Id(5)] public string? GatewayIp { get; init; }
    [Id(6)] public bool NoGateway { get; init; }

    /// <summary>Null: all addresses but the gateway's.</summary>
    [Id(7)] public IReadOnlyList<AllocationPool>? AllocationPools { get; init; }
    [Id(8)] public IReadOnlyList<string> DnsNameservers { get; init; } = [];
    [Id(9)] public IReadOnlyList<DesiredRoute> HostRoutes { get; init; } = [];
    [Id(10)] public bool EnableDhcp { get; init; } = true;
    [Id(11)] public string? Ipv6RaMode { get; init; }
    [Id(12)] public string? Ipv6AddressMode { get; init; }
    [Id(13)] public IReadOnlyList<string> ServiceTypes { get; init; } = [];
}

/// <summary>What a user changes; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("network.subnet-change")]
public sealed record SubnetChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public string? GatewayIp { get; init; }

    /// <summary>The gateway is taken away.</summary>
    [Id(3)] public bool NoGateway { get; init; }
    [Id(4)] public IReadOnlyList<AllocationPool>? AllocationPools { get; init; }
    [Id(5)] public IReadOnlyList<string>? DnsNameservers { get; init; }
    [Id(6)] public IReadOnlyList<DesiredRoute>? HostRoutes { get; init; }
    [Id(7)] public bool? EnableDhcp { get; init; }
    [Id(8)] public IReadOnlyList<string>? ServiceTypes { get; init; }
    [Id(9)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(10)] public long? IfRevision { get; init; }
}
