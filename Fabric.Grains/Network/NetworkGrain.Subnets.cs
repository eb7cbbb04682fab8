using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>A network's subnets, and what ports have to do when they come and go.</summary>
internal sealed partial class NetworkGrain
{
    public async Task<SubnetState> CreateSubnet(SubnetId id, CreateSubnet request)
    {
        var network = Existing();
        if (network.Subnet(id) is { } made)
            return made;
        var subnet = SubnetRules.Create(id, request, network, time.GetUtcNow());
        await record.Save(network.With(subnet, time.GetUtcNow()));
        await EnsureDhcpPort();
        if (subnet.IsAutoAddress)
            await Readdress(await Ports(new(PortState.Kind)));
        await notices.Network(Id);
        return subnet;
    }

    public async Task<SubnetState> UpdateSubnet(SubnetId id, SubnetChange change)
    {
        var network = Existing();
        var before = network.Subnet(id) ?? throw NetworkFaults.SubnetNotFound(id);
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("subnet", id, expected);
        var subnet = SubnetRules.Change(before, change, time.GetUtcNow());
        if (before.GatewayIp is { } old && old != subnet.GatewayIp)
            await RequireGatewayFree(id, old);
        await record.Save(network.With(subnet, time.GetUtcNow()));
        await EnsureDhcpPort();
        await notices.Network(Id);
        return subnet;
    }

    public async Task DeleteSubnet(SubnetId id)
    {
        var subnet = Existing().Subnet(id) ?? throw NetworkFaults.SubnetNotFound(id);
        IReadOnlyList<PortState> guests = [];
        if (subnet.IsAutoAddress)
        {
            // Guests got their address unasked, and lose it so. Routers stand in nobody's way but their own.
            guests = await Ports(new ResourceQuery(PortState.Kind).WithRef(PortState.SubnetRef, id.Text));
            if (guests.Any(static port => port.DeviceOwner == DeviceOwners.RouterInterface))
                throw NetworkFaults.SubnetInUse(id);
        }
        else
        {
            if (IsUsed(id))
                await ReadPool();
            // From here to the write nothing is awaited: no port can get an address of the subnet in between.
            if (IsUsed(id))
                throw NetworkFaults.SubnetInUse(id);
        }

        await record.Save(Existing().Without(id, time.GetUtcNow()));
        await EnsureDhcpPort();
        await Readdress(guests);
        await notices.Network(Id);
    }

    private bool IsUsed(SubnetId id) => pool.IsUsed(id, port => port != NetworkIds.DhcpPort(Id));

    /// <summary>Ports have addresses in subnets that are there, and in those where guests make one themselves. A crash before all were told
    /// leaves the rest to the reconciler.</summary>
    private async Task Readdress(IReadOnlyList<PortState> ports)
    {
        var network = Existing();
        foreach (var port in ports.Where(port => NetworkReconciliation.NeedsReaddressing(port, network)))
        {
            try
            {
                await GrainFactory.GetGrain<IPortGrain>(port.Id).Readdress(
                    [.. port.FixedIps.Select(static ip => ip.SubnetId).Where(subnet => network.Subnet(subnet) is null)],
                    NetworkReconciliation.AutoSubnets(port, network));
            }
            catch (Fault fault)
            {
                // One port whose address another has must not keep the others from theirs.
                logger.NotReaddressed(fault, port.Id);
            }
        }
    }

    private async Task RequireGatewayFree(SubnetId subnet, string gateway)
    {
        var ports = await Ports(new ResourceQuery(PortState.Kind).WithRef(PortState.SubnetRef, subnet.Text)
            .WithRef(PortState.OwnerRef, DeviceOwners.RouterInterface));
        if (ports.FirstOrDefault(port => port.FixedIps.Any(ip => ip.IpAddress == gateway)) is { } holder)
        {
            throw Fault.Conflict("GatewayIpInUse",
                $"Current gateway ip {gateway} already in use by port {holder.Id}. Unable to update.");
        }
    }

    private async Task EnsureDhcpPort()
    {
        var network = record.State;
        var wanted = network.Subnets.Where(static subnet => subnet.EnableDhcp).Select(static subnet => subnet.Id).ToArray();
        var port = GrainFactory.GetGrain<IPortGrain>(NetworkIds.DhcpPort(Id));
        var found = await port.Find();
        try
        {
            if (wanted.Length == 0)
            {
                if (found is not null)
                    await port.Delete();
            }
            else if (found is null)
            {
                await port.Create(new()
                {
                    ProjectId = network.ProjectId,
                    NetworkId = Id,
                    DeviceId = NetworkIds.DhcpDevice(Id),
                    DeviceOwner = DeviceOwners.Dhcp,
                    FixedIps = [.. wanted.Select(static subnet => new FixedIpRequest(subnet, null))],
                    Status = PortStatus.Active,
                    PortSecurityEnabled = false,
                });
            }
            else if (!found.FixedIps.Select(static ip => ip.SubnetId).ToHashSet().SetEquals(wanted))
            {
                await port.Update(new() { FixedIps = [.. wanted.Select(static subnet => new FixedIpRequest(subnet, null))] });
            }
        }
        catch (Fault fault)
        {
            // The subnet is as its user asked; that it has no address left for DHCP shows in the missing port, and the reconciler tries
            // again.
            logger.NoDhcpPort(fault, Id);
        }
    }
}
