using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>One network. Addresses are chosen here and made durable by the ports' records, so the pool is read from those when the grain
/// wakes: nothing
/// that a crash could leave behind is kept anywhere else.</summary>
[GrainType("network.network")]
internal sealed partial class NetworkGrain(
    [PersistentState(NetworkState.Kind)] IPersistentState<NetworkState> record,
    IResourceIndex index,
    NodeNotices notices,
    TimeProvider time,
    ILogger<NetworkGrain> logger) : Grain, INetworkGrain
{
    private const int MostVni = (1 << 24) - 1;
    private const int MostTries = 20;

    /// <summary>An address given to a port that has not recorded it for so long is free again: its port's making died.</summary>
    private static readonly TimeSpan PendingLife = TimeSpan.FromMinutes(1);

    private readonly Dictionary<PortId, long> pending = [];
    private AddressPool pool = new();
    private List<(PortId Port, IReadOnlyList<FixedIp> Addresses)> settledMeanwhile = [];
    private Task? reading;
    private bool ending;

    private NetworkId Id => NetworkId.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (record.RecordExists)
            await ReadPool();
    }

    public async Task<NetworkState> Create(CreateNetwork request)
    {
        if (record.RecordExists)
            return record.State;
        var physical = request.NetworkType is "flat" or "vlan" || (request.NetworkType is null && request.External);
        var now = time.GetUtcNow();
        var state = new NetworkState
        {
            Id = Id,
            ProjectId = request.ProjectId,
            Name = request.Name,
            Description = request.Description,
            AdminStateUp = request.AdminStateUp,
            Shared = request.Shared,
            External = request.External,
            IsDefault = request.IsDefault,
            PortSecurityEnabled = request.PortSecurityEnabled,
            NetworkType = request.NetworkType ?? (physical ? "flat" : "vxlan"),
            PhysicalNetwork = physical ? request.PhysicalNetwork ?? "public" : null,
            Vlan = request.NetworkType == "vlan" ? request.SegmentationId : null,
            Mtu = request.Mtu is > 0 and var mtu ? mtu : physical ? NetworkState.PhysicalMtu : NetworkState.OverlayMtu,
            AvailabilityZoneHints = request.AvailabilityZoneHints,
            DnsDomain = request.DnsDomain,
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        await SaveWithVni(state, physical ? null : request.SegmentationId,
            fallBack: request.NetworkType is null && request.PhysicalNetwork is null);
        return record.State;
    }

    public async Task<NetworkState> Update(NetworkChange change)
    {
        var before = Existing();
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("network", Id, expected);
        if (change.External == false && before.External)
            await RequireNoGateways();
        if (change.Shared == false && before.Shared)
            await RequireNoStrangers(before);
        await record.Save(before.Apply(change, time.GetUtcNow()));
        if (change is { AdminStateUp: not null } or { Mtu: not null } or { DnsDomain: not null })
            await notices.Network(Id);
        return record.State;
    }

    public async Task Delete()
    {
        Existing();
        await DeleteIdleFloatingIps();
        await ReadPool();
        var others = pool.Ports.Where(port => port != NetworkIds.DhcpPort(Id)).ToHashSet();
        // A port without an address holds none of the pool, so the records are asked too.
        foreach (var port in await Ports(new(PortState.Kind)))
        {
            if (port.DeviceOwner != DeviceOwners.Dhcp)
                others.Add(port.Id);
        }

        if (others.Count > 0)
            throw NetworkFaults.NetworkInUse(Id, others);
        ending = true;
        try
        {
            await GrainFactory.GetGrain<IPortGrain>(NetworkIds.DhcpPort(Id)).Delete();
            await record.ClearStateAsync();
        }
        finally
        {
            ending = false;
        }

        DeactivateOnIdle();
    }

    public async Task<Allocation> Allocate(AddressRequest request)
    {
        try
        {
            return Take(request);
        }
        catch (Fault fault) when (fault.Type is "IpAddressGenerationFailure" or "IpAddressInUse")
        {
            // A port may have died between its record and the word of it that the pool hears: the records are the truth.
            if (fault.Type == "IpAddressGenerationFailure" || pending.Values.Any(IsStale) || await AnyIsFree(request))
                await ReadPool();
            return Take(request);
        }
    }

    /// <summary>Whether an address that was asked for and refused is in nobody's record, nor about to be. One look-up for each: asking for
    /// what is taken must not cost a read of all ports.</summary>
    private async Task<bool> AnyIsFree(AddressRequest request)
    {
        foreach (var wanted in (request.Addresses ?? []).Where(static wanted => wanted.IpAddress is not null))
        {
            var ip = Ip.Parse(wanted.IpAddress!);
            if (pool.HolderOf(ip) is { } holder && holder != request.PortId && !IsPending(holder)
                && await index.FindByUniqueKey(PortState.AddressKey(Id, ip.ToString()), CancellationToken.None) is null)
                return true;
        }

        return false;
    }

    public Task Settle(PortId port, IReadOnlyList<FixedIp> addresses)
    {
        if (addresses.Count > 0)
            Existing();
        pending.Remove(port);
        pool.Settle(port, addresses);
        if (reading is not null)
            settledMeanwhile.Add((port, addresses));
        return Task.CompletedTask;
    }

    public Task Refresh() => record.RecordExists ? ReadPool() : Task.CompletedTask;

    public async Task Repair()
    {
        if (!record.RecordExists)
            return;
        await ReadPool();
        await EnsureDhcpPort();
        await Readdress(await Ports(new(PortState.Kind)));
    }

    private NetworkState Existing() => record.RecordExists && !ending ? record.State : throw NetworkFaults.NetworkNotFound(Id);

    private static bool IsPhysical(DuplicateKeyException taken) => taken.Key.StartsWith("network/physical/", StringComparison.Ordinal);

    private async Task SaveWithVni(NetworkState state, int? wanted, bool fallBack)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await record.Save(state with { Vni = wanted ?? Random.Shared.Next(1, MostVni + 1) });
                return;
            }
            catch (DuplicateKeyException taken) when (IsPhysical(taken) && fallBack)
            {
                // An external network whose maker named no wire: the default one is another's, so it is an overlay.
                fallBack = false;
                state = state with { NetworkType = "vxlan", PhysicalNetwork = null, Mtu = Math.Min(state.Mtu, NetworkState.OverlayMtu) };
            }
            catch (DuplicateKeyException taken) when (IsPhysical(taken))
            {
                throw state.Vlan is { } vlan
                    ? Fault.Conflict("VlanIdInUse",
                        $"Unable to create the network. The VLAN {vlan} on physical network {state.PhysicalNetwork} is in use.")
                    : Fault.Conflict("FlatNetworkInUse",
                        $"Unable to create the flat network. Physical network {state.PhysicalNetwork} is in use.");
            }
            catch (DuplicateKeyException) when (wanted is not null)
            {
                throw Fault.Conflict("TunnelIdInUse", $"Unable to create the network. The tunnel ID {wanted} is in use.");
            }
            catch (DuplicateKeyException) when (attempt < MostTries)
            {
                // Another network has that VNI: the next one drawn is as good.
            }
        }
    }

    private Task<IReadOnlyList<PortState>> Ports(ResourceQuery query) =>
        index.List<PortState>(query.WithRef(PortState.NetworkRef, Id.Text), CancellationToken.None);

    private bool IsPending(PortId port) => pending.TryGetValue(port, out var since) && !IsStale(since);

    private bool IsStale(long since) => time.GetElapsedTime(since) > PendingLife;

    private Allocation Take(AddressRequest request)
    {
        var network = Existing();
        var addresses = pool.Allocate(request, network);
        pending[request.PortId] = time.GetTimestamp();
        return new(network, addresses);
    }

    /// <summary>The pool as the records have it, and the addresses given to ports whose record is still being written.</summary>
    private async Task ReadPool()
    {
        reading ??= ReadPoolNow();
        await reading;
    }

    private async Task ReadPoolNow()
    {
        try
        {
            settledMeanwhile = [];
            // Not to run before the field is set: what settles during the read must be noted.
            await Task.Yield();
            var ports = await Ports(new(PortState.Kind));
            var fresh = pool.Renewed();
            foreach (var port in ports)
                fresh.Settle(port.Id, port.FixedIps);
            foreach (var stale in pending.Where(entry => IsStale(entry.Value)).ToArray())
                pending.Remove(stale.Key);
            foreach (var port in pending.Keys)
                fresh.Settle(port, pool.Of(port));
            foreach (var (port, addresses) in settledMeanwhile)
                fresh.Settle(port, addresses);
            pool = fresh;
        }
        finally
        {
            reading = null;
        }
    }

    /// <summary>A floating address that leads nowhere keeps nobody's network: it goes with it.</summary>
    private async Task DeleteIdleFloatingIps()
    {
        var query = new ResourceQuery(FloatingIpState.Kind).WithRef(FloatingIpState.NetworkRef, Id.Text);
        foreach (var floating in await index.List<FloatingIpState>(query, CancellationToken.None))
        {
            if (floating.Target is null)
                await GrainFactory.GetGrain<IFloatingIpGrain>(floating.Id.Text).Delete();
        }
    }

    private async Task RequireNoGateways()
    {
        var gateways = await Ports(new ResourceQuery(PortState.Kind)
            .WithRef(PortState.OwnerRef, DeviceOwners.RouterGateway, DeviceOwners.FloatingIp));
        if (gateways.Count > 0)
        {
            throw Fault.Conflict("ExternalNetworkInUse",
                $"External network {Id} cannot be updated to be made non-external, since it has existing gateway ports.");
        }
    }

    private async Task RequireNoStrangers(NetworkState network)
    {
        var ports = await Ports(new(PortState.Kind));
        if (ports.Any(port => !port.IsTrusted && port.ProjectId != network.ProjectId))
        {
            throw Fault.Conflict("InvalidSharedSetting",
                $"Unable to reconfigure sharing settings for network {network.Name}. Multiple tenants are using it.");
        }
    }
}
