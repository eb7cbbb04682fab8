using Fabric.Grains.Kernel;

namespace Fabric.Grains.Network;

/// <summary>One network with its subnets and their addresses; the key is its id. Only it chooses addresses.</summary>
[Alias("network.network")]
public interface INetworkGrain : IGrainWithStringKey
{
    /// <summary>Makes the network, durably. The same call again answers with the network made.</summary>
    /// <exception cref="Fault">Conflict when a VNI, VLAN or physical network is taken.</exception>
    [Alias("Create")]
    Task<NetworkState> Create(CreateNetwork request);

    /// <summary>Changes it, durably.</summary>
    [Alias("Update")]
    Task<NetworkState> Update(NetworkChange change);

    /// <summary>Ends it with its subnets, its DHCP port, and floating addresses that lead nowhere.</summary>
    /// <exception cref="Fault">Conflict <c>NetworkInUse</c> while it has other ports.</exception>
    [Alias("Delete")]
    Task Delete();

    /// <summary>Adds a subnet, durably; then the DHCP port gets its address there.</summary>
    [Alias("CreateSubnet")]
    Task<SubnetState> CreateSubnet(SubnetId id, CreateSubnet request);

    /// <summary>Changes a subnet, durably.</summary>
    [Alias("UpdateSubnet")]
    Task<SubnetState> UpdateSubnet(SubnetId id, SubnetChange change);

    /// <summary>Takes a subnet away, and with it the addresses that its ports made up themselves (SLAAC).</summary>
    /// <exception cref="Fault">Conflict <c>SubnetInUse</c> while a port has an address there.</exception>
    [Alias("DeleteSubnet")]
    Task DeleteSubnet(SubnetId id);

    /// <summary>
    /// Addresses for a port. They are the port's from now on, and no other port gets them; asked again, the same port gets the same. What
    /// makes them
    /// durable is the port's own record. In memory and quick, so it interleaves: a network that makes its own DHCP port may ask itself.
    /// </summary>
    [AlwaysInterleave]
    [Alias("Allocate")]
    Task<Allocation> Allocate(AddressRequest request);

    /// <summary>The port has these addresses and no others.</summary>
    [AlwaysInterleave]
    [Alias("Settle")]
    Task Settle(PortId port, IReadOnlyList<FixedIp> addresses);

    /// <summary>Reads the pool from the ports' records: for a port that found its address taken.</summary>
    [AlwaysInterleave]
    [Alias("Refresh")]
    Task Refresh();

    /// <summary>Brings the DHCP port in line with the subnets, and the pool with the ports' records. For the reconciler.</summary>
    [Alias("Repair")]
    Task Repair();
}

/// <summary>A port asks for addresses.</summary>
[GenerateSerializer, Immutable, Alias("network.address-request")]
public sealed record AddressRequest
{
    [Id(0)] public required PortId PortId { get; init; }
    [Id(1)] public required string MacAddress { get; init; }
    [Id(2)] public required string DeviceOwner { get; init; }

    /// <summary>Null: one of each IP version.</summary>
    [Id(3)] public IReadOnlyList<FixedIpRequest>? Addresses { get; init; }
}

/// <summary>What a port got.</summary>
[GenerateSerializer, Immutable, Alias("network.allocation")]
public sealed record Allocation([property: Id(0)] NetworkState Network, [property: Id(1)] IReadOnlyList<FixedIp> Addresses);
