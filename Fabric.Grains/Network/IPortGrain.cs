using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>One port; the key is its id. The only writer of its record.</summary>
[Alias("network.port")]
public interface IPortGrain : IGrainWithStringKey
{
    /// <summary>Makes the port with its addresses, durably. The same call again finds it made and answers with it.</summary>
    /// <exception cref="Fault">NotFound (network), Conflict (address or MAC in use, no address left), BadRequest.</exception>
    [Alias("Create")]
    Task<PortState> Create(CreatePort request);

    /// <summary>Changes it, durably.</summary>
    [Alias("Update")]
    Task<PortState> Update(PortChange change);

    /// <summary>Ends it and frees its addresses; floating addresses that lead to it are set free first. Nothing when there is
    /// none.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>The node realises it: DOWN becomes ACTIVE. Nothing when the port is gone or bound elsewhere.</summary>
    [Alias("Plugged")]
    Task Plugged(string? nodeName);

    /// <summary>A server takes the port: bound to the node, owned by it. The same server again changes nothing but the node.</summary>
    /// <exception cref="Fault">Conflict <c>PortInUse</c> when another device has it.</exception>
    [Alias("Take")]
    Task<PortState> Take(TakePort request);

    /// <summary>A server lets go: deleted when made for it, otherwise set free. Nothing when the server does not have it.</summary>
    [Alias("LetGo")]
    Task LetGo(InstanceId instance);

    /// <summary>A subnet goes, and with it the addresses that the port has there. Nothing when it has none.</summary>
    [Alias("LoseSubnet")]
    Task LoseSubnet(SubnetId subnet);

    /// <summary>The record; null when there is none.</summary>
    [Alias("Find")]
    Task<PortState?> Find();
}

/// <summary>A new port, its attributes checked one by one.</summary>
[GenerateSerializer, Immutable, Alias("network.create-port")]
public sealed record CreatePort
{
    [Id(0)] public ProjectId? ProjectId { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }
    [Id(2)] public string Name { get; init; } = "";
    [Id(3)] public string Description { get; init; } = "";
    [Id(4)] public bool AdminStateUp { get; init; } = true;

    /// <summary>Null: one is made up.</summary>
    [Id(5)] public string? MacAddress { get; init; }

    /// <summary>Null: one of each IP version; empty: none.</summary>
    [Id(6)] public IReadOnlyList<FixedIpRequest>? FixedIps { get; init; }
    [Id(7)] public string DeviceId { get; init; } = "";
    [Id(8)] public string DeviceOwner { get; init; } = "";
    [Id(9)] public IReadOnlyList<SecurityGroupId> SecurityGroups { get; init; } = [];

    /// <summary>Null: as the network has it.</summary>
    [Id(10)] public bool? PortSecurityEnabled { get; init; }
    [Id(11)] public IReadOnlyList<DesiredAddressPair> AllowedAddressPairs { get; init; } = [];
    [Id(12)] public string? HostId { get; init; }
    [Id(13)] public string VnicType { get; init; } = "normal";
    [Id(14)] public string Profile { get; init; } = "{}";
    [Id(15)] public string DnsName { get; init; } = "";
    [Id(16)] public string DnsDomain { get; init; } = "";
    [Id(17)] public IReadOnlyList<DhcpOption> ExtraDhcpOpts { get; init; } = [];
    [Id(18)] public string Status { get; init; } = PortStatus.Down;
    [Id(19)] public bool MadeForInstance { get; init; }
    [Id(20)] public int NicIndex { get; init; }
    [Id(21)] public string? NicTag { get; init; }
    [Id(22)] public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The security groups were named by the user, so a port that cannot have any is an error.</summary>
    [Id(23)] public bool GroupsNamed { get; init; }
}

/// <summary>What a user changes; null leaves a thing as it is.</summary>
[GenerateSerializer, Immutable, Alias("network.port-change")]
public sealed record PortChange
{
    [Id(0)] public string? Name { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool? AdminStateUp { get; init; }
    [Id(3)] public string? MacAddress { get; init; }
    [Id(4)] public IReadOnlyList<FixedIpRequest>? FixedIps { get; init; }
    [Id(5)] public string? DeviceId { get; init; }
    [Id(6)] public string? DeviceOwner { get; init; }
    [Id(7)] public IReadOnlyList<SecurityGroupId>? SecurityGroups { get; init; }
    [Id(8)] public bool? PortSecurityEnabled { get; init; }
    [Id(9)] public IReadOnlyList<DesiredAddressPair>? AllowedAddressPairs { get; init; }

    /// <summary>Empty: unbound.</summary>
    [Id(10)] public string? HostId { get; init; }
    [Id(11)] public string? VnicType { get; init; }
    [Id(12)] public string? Profile { get; init; }
    [Id(13)] public string? DnsName { get; init; }
    [Id(14)] public string? DnsDomain { get; init; }
    [Id(15)] public IReadOnlyList<DhcpOption>? ExtraDhcpOpts { get; init; }
    [Id(16)] public IReadOnlyList<string>? Tags { get; init; }
    [Id(17)] public long? IfRevision { get; init; }

    /// <summary>The change holds only while the port has no device: how a router takes a port without taking another's.</summary>
    [Id(18)] public bool OnlyIfFree { get; init; }
}

/// <summary>A server takes a port that a user made.</summary>
[GenerateSerializer, Immutable, Alias("network.take-port")]
public sealed record TakePort
{
    [Id(0)] public required InstanceId InstanceId { get; init; }
    [Id(1)] public required string NodeName { get; init; }
    [Id(2)] public required string DeviceOwner { get; init; }
    [Id(3)] public required string HostName { get; init; }
    [Id(4)] public required int NicIndex { get; init; }
    [Id(5)] public string? NicTag { get; init; }
}
