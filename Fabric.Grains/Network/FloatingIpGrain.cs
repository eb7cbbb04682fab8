using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>One floating address. Its port is made first and taken away last, under an id derived from the floating address's: what a
/// crash leaves behind
/// is a port whose owner is not there, which <see cref="Repair"/> finds.</summary>
[GrainType("network.floating-ip")]
internal sealed class FloatingIpGrain(
    [PersistentState(FloatingIpState.Kind)] IPersistentState<FloatingIpState> record,
    NetworkLookups lookups,
    NodeNotices notices,
    TimeProvider time) : Grain, IFloatingIpGrain
{
    private FloatingIpId Id => FloatingIpId.Parse(this.GetPrimaryKeyString());

    private IPortGrain Port => GrainFactory.GetGrain<IPortGrain>(NetworkIds.FloatingIpPort(Id));

    public async Task<FloatingIpState> Create(CreateFloatingIp request)
    {
        if (record.RecordExists)
            return record.State;
        var network = await lookups.Network(request.FloatingNetworkId);
        if (!network.External)
            throw NetworkFaults.BadRequest("floatingip", $"Network {network.Id} is not a valid external network");
        if (network.Subnets.All(static subnet => subnet.IpVersion != 4))
            throw NetworkFaults.BadRequest("floatingip", $"Network {network.Id} does not contain any IPv4 subnet");
        if (request is { FixedIpAddress: not null, PortId: null })
            throw NetworkFaults.BadRequest("floatingip", "fixed_ip_address cannot be specified without a port_id");
        var target = request.PortId is { } port
            ? await lookups.FloatingTarget(port, request.FixedIpAddress, network.Id, request.ProjectId, request.AsAdmin)
            : null;
        var address = await TakeAddress(request, network);
        var now = time.GetUtcNow();
        await Save(new FloatingIpState
        {
            Id = Id,
            ProjectId = request.ProjectId,
            Description = request.Description,
            FloatingNetworkId = network.Id,
            FloatingIpAddress = address,
            Target = target,
            DnsName = request.DnsName,
            DnsDomain = request.DnsDomain,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        });
        await Notify(null, target);
        return record.State;
    }

    public async Task<FloatingIpState> Update(FloatingIpChange change)
    {
        var before = Existing();
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("floatingip", Id, expected);
        var now = time.GetUtcNow();
        var after = before.Touched(now) with { Description = change.Description ?? before.Description, Tags = change.Tags ?? before.Tags };
        if (change.Lead)
        {
            if (change is { PortId: null, FixedIpAddress: not null })
                throw NetworkFaults.BadRequest("floatingip", "fixed_ip_address cannot be specified without a port_id");
            var target = change.PortId is { } port
                ? await lookups.FloatingTarget(port, change.FixedIpAddress, before.FloatingNetworkId, before.ProjectId, change.AsAdmin)
                : null;
            after = after.LeadTo(target, now) with { Revision = before.Revision + 1 };
        }

        await Save(after);
        if (before.Target != after.Target)
            await Notify(before.Target, after.Target);
        return after;
    }

    public async Task Delete()
    {
        var before = Existing();
        await record.ClearStateAsync();
        await Port.Delete();
        await Notify(before.Target, null);
        DeactivateOnIdle();
    }

    public async Task PortGone(PortId port)
    {
        if (!record.RecordExists || record.State.Target?.PortId != port)
            return;
        var before = record.State.Target;
        await record.Save(record.State.LeadTo(null, time.GetUtcNow()));
        await Notify(before, null);
    }

    public async Task Applied(FloatingIpTarget target)
    {
        if (record.RecordExists && record.State.Target == target && record.State.Status == PortStatus.Down)
            await record.Save(record.State.Touched(time.GetUtcNow()) with { Status = PortStatus.Active });
    }

    public async Task Repair()
    {
        if (!record.RecordExists)
            await Port.Delete();
    }

    private FloatingIpState Existing() => record.RecordExists ? record.State : throw NetworkFaults.FloatingIpNotFound(Id);

    private async Task<string> TakeAddress(CreateFloatingIp request, NetworkState network)
    {
        // A subnet is always named: without one the port could get an IPv6 address besides.
        IReadOnlyList<FixedIpRequest> wanted = request.FloatingIpAddress is not null || request.SubnetId is not null
            ? [new(request.SubnetId, request.FloatingIpAddress)]
            : [];
        if (wanted.Count > 0)
            return await MakePort(request, wanted);
        Fault? last = null;
        foreach (var subnet in network.Subnets.Where(static subnet => subnet.IpVersion == 4))
        {
            try
            {
                return await MakePort(request, [new(subnet.Id, null)]);
            }
            catch (Fault full) when (full.Type == "IpAddressGenerationFailure")
            {
                last = full;
            }
        }

        throw last!;
    }

    private async Task<string> MakePort(CreateFloatingIp request, IReadOnlyList<FixedIpRequest> wanted)
    {
        var port = await Port.Create(new()
        {
            NetworkId = request.FloatingNetworkId,
            DeviceId = Id.Text,
            DeviceOwner = DeviceOwners.FloatingIp,
            FixedIps = wanted,
            Status = PortStatus.NotApplicable,
            PortSecurityEnabled = false,
        });
        return port.FixedIps[0].IpAddress;
    }

    private async Task Save(FloatingIpState next)
    {
        try
        {
            await record.Save(next);
        }
        catch (DuplicateKeyException)
        {
            if (!record.RecordExists)
                await Port.Delete();
            throw Fault.Conflict("FloatingIPPortAlreadyAssociated",
                $"Cannot associate floating IP {next.FloatingIpAddress} ({Id}) with port {next.Target!.PortId} using fixed IP "
                + $"{next.FixedIpAddress}, as that fixed IP already has a floating IP on external network {next.FloatingNetworkId}.");
        }
    }

    private async Task Notify(FloatingIpTarget? before, FloatingIpTarget? after)
    {
        foreach (var router in new[] { before?.RouterId, after?.RouterId }.OfType<RouterId>().Distinct())
            await notices.Router(router.Text);
    }
}
