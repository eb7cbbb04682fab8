using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>Questions about networking that go over more than one record; all answered by the index.</summary>
internal sealed class NetworkLookups(IResourceIndex index)
{
    /// <summary>The subnet, with its network; null when there is none.</summary>
    public async Task<(NetworkState Network, SubnetState Subnet)?> Subnet(SubnetId id)
    {
        var query = new ResourceQuery(NetworkState.Kind).WithRef(NetworkState.SubnetRef, id.Text);
        var network = (await index.List<NetworkState>(query, CancellationToken.None)).FirstOrDefault();
        return network?.Subnet(id) is { } subnet ? (network, subnet) : null;
    }

    /// <summary>Networks by id.</summary>
    public async Task<Dictionary<NetworkId, NetworkState>> Networks(IEnumerable<NetworkId> ids, CancellationToken ct = default)
    {
        var found = new Dictionary<NetworkId, NetworkState>();
        foreach (var some in ids.Select(static id => id.Text).Distinct().Chunk(1000))
        {
            foreach (var network in await index.List<NetworkState>(new(NetworkState.Kind) { Ids = some }, ct))
                found[network.Id] = network;
        }

        return found;
    }

    /// <summary>One network.</summary>
    public async Task<NetworkState> Network(NetworkId id) =>
        await index.Find<NetworkState>(NetworkState.Kind, id.Text, CancellationToken.None) ?? throw NetworkFaults.NetworkNotFound(id);

    /// <summary>Ports of a device: a server, a router.</summary>
    public Task<IReadOnlyList<PortState>> PortsOf(string device, CancellationToken ct = default) =>
        index.List<PortState>(new ResourceQuery(PortState.Kind) { Descending = false }.WithRef(PortState.DeviceRef, device), ct);

    /// <summary>Floating addresses whose ports a router translates for.</summary>
    public Task<IReadOnlyList<FloatingIpState>> FloatingIpsOf(RouterId router) =>
        index.List<FloatingIpState>(new ResourceQuery(FloatingIpState.Kind)
            .WithRef(FloatingIpState.RouterRef, router.Text), CancellationToken.None);

    /// <summary>The fixed address and the router by which a floating address of that network reaches a port.</summary>
    /// <exception cref="Fault">BadRequest, or NotFound <c>ExternalGatewayForFloatingIPNotFound</c> when no router connects the
    /// two.</exception>
    public async Task<FloatingIpTarget> FloatingTarget(PortId portId, string? fixedAddress, NetworkId external, ProjectId project,
        bool asAdmin)
    {
        var port = await index.Find<PortState>(PortState.Kind, portId.Text, CancellationToken.None)
            ?? throw NetworkFaults.PortNotFound(portId);
        if (port.ProjectId != project && !asAdmin)
        {
            throw NetworkFaults.BadRequest("floatingip",
                $"Cannot process floating IP association with Port {portId}, since that port is owned by a different tenant");
        }

        if (port.IsTrusted && port.DeviceOwner != DeviceOwners.Dhcp)
            throw NetworkFaults.BadRequest("floatingip", $"Port {portId} is unable to be assigned a floating IP");
        var address = FixedAddress(port, fixedAddress);
        var router = await RouterBetween(address.SubnetId, external) ?? throw Fault.NotFound("ExternalGatewayForFloatingIPNotFound",
            $"External network {external} is not reachable from subnet {address.SubnetId}.  Therefore, cannot associate Port {portId} "
            + "with a Floating IP.");
        return new(portId, address.IpAddress, router);
    }

    private static FixedIp FixedAddress(PortState port, string? wanted)
    {
        if (wanted is not null)
        {
            if (Ip.Parse(wanted).Version != 4)
            {
                throw NetworkFaults.BadRequest("floatingip",
                    $"Cannot process floating IP association with {wanted}, since that is not an IPv4 address");
            }

            return port.FixedIps.FirstOrDefault(ip => ip.IpAddress == wanted)
                ?? throw NetworkFaults.BadRequest("floatingip", $"Port {port.Id} does not have fixed ip {wanted}");
        }

        var candidates = port.FixedIps.Where(static ip => Ip.Parse(ip.IpAddress).Version == 4).ToArray();
        return candidates.Length switch
        {
            0 => throw NetworkFaults.BadRequest("floatingip", $"Cannot add floating IP to port {port.Id} that has no fixed IPv4 addresses"),
            1 => candidates[0],
            _ => throw NetworkFaults.BadRequest("floatingip",
                $"Port {port.Id} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 "
                + "address when assigning a floating IP"),
        };
    }

    /// <summary>Of the routers with a leg in the subnet and their gateway on the external network, the subnet's own gateway goes
    /// first.</summary>
    private async Task<RouterId?> RouterBetween(SubnetId subnet, NetworkId external)
    {
        var legs = await index.List<PortState>(
            new ResourceQuery(PortState.Kind) { Descending = false }.WithRef(PortState.SubnetRef, subnet.Text)
                .WithRef(PortState.OwnerRef, DeviceOwners.RouterInterface),
            CancellationToken.None);
        var ids = legs.Select(static leg => leg.DeviceId).Distinct().ToArray();
        if (ids.Length == 0)
            return null;
        var query = new ResourceQuery(RouterState.Kind) { Ids = ids }.WithRef(RouterState.GatewayRef, external.Text);
        var routers = (await index.List<RouterState>(query, CancellationToken.None)).Select(static router => router.Id).ToHashSet();
        var gateway = (await Subnet(subnet))?.Subnet.GatewayIp;
        var fitting = legs.Where(leg => RouterId.TryParse(leg.DeviceId, out var id) && routers.Contains(id)).ToArray();
        var best = Array.Find(fitting, leg => leg.FixedIps.Any(ip => ip.IpAddress == gateway)) ?? fitting.FirstOrDefault();
        return best is null ? null : RouterId.Parse(best.DeviceId);
    }
}
