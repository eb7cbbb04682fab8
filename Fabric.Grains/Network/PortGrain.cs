using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>One port. Order matters: an address is asked for first, the record makes it durable, and only then the network forgets what
/// the port had
/// before. A crash anywhere leaves either no port and an address that becomes free by itself, or a whole port.</summary>
[GrainType("network.port")]
internal sealed class PortGrain(
    [PersistentState(PortState.Kind)] IPersistentState<PortState> record,
    IResourceIndex index,
    NodeNotices notices,
    TimeProvider time) : Grain, IPortGrain
{
    private const int MostTries = 5;

    private PortId Id => PortId.Parse(this.GetPrimaryKeyString());

    public async Task<PortState> Create(CreatePort request)
    {
        if (record.RecordExists)
            return record.State;
        var network = GrainFactory.GetGrain<INetworkGrain>(request.NetworkId);
        await SaveNew(request, network);
        try
        {
            await network.Settle(Id, record.State.FixedIps);
        }
        catch (Fault)
        {
            // The network was deleted while its port was being made.
            await record.ClearStateAsync();
            throw;
        }

        await notices.Port(null, record.State);
        return record.State;
    }

    public Task<PortState> Update(PortChange change) => Change(change, isAsked: true);

    private async Task<PortState> Change(PortChange change, bool isAsked)
    {
        var before = Existing();
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("port", Id, expected);
        if (change.OnlyIfFree && before.DeviceId.Length > 0 && before.DeviceId != change.DeviceId)
            throw NetworkFaults.PortInUse(Id, before.NetworkId, before.DeviceId);
        var after = PortRules.Apply(before, change, time.GetUtcNow());
        var network = GrainFactory.GetGrain<INetworkGrain>(before.NetworkId);
        if (change.FixedIps is { } wanted)
        {
            var got = await network.Allocate(new()
            {
                PortId = Id,
                MacAddress = after.MacAddress,
                DeviceOwner = after.DeviceOwner,
                Addresses = wanted,
            });
            after = after with { FixedIps = got.Addresses };
        }

        // What is no user's wish must not fail by what a user may not wish: a subnet takes the last address of a port that has groups.
        if (isAsked)
            PortRules.Check(after, groupsNamed: change.SecurityGroups is { Count: > 0 });
        await Save(before, after, network);
        if (change.FixedIps is not null)
            await LoseFloatingIps(address => !after.FixedIps.Any(ip => ip.IpAddress == address));
        await notices.Port(before, after);
        return after;
    }

    public async Task Delete()
    {
        if (!record.RecordExists)
            return;
        await LoseFloatingIps(static _ => true);
        var before = record.State;
        await record.ClearStateAsync();
        await GrainFactory.GetGrain<INetworkGrain>(before.NetworkId).Settle(Id, []);
        await notices.Port(before, null);
        DeactivateOnIdle();
    }

    public async Task Readdress(IReadOnlyList<SubnetId> lost, IReadOnlyList<SubnetId> gained)
    {
        if (!record.RecordExists)
            return;
        var has = record.State.FixedIps;
        var missing = gained.Where(subnet => has.All(ip => ip.SubnetId != subnet)).ToArray();
        if (missing.Length == 0 && has.All(ip => !lost.Contains(ip.SubnetId)))
            return;
        await Change(new()
        {
            FixedIps =
            [
                .. has.Where(ip => !lost.Contains(ip.SubnetId)).Select(static ip => new FixedIpRequest(ip.SubnetId, ip.IpAddress)),
                .. missing.Select(static subnet => new FixedIpRequest(subnet, null)),
            ],
        }, isAsked: false);
    }

    public async Task Plugged(string? nodeName)
    {
        if (record.RecordExists && record.State.Status == PortStatus.Down && record.State.HostId == nodeName)
            await record.Save(record.State.Touched(time.GetUtcNow()) with { Status = PortStatus.Active });
    }

    public async Task<PortState> Take(TakePort request)
    {
        var before = Existing();
        var device = request.InstanceId.Text;
        if (before.DeviceId.Length > 0 && before.DeviceId != device)
            throw NetworkFaults.PortInUse(Id, before.NetworkId, before.DeviceId);
        if (before.DeviceId == device && before.HostId == request.NodeName)
            return before;
        var after = before.Touched(time.GetUtcNow()) with
        {
            DeviceId = device,
            DeviceOwner = request.DeviceOwner,
            HostId = request.NodeName,
            DnsName = before.DnsName.Length > 0 ? before.DnsName : request.HostName,
            NicIndex = request.NicIndex,
            NicTag = request.NicTag,
            Status = PortStatus.Down,
        };
        await record.Save(after);
        await notices.Port(before, after);
        return after;
    }

    public async Task LetGo(InstanceId instance)
    {
        if (!record.RecordExists || record.State.DeviceId != instance.Text)
            return;
        if (record.State.MadeForInstance)
        {
            await Delete();
            return;
        }

        var before = record.State;
        var after = before.Touched(time.GetUtcNow()) with { DeviceId = "", DeviceOwner = "", HostId = null, Status = PortStatus.Down,
            NicTag = null };
        await record.Save(after);
        await notices.Port(before, after);
    }

    public Task<PortState?> Find() => Task.FromResult(record.RecordExists ? record.State : null);

    private PortState Existing() => record.RecordExists ? record.State : throw NetworkFaults.PortNotFound(Id);

    private async Task SaveNew(CreatePort request, INetworkGrain network)
    {
        for (var attempt = 1; ; attempt++)
        {
            var mac = request.MacAddress ?? MacAddresses.New();
            var got = await network.Allocate(new()
            {
                PortId = Id,
                MacAddress = mac,
                DeviceOwner = request.DeviceOwner,
                Addresses = request.FixedIps,
            });
            try
            {
                var port = PortRules.Create(Id, mac, request, got, time.GetUtcNow());
                PortRules.Check(port, request.GroupsNamed);
                await record.Save(port);
                return;
            }
            catch (DuplicateKeyException taken)
            {
                await network.Settle(Id, []);
                var isMac = taken.Key.StartsWith("port/mac/", StringComparison.Ordinal);
                if (attempt == MostTries || (isMac ? request.MacAddress is not null : NamesAddress(request)))
                    throw Taken(taken, request.NetworkId);
                // The pool knew less than the records: it reads them, and chooses again.
                if (!isMac)
                    await network.Refresh();
            }
            catch (Fault)
            {
                await network.Settle(Id, []);
                throw;
            }
        }
    }

    private async Task Save(PortState before, PortState after, INetworkGrain network)
    {
        try
        {
            await record.Save(after);
        }
        catch (DuplicateKeyException taken)
        {
            await network.Settle(Id, before.FixedIps);
            throw Taken(taken, before.NetworkId);
        }

        if (!before.FixedIps.SequenceEqual(after.FixedIps))
            await network.Settle(Id, after.FixedIps);
    }

    private async Task LoseFloatingIps(Func<string, bool> lost)
    {
        var query = new ResourceQuery(FloatingIpState.Kind).WithRef(FloatingIpState.PortRef, Id.Text);
        foreach (var floating in await index.List<FloatingIpState>(query, CancellationToken.None))
        {
            if (floating.FixedIpAddress is { } address && lost(address))
                await GrainFactory.GetGrain<IFloatingIpGrain>(floating.Id).PortGone(Id);
        }
    }

    private static bool NamesAddress(CreatePort request) => request.FixedIps?.Any(static wanted => wanted.IpAddress is not null) == true;

    private static Fault Taken(DuplicateKeyException taken, NetworkId network)
    {
        var value = taken.Key[(taken.Key.LastIndexOf('/') + 1)..];
        return taken.Key.StartsWith("port/mac/", StringComparison.Ordinal)
            ? NetworkFaults.MacAddressInUse(network, value)
            : NetworkFaults.IpAddressInUse(network, value);
    }
}
