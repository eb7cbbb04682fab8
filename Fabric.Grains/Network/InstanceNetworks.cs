using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>See <see cref="IInstanceNetworks"/>. Holds no state.</summary>
internal sealed class InstanceNetworks(
    IGrainFactory grains, IResourceIndex index, NetworkLookups lookups, NicPlanner planner, InstanceSecurityGroups groups)
    : IInstanceNetworks
{
    public Task<IReadOnlyList<NicPlan>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct) =>
        planner.Plan(caller, request, servers, ct);

    public async Task<IReadOnlyList<InstancePort>> Ensure(InstanceNics nics, CancellationToken ct)
    {
        var ports = await Task.WhenAll(nics.Nics.Select((nic, at) => Ensure(nics, nic, nics.FirstIndex + at)));
        var views = await Views(ports, ct);
        return views.GetValueOrDefault(nics.InstanceId) ?? [];
    }

    public async Task Applied(InstanceId instance, CancellationToken ct)
    {
        var hosts = (await lookups.PortsOf(instance.Text, ct)).Select(static port => port.HostId).OfType<string>().Distinct();
        await Task.WhenAll(hosts.Select(host => grains.GetGrain<INodeNetworkingGrain>(host).Applied().WaitAsync(ct)));
    }

    public async Task Release(InstanceId instance, CancellationToken ct)
    {
        // The first card's port is asked though the index does not know it: its making may have timed out and still be under way.
        var ports = (await lookups.PortsOf(instance.Text, ct)).Select(static port => port.Id).Append(NetworkIds.InstancePort(instance, 0))
            .Distinct();
        await Task.WhenAll(ports.Select(port => grains.GetGrain<IPortGrain>(port).LetGo(instance)));
    }

    public Task ReleasePort(InstanceId instance, PortId port, CancellationToken ct) => grains.GetGrain<IPortGrain>(port).LetGo(instance);

    public async Task<IReadOnlyList<InstancePort>> PortsOf(InstanceId instance, CancellationToken ct) =>
        (await PortsOf([instance], ct)).GetValueOrDefault(instance) ?? [];

    public async Task<IReadOnlyDictionary<InstanceId, IReadOnlyList<InstancePort>>> PortsOf(
        IReadOnlyCollection<InstanceId> instances,
        CancellationToken ct)
    {
        var ports = new List<PortState>();
        foreach (var some in instances.Select(static id => id.Text).Chunk(1000))
            ports.AddRange(await index.List<PortState>(new ResourceQuery(PortState.Kind).WithRef(PortState.DeviceRef, some), ct));
        return await Views(ports, ct);
    }

    public async Task<IReadOnlyDictionary<SecurityGroupId, string>> SecurityGroupNames(
        IReadOnlyCollection<SecurityGroupId> ids, CancellationToken ct)
    {
        var names = new Dictionary<SecurityGroupId, string>();
        foreach (var some in ids.Select(static id => id.Text).Chunk(1000))
        {
            foreach (var group in await index.List<SecurityGroupState>(new(SecurityGroupState.Kind) { Ids = some }, ct))
                names[group.Id] = group.Name;
        }

        return names;
    }

    public Task AddSecurityGroup(InstanceId instance, string group, ProjectId project, CancellationToken ct) =>
        groups.Add(instance, group, project, ct);

    public Task RemoveSecurityGroup(InstanceId instance, string group, ProjectId project, CancellationToken ct) =>
        groups.Remove(instance, group, project, ct);

    public async Task<IReadOnlyList<InstanceId>> WithAddress(Func<string, bool> matches, ProjectId? project, CancellationToken ct)
    {
        var ports = await index.List<PortState>(
            new(PortState.Kind) { ProjectId = project?.Text, Where = static port => ((PortState)port).IsCompute }, ct);
        var floating = await index.List<FloatingIpState>(
            new(FloatingIpState.Kind) { Where = address => ((FloatingIpState)address).Target is not null }, ct);
        var reached = floating.Where(address => matches(address.FloatingIpAddress)).Select(static address => address.Target!.PortId)
            .ToHashSet();
        return
        [
            .. ports.Where(port => reached.Contains(port.Id) || port.FixedIps.Any(ip => matches(ip.IpAddress)))
                .Select(static port => InstanceId.TryParse(port.DeviceId, out var id) ? id : (InstanceId?)null).OfType<InstanceId>()
                    .Distinct(),
        ];
    }

    private async Task<PortState> Ensure(InstanceNics nics, NicPlan nic, int at)
    {
        var owner = DeviceOwners.ComputePrefix + nics.AvailabilityZone;
        var take = new TakePort
        {
            InstanceId = nics.InstanceId,
            NodeName = nics.NodeName,
            DeviceOwner = owner,
            HostName = nics.HostName,
            NicIndex = at,
            NicTag = nic.Tag,
        };
        try
        {
            if (nic.PortId is { } given)
                return await grains.GetGrain<IPortGrain>(given).Take(take);
            var grain = grains.GetGrain<IPortGrain>(NetworkIds.InstancePort(nics.InstanceId, at));
            var port = await grain.Create(new()
            {
                ProjectId = nics.ProjectId,
                NetworkId = nic.NetworkId,
                FixedIps = nic.FixedIp is { } address ? [new(null, address)] : null,
                DeviceId = nics.InstanceId.Text,
                DeviceOwner = owner,
                SecurityGroups = nic.SecurityGroups,
                HostId = nics.NodeName,
                DnsName = nics.HostName,
                MadeForInstance = true,
                NicIndex = at,
                NicTag = nic.Tag,
            });
            // Made by an earlier try on another node: it moves.
            return port.HostId == nics.NodeName ? port : await grain.Take(take);
        }
        catch (Fault fault)
        {
            throw NicPlanner.ForServer(fault, nic);
        }
    }

    private async Task<IReadOnlyDictionary<InstanceId, IReadOnlyList<InstancePort>>> Views(
        IReadOnlyList<PortState> ports,
        CancellationToken ct)
    {
        var networks = await lookups.Networks(ports.Select(static port => port.NetworkId), ct);
        var floating = new List<FloatingIpState>();
        foreach (var some in ports.Select(static port => port.Id.Text).Chunk(1000))
            floating.AddRange(await index.List<FloatingIpState>(new ResourceQuery(FloatingIpState.Kind)
                .WithRef(FloatingIpState.PortRef, some), ct));
        var reached = floating.ToLookup(static address => (address.Target!.PortId, address.Target.FixedIpAddress));
        var views = new Dictionary<InstanceId, IReadOnlyList<InstancePort>>();
        // Whoever may make a port may write any server's id into it; only networking binds one to a node.
        foreach (var group in ports.Where(static port => port.IsCompute && port.HostId is not null).GroupBy(static port => port.DeviceId))
        {
            if (!InstanceId.TryParse(group.Key, out var instance))
                continue;
            views[instance] =
            [
                .. group.OrderBy(static port => port.NicIndex).ThenBy(static port => port.CreatedAt)
                    .Where(port => networks.ContainsKey(port.NetworkId))
                    .Select(port => View(port, networks[port.NetworkId], reached)),
            ];
        }

        return views;
    }

    private static InstancePort View(PortState port, NetworkState network, ILookup<(PortId, string), FloatingIpState> reached) => new()
    {
        PortId = port.Id,
        NetworkId = port.NetworkId,
        NetworkName = network.Name,
        MacAddress = port.MacAddress,
        Mtu = network.Mtu,
        Status = port.Status,
        SecurityGroups = port.SecurityGroups,
        Tag = port.NicTag,
        Addresses =
        [
            .. port.FixedIps.Select(ip => (Ip: ip, Subnet: network.Subnet(ip.SubnetId))).Where(static pair => pair.Subnet is not null)
                .Select(pair => new InstanceAddress
                {
                    IpAddress = pair.Ip.IpAddress,
                    SubnetId = pair.Ip.SubnetId,
                    Cidr = pair.Subnet!.Cidr,
                    GatewayIp = pair.Subnet.GatewayIp,
                    DhcpEnabled = pair.Subnet.EnableDhcp,
                    Ipv6AddressMode = pair.Subnet.Ipv6AddressMode,
                    DnsServers = pair.Subnet.DnsNameservers,
                    HostRoutes = pair.Subnet.HostRoutes,
                    FloatingIps = [.. reached[(port.Id, pair.Ip.IpAddress)].Select(static address => address.FloatingIpAddress)],
                }),
        ],
    };
}
