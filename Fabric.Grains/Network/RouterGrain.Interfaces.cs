using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.Grains.Network;

/// <summary>A router's legs on projects' networks, and the routes that lead over them.</summary>
internal sealed partial class RouterGrain
{
    private const int MostRoutes = 30;

    public async Task<InterfaceInfo> AddInterface(InterfaceRequest request)
    {
        var router = Existing();
        var (port, subnets) = request.PortId is { } given
            ? await AddByPort(router, given)
            : await AddBySubnet(router, request.SubnetId!.Value);
        await notices.Node(router.NodeName);
        return new(Id, port.ProjectId, port.Id, port.NetworkId, subnets);
    }

    public async Task<InterfaceInfo> RemoveInterface(InterfaceRequest request)
    {
        var router = Existing();
        var legs = (await lookups.PortsOf(Id.Text)).Where(static port => port.DeviceOwner == DeviceOwners.RouterInterface).ToArray();
        PortState leg;
        if (request.PortId is { } port)
        {
            leg = Array.Find(legs, candidate => candidate.Id == port) ?? throw Fault.NotFound("RouterInterfaceNotFound",
                $"Router {Id} does not have an interface with id {port}");
            if (request.SubnetId is { } named && leg.FixedIps.All(ip => ip.SubnetId != named))
            {
                throw Fault.BadRequest("SubnetMismatchForPort",
                    $"Subnet on port {port} does not match the requested subnet {named}.");
            }
        }
        else
        {
            var subnet = request.SubnetId!.Value;
            if (await lookups.Subnet(subnet) is null)
                throw NetworkFaults.SubnetNotFound(subnet);
            leg = Array.Find(legs, candidate => candidate.FixedIps.Any(ip => ip.SubnetId == subnet)) ?? throw Fault.NotFound(
                "RouterInterfaceNotFoundForSubnet", $"Router {Id} has no interface on subnet {subnet}");
        }

        var removed = leg.FixedIps.Where(ip => request.PortId is not null || ip.SubnetId == request.SubnetId).ToArray();
        foreach (var ip in removed)
            await RequireUnused(router, ip.SubnetId);
        var grain = GrainFactory.GetGrain<IPortGrain>(leg.Id);
        if (removed.Length == leg.FixedIps.Count)
            await grain.Delete();
        else
            await grain.Readdress([.. removed.Select(static ip => ip.SubnetId)], []);
        await notices.Node(router.NodeName);
        return new(Id, leg.ProjectId, leg.Id, leg.NetworkId, [.. removed.Select(static ip => ip.SubnetId)]);
    }

    private async Task<(PortState Port, IReadOnlyList<SubnetId> Subnets)> AddBySubnet(RouterState router, SubnetId id)
    {
        var (network, subnet) = await lookups.Subnet(id) ?? throw NetworkFaults.SubnetNotFound(id);
        if (subnet.GatewayIp is null)
            throw NetworkFaults.BadRequest("router", "Subnet for router interface must have a gateway IP");
        RequireOwnAdvertiser(subnet);
        await RequireNoOverlap([subnet], exceptGateway: false);
        if (subnet.IpVersion == 6 && await Ipv6Leg(network.Id) is { } leg)
        {
            // On one link a router is one neighbour, whatever prefixes it advertises there.
            return (await GrainFactory.GetGrain<IPortGrain>(leg.Id).Update(new()
            {
                FixedIps =
                [
                    .. leg.FixedIps.Select(static ip => new FixedIpRequest(ip.SubnetId, ip.IpAddress)), new(id, subnet.GatewayIp),
                ],
            }), [id]);
        }

        var port = await GrainFactory.GetGrain<IPortGrain>(PortId.New()).Create(new()
        {
            ProjectId = router.ProjectId,
            NetworkId = network.Id,
            DeviceId = Id.Text,
            DeviceOwner = DeviceOwners.RouterInterface,
            FixedIps = [new(id, subnet.GatewayIp)],
            HostId = router.NodeName,
            PortSecurityEnabled = false,
        });
        return (port, [id]);
    }

    private async Task<(PortState Port, IReadOnlyList<SubnetId> Subnets)> AddByPort(RouterState router, PortId id)
    {
        var grain = GrainFactory.GetGrain<IPortGrain>(id);
        var port = await grain.Find() ?? throw NetworkFaults.PortNotFound(id);
        if (port.DeviceId.Length > 0)
            throw NetworkFaults.PortInUse(id, port.NetworkId, port.DeviceId);
        if (port.FixedIps.Count == 0)
            throw NetworkFaults.BadRequest("router", "Router port must have at least one fixed IP");
        var network = await lookups.Network(port.NetworkId);
        IReadOnlyList<SubnetId> subnets = [.. port.FixedIps.Select(static ip => ip.SubnetId).Distinct()];
        if (subnets.Count(subnet => network.Subnet(subnet)?.IpVersion == 4) > 1)
        {
            throw NetworkFaults.BadRequest("router",
                $"Cannot have multiple IPv4 subnets on router port {id}");
        }

        foreach (var subnet in subnets)
            if (network.Subnet(subnet) is { } found)
                RequireOwnAdvertiser(found);
        if (port.FixedIps.Any(IsIpv6) && await Ipv6Leg(port.NetworkId) is { } leg)
        {
            throw NetworkFaults.BadRequest("router",
                "Cannot have multiple router ports with the same network id if both contain IPv6 subnets. "
                + $"Existing port {leg.Id} has IPv6 subnet(s) and network id {leg.NetworkId}");
        }

        await RequireNoOverlap([.. subnets.Select(network.Subnet).OfType<SubnetState>()], exceptGateway: false);
        var taken = await grain.Update(new()
        {
            DeviceId = Id.Text,
            DeviceOwner = DeviceOwners.RouterInterface,
            HostId = router.NodeName ?? "",
            SecurityGroups = [],
            PortSecurityEnabled = false,
            AllowedAddressPairs = [],
            OnlyIfFree = true,
        });
        return (taken, subnets);
    }

    private static void RequireOwnAdvertiser(SubnetState subnet)
    {
        if (subnet is { IpVersion: 6, Ipv6RaMode: null, Ipv6AddressMode: not null })
        {
            throw NetworkFaults.BadRequest("router",
                $"IPv6 subnet {subnet.Id} configured to receive RAs from an external router cannot be added to Neutron Router.");
        }
    }

    private static bool IsIpv6(FixedIp ip) => Ip.Parse(ip.IpAddress).Version == 6;

    private async Task<PortState?> Ipv6Leg(NetworkId network) => (await lookups.PortsOf(Id.Text)).FirstOrDefault(port =>
        port.DeviceOwner == DeviceOwners.RouterInterface && port.NetworkId == network && port.FixedIps.Any(IsIpv6));

    /// <summary>A router cannot tell apart two networks whose addresses overlap.</summary>
    private async Task RequireNoOverlap(IReadOnlyList<SubnetState> added, bool exceptGateway)
    {
        var ports = (await lookups.PortsOf(Id.Text)).Where(port => !exceptGateway || port.DeviceOwner != DeviceOwners.RouterGateway)
            .ToArray();
        var networks = await lookups.Networks(ports.Select(static port => port.NetworkId));
        foreach (var port in ports)
        {
            if (port.FixedIps.FirstOrDefault(ip => added.Any(subnet => subnet.Id == ip.SubnetId)) is { } same)
                throw NetworkFaults.BadRequest("router", $"Router already has a port on subnet {same.SubnetId}");
            var network = networks.GetValueOrDefault(port.NetworkId);
            var there = port.DeviceOwner == DeviceOwners.RouterGateway
                ? network?.Subnets ?? []
                : [.. port.FixedIps.Select(ip => network?.Subnet(ip.SubnetId)).OfType<SubnetState>()];
            foreach (var subnet in added)
            {
                if (there.FirstOrDefault(other => Cidr.Parse(other.Cidr).Overlaps(Cidr.Parse(subnet.Cidr))) is { } other)
                {
                    throw NetworkFaults.BadRequest("router",
                        $"Cidr {subnet.Cidr} of subnet {subnet.Id} overlaps with cidr {other.Cidr} of subnet {other.Id}");
                }
            }
        }
    }

    private async Task RequireUnused(RouterState router, SubnetId id)
    {
        if (await lookups.Subnet(id) is not { } found)
            return;
        var cidr = Cidr.Parse(found.Subnet.Cidr);
        foreach (var floating in await lookups.FloatingIpsOf(Id))
        {
            if (floating.FixedIpAddress is { } address && cidr.Contains(Ip.Parse(address)))
            {
                throw Fault.Conflict("RouterInterfaceInUseByFloatingIP",
                    $"Router interface for subnet {id} on router {Id} cannot be deleted, as it is required by one or more floating IPs.");
            }
        }

        if (router.Routes.Any(route => cidr.Contains(Ip.Parse(route.NextHop))))
        {
            throw Fault.Conflict("RouterInterfaceInUseByRoute",
                $"Router interface for subnet {id} on router {Id} cannot be deleted, as it is required by one or more routes.");
        }
    }

    private async Task CheckRoutes(IReadOnlyList<DesiredRoute> routes, RouterState router)
    {
        if (routes.Count > MostRoutes)
        {
            throw Fault.BadRequest("RoutesExhausted",
                $"Unable to complete operation for {Id}. The number of routes exceeds the maximum {MostRoutes}.");
        }

        var ports = await lookups.PortsOf(Id.Text);
        var networks = await lookups.Networks(ports.Select(static port => port.NetworkId));
        var addresses = ports.SelectMany(static port => port.FixedIps).Select(static ip => ip.IpAddress).ToHashSet();
        var blocks = ports.SelectMany(port => port.FixedIps.Select(ip => networks.GetValueOrDefault(port.NetworkId)?.Subnet(ip.SubnetId)))
            .OfType<SubnetState>().Select(static subnet => Cidr.Parse(subnet.Cidr)).ToArray();
        foreach (var route in routes.Except(router.Routes))
        {
            if (!Array.Exists(blocks, block => block.Contains(Ip.Parse(route.NextHop))))
                throw InvalidRoutes(routes, "the nexthop is not connected with router");
            if (addresses.Contains(route.NextHop))
                throw InvalidRoutes(routes, "the nexthop is used by router");
        }
    }

    private static Fault InvalidRoutes(IReadOnlyList<DesiredRoute> routes, string reason)
    {
        var text = string.Join(", ", routes.Select(static route =>
            $"{{'destination': '{route.Destination}', 'nexthop': '{route.NextHop}'}}"));
        return Fault.BadRequest("InvalidRoutes", $"Invalid format for routes: [{text}], {reason}");
    }
}
