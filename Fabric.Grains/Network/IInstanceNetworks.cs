using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>
/// Networking as compute sees it. Faults are worded as a server's user reads them. Every verb may be repeated with the same arguments:
/// ports made for
/// a server have ids derived from the server's id and the card's index, so a saga's step that runs twice finds the first run's ports.
/// </summary>
public interface IInstanceNetworks
{
    /// <summary>What a server create asks for, as the cards it will get. Run when the request comes in, before anything is durable: what
    /// is wrong is a
    /// fault here. Nothing is reserved.</summary>
    /// <exception cref="Fault">BadRequest (<c>NetworkNotFound</c>, <c>PortNotFound</c>, <c>NetworkRequiresSubnet</c>,
    /// <c>SecurityGroupNotFound</c>, …),
    /// Forbidden (<c>ExternalNetworkAttachForbidden</c>, <c>PortLimitExceeded</c>), Conflict (<c>NetworkAmbiguous</c>, <c>PortInUse</c>,
    /// …).</exception>
    Task<IReadOnlyList<NicPlan>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct);

    /// <summary>Ports for all cards, made or taken over, bound to the node: their records say so durably. The node need not have applied
    /// them yet.</summary>
    /// <exception cref="Fault">As in <see cref="Plan"/>; also Conflict <c>NoMoreFixedIps</c>, <c>FixedIpAlreadyInUse</c>.</exception>
    Task<IReadOnlyList<InstancePort>> Ensure(InstanceNics nics, CancellationToken ct);

    /// <summary>Returns when the node realises the server's ports: its guest may start. Throws when the node cannot be reached in
    /// time.</summary>
    Task Applied(InstanceId instance, CancellationToken ct);

    /// <summary>No port of the server any more: those made for it are deleted, those that a user made are set free. Also the undo of
    /// <see cref="Ensure"/>; works when nothing was made.</summary>
    Task Release(InstanceId instance, CancellationToken ct);

    /// <summary>One card out (<c>DELETE /servers/{id}/os-interface/{port}</c>): the port is deleted or set free. Nothing when it is not
    /// the server's.</summary>
    Task ReleasePort(InstanceId instance, PortId port, CancellationToken ct);

    /// <summary>The server's cards, in the guest's order.</summary>
    Task<IReadOnlyList<InstancePort>> PortsOf(InstanceId instance, CancellationToken ct);

    /// <summary>The cards of many servers, by three reads of the index whatever their number. A server without cards has no
    /// entry.</summary>
    Task<IReadOnlyDictionary<InstanceId, IReadOnlyList<InstancePort>>> PortsOf(
        IReadOnlyCollection<InstanceId> instances,
        CancellationToken ct);

    /// <summary>Names of security groups, by one read of the index; a group that is gone has no entry.</summary>
    Task<IReadOnlyDictionary<SecurityGroupId, string>> SecurityGroupNames(IReadOnlyCollection<SecurityGroupId> ids, CancellationToken ct);

    /// <summary>Puts a security group, named or by id, on every card of a server. Nothing on those that have it.</summary>
    /// <param name="project">Whose groups are meant.</param>
    /// <exception cref="Fault">NotFound (no such group, no card), Conflict <c>NoUniqueMatch</c>, BadRequest
    /// <c>SecurityGroupCannotBeApplied</c>.</exception>
    Task AddSecurityGroup(InstanceId instance, string group, ProjectId project, CancellationToken ct);

    /// <summary>Takes a security group off the cards that have it.</summary>
    /// <exception cref="Fault">As in <see cref="AddSecurityGroup"/>; NotFound too when no card has it.</exception>
    Task RemoveSecurityGroup(InstanceId instance, string group, ProjectId project, CancellationToken ct);

    /// <summary>The servers that have a fixed or floating address that matches, for lists filtered by <c>ip</c>.</summary>
    Task<IReadOnlyList<InstanceId>> WithAddress(Func<string, bool> matches, ProjectId? project, CancellationToken ct);
}

/// <summary>What to do about networks when a server names none.</summary>
public enum NetworkChoice
{
    /// <summary>The body has a list; an empty one means the project's one network.</summary>
    Listed,

    /// <summary><c>auto</c>: as an empty list, but no network is an error.</summary>
    Auto,

    /// <summary><c>none</c>: no card at all.</summary>
    None,
}

/// <summary>The networks of a server create.</summary>
[GenerateSerializer, Immutable, Alias("network.request")]
public sealed record NetworkRequest
{
    [Id(0)] public NetworkChoice Choice { get; init; }
    [Id(1)] public IReadOnlyList<RequestedNic> Nics { get; init; } = [];

    /// <summary>Names or ids, as the body has them; empty for the project's default group.</summary>
    [Id(2)] public IReadOnlyList<string> SecurityGroups { get; init; } = [];
}

/// <summary>One entry of <c>networks</c>: a port, or a network with perhaps an address.</summary>
[GenerateSerializer, Immutable, Alias("network.requested-nic")]
public sealed record RequestedNic
{
    [Id(0)] public string? Network { get; init; }
    [Id(1)] public string? Port { get; init; }
    [Id(2)] public string? FixedIp { get; init; }
    [Id(3)] public string? Tag { get; init; }
}

/// <summary>One card as it will be; looked up and checked.</summary>
[GenerateSerializer, Immutable, Alias("network.nic-plan")]
public sealed record NicPlan
{
    [Id(0)] public required NetworkId NetworkId { get; init; }

    /// <summary>A port that a user made; null: one is made.</summary>
    [Id(1)] public PortId? PortId { get; init; }
    [Id(2)] public string? FixedIp { get; init; }
    [Id(3)] public IReadOnlyList<SecurityGroupId> SecurityGroups { get; init; } = [];
    [Id(4)] public string? Tag { get; init; }
}

/// <summary>The cards of one server on one node.</summary>
[GenerateSerializer, Immutable, Alias("network.instance-nics")]
public sealed record InstanceNics
{
    [Id(0)] public required InstanceId InstanceId { get; init; }
    [Id(1)] public required ProjectId ProjectId { get; init; }

    /// <summary>The guest's host name, for DHCP and DNS.</summary>
    [Id(2)] public required string HostName { get; init; }
    [Id(3)] public required string NodeName { get; init; }
    [Id(4)] public required string AvailabilityZone { get; init; }
    [Id(5)] public required IReadOnlyList<NicPlan> Nics { get; init; }

    /// <summary>Index of the first card: the number of cards ever given to the server, when one more is attached.</summary>
    [Id(6)] public int FirstIndex { get; init; }
}

/// <summary>One card of a server with all that its user, its guest and its metadata are told of it.</summary>
[GenerateSerializer, Immutable, Alias("network.instance-port")]
public sealed record InstancePort
{
    [Id(0)] public required PortId PortId { get; init; }
    [Id(1)] public required NetworkId NetworkId { get; init; }

    /// <summary>The key in a server's <c>addresses</c>.</summary>
    [Id(2)] public required string NetworkName { get; init; }
    [Id(3)] public required string MacAddress { get; init; }
    [Id(4)] public required int Mtu { get; init; }

    /// <summary><c>ACTIVE</c>, <c>DOWN</c>, …</summary>
    [Id(5)] public required string Status { get; init; }
    [Id(6)] public IReadOnlyList<InstanceAddress> Addresses { get; init; } = [];
    [Id(7)] public IReadOnlyList<SecurityGroupId> SecurityGroups { get; init; } = [];
    [Id(8)] public string? Tag { get; init; }

    /// <summary>What the node gives the guest.</summary>
    public DesiredNic ToNic() => new() { PortId = PortId, NetworkId = NetworkId, MacAddress = MacAddress, Mtu = Mtu };
}

/// <summary>One fixed address with the floating ones that lead to it, and the subnet's facts for <c>network_data.json</c>.</summary>
[GenerateSerializer, Immutable, Alias("network.instance-address")]
public sealed record InstanceAddress
{
    [Id(0)] public required string IpAddress { get; init; }
    [Id(1)] public required SubnetId SubnetId { get; init; }
    [Id(2)] public required string Cidr { get; init; }
    [Id(3)] public string? GatewayIp { get; init; }
    [Id(4)] public bool DhcpEnabled { get; init; }
    [Id(5)] public IReadOnlyList<string> DnsServers { get; init; } = [];
    [Id(6)] public IReadOnlyList<DesiredRoute> HostRoutes { get; init; } = [];

    /// <summary>Floating addresses.</summary>
    [Id(7)] public IReadOnlyList<string> FloatingIps { get; init; } = [];

    /// <summary>How the guest comes to it, of an IPv6 subnet (<c>ipv6_address_mode</c>).</summary>
    [Id(8)] public string? Ipv6AddressMode { get; init; }

    /// <summary>4 or 6.</summary>
    public int IpVersion => IpAddress.Contains(':', StringComparison.Ordinal) ? 6 : 4;
}
