using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>
/// The record of one port. It is what makes an address taken: the addresses and the MAC are unique keys of its row, so two ports with one
/// address cannot
/// both be stored, whatever else goes wrong.
/// </summary>
[GenerateSerializer, Immutable, Alias("network.port-state")]
public sealed record PortState : IIndexedRecord
{
    /// <summary>The kind of its rows.</summary>
    public const string Kind = "port";

    /// <summary>Secondary keys.</summary>
    public const string NetworkRef = "network";
    public const string SubnetRef = "subnet";
    public const string DeviceRef = "device";
    public const string OwnerRef = "owner";
    public const string HostRef = "host";
    public const string GroupRef = "security-group";
    public const string AddressRef = "address";
    public const string MacRef = "mac";

    [Id(0)] public PortId Id { get; init; }

    /// <summary>Null for a port that belongs to no project: a router's gateway, a floating address.</summary>
    [Id(1)] public ProjectId? ProjectId { get; init; }
    [Id(2)] public NetworkId NetworkId { get; init; }
    [Id(3)] public string Name { get; init; } = "";
    [Id(4)] public string Description { get; init; } = "";
    [Id(5)] public bool AdminStateUp { get; init; } = true;
    [Id(6)] public string Status { get; init; } = PortStatus.Down;
    [Id(7)] public string MacAddress { get; init; } = "";
    [Id(8)] public IReadOnlyList<FixedIp> FixedIps { get; init; } = [];
    [Id(9)] public string DeviceId { get; init; } = "";
    [Id(10)] public string DeviceOwner { get; init; } = "";
    [Id(11)] public IReadOnlyList<SecurityGroupId> SecurityGroups { get; init; } = [];
    [Id(12)] public bool PortSecurityEnabled { get; init; } = true;
    [Id(13)] public IReadOnlyList<DesiredAddressPair> AllowedAddressPairs { get; init; } = [];

    /// <summary>The node it is bound to; null when unbound.</summary>
    [Id(14)] public string? HostId { get; init; }
    [Id(15)] public string VnicType { get; init; } = "normal";

    /// <summary>JSON of <c>binding:profile</c>.</summary>
    [Id(16)] public string Profile { get; init; } = "{}";
    [Id(17)] public string DnsName { get; init; } = "";
    [Id(18)] public string DnsDomain { get; init; } = "";
    [Id(19)] public IReadOnlyList<DhcpOption> ExtraDhcpOpts { get; init; } = [];
    [Id(20)] public IReadOnlyList<string> Tags { get; init; } = [];
    [Id(21)] public long Revision { get; init; }
    [Id(22)] public DateTimeOffset CreatedAt { get; init; }
    [Id(23)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Compute made it for a server and deletes it with the server.</summary>
    [Id(24)] public bool MadeForInstance { get; init; }

    /// <summary>Place among the server's cards.</summary>
    [Id(25)] public int NicIndex { get; init; }

    /// <summary>The card's tag.</summary>
    [Id(26)] public string? NicTag { get; init; }

    /// <summary>A server's card.</summary>
    public bool IsCompute => DeviceOwner.StartsWith(DeviceOwners.ComputePrefix, StringComparison.Ordinal);

    /// <summary>Networking's own: nothing is filtered there, and security groups do not apply.</summary>
    public bool IsTrusted => DeviceOwner.StartsWith(DeviceOwners.NetworkPrefix, StringComparison.Ordinal);

    /// <summary>A change was made.</summary>
    public PortState Touched(DateTimeOffset now) => this with { Revision = Revision + 1, UpdatedAt = now };

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId?.Text,
        Name = Name,
        Status = Status,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [.. Refs().Distinct()],
        UniqueKeys =
        [
            MacKey(NetworkId, MacAddress),
            .. FixedIps.Select(ip => AddressKey(NetworkId, ip.IpAddress)),
        ],
    };

    internal static string MacKey(NetworkId network, string mac) => $"port/mac/{network}/{mac}";

    internal static string AddressKey(NetworkId network, string address) => $"port/address/{network}/{address}";

    private IEnumerable<ResourceRef> Refs()
    {
        yield return new(NetworkRef, NetworkId.Text);
        yield return new(MacRef, MacAddress);
        if (DeviceId.Length > 0)
            yield return new(DeviceRef, DeviceId);
        if (DeviceOwner.Length > 0)
            yield return new(OwnerRef, DeviceOwner);
        if (HostId is not null)
            yield return new(HostRef, HostId);
        foreach (var group in SecurityGroups)
            yield return new(GroupRef, group.Text);
        foreach (var ip in FixedIps)
        {
            yield return new(SubnetRef, ip.SubnetId.Text);
            yield return new(AddressRef, ip.IpAddress);
        }
    }
}

/// <summary>The words of <c>status</c>.</summary>
public static class PortStatus
{
    public const string Active = "ACTIVE";
    public const string Down = "DOWN";

    /// <summary>A floating address's own port: nothing plugs in there.</summary>
    public const string NotApplicable = "N/A";
}

/// <summary>The words of <c>device_owner</c>.</summary>
public static class DeviceOwners
{
    public const string NetworkPrefix = "network:";
    public const string ComputePrefix = "compute:";
    public const string Dhcp = "network:dhcp";
    public const string RouterInterface = "network:router_interface";
    public const string RouterGateway = "network:router_gateway";
    public const string FloatingIp = "network:floatingip";

    /// <summary>Owners whose ports only the L3 API takes away.</summary>
    public static readonly IReadOnlyList<string> Routers = [RouterInterface, RouterGateway, FloatingIp];
}

/// <summary>An address of a port.</summary>
[GenerateSerializer, Immutable, Alias("network.fixed-ip")]
public sealed record FixedIp([property: Id(0)] SubnetId SubnetId, [property: Id(1)] string IpAddress);

/// <summary>An address asked for: a subnet, an address, or both.</summary>
[GenerateSerializer, Immutable, Alias("network.fixed-ip-request")]
public sealed record FixedIpRequest([property: Id(0)] SubnetId? SubnetId, [property: Id(1)] string? IpAddress);

/// <summary>One of <c>extra_dhcp_opts</c>. Without a value it is none that a port has, but the request to take it away.</summary>
[GenerateSerializer, Immutable, Alias("network.dhcp-option")]
public sealed record DhcpOption([property: Id(0)] string Name, [property: Id(1)] string? Value, [property: Id(2)] int IpVersion)
{
    /// <summary>Options that say something with an empty value: that there is no router, and there are no routes.</summary>
    public static readonly IReadOnlyList<string> MayBeBlank = ["router", "classless-static-route"];

    /// <summary>Whether it says anything.</summary>
    public bool HasValue => Value is not null && (Value.Length > 0 || MayBeBlank.Contains(Name));
}
