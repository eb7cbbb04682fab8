using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>One router. A leg on a project's network is one port's record and nothing else, so adding it is one durable write. For the
/// gateway the port
/// is made first, then the record names it, then the old port goes: a crash leaves a port that the record does not name, which
/// <see cref="Repair"/> takes away.</summary>
[GrainType("network.router")]
internal sealed partial class RouterGrain(
    [PersistentState(RouterState.Kind)] IPersistentState<RouterState> record,
    NetworkLookups lookups,
    NetworkNodes nodes,
    NodeNotices notices,
    TimeProvider time) : Grain, IRouterGrain
{
    private RouterId Id => RouterId.Parse(this.GetPrimaryKeyString());

    public async Task<RouterState> Create(CreateRouter request)
    {
        if (record.RecordExists)
            return record.State;
        var now = time.GetUtcNow();
        var state = new RouterState
        {
            Id = Id,
            ProjectId = request.ProjectId,
            Name = request.Name,
            Description = request.Description,
            AdminStateUp = request.AdminStateUp,
            AvailabilityZoneHints = request.AvailabilityZoneHints,
            NodeName = await nodes.Choose(Id, null),
            Revision = 1,
            CreatedAt = now,
            UpdatedAt = now,
        };
        if (request.Gateway is { } gateway)
            state = state with { Gateway = await MakeGateway(state, gateway) };
        await SaveOrUndoGateway(null, state);
        await notices.Node(state.NodeName);
        return state;
    }

    public async Task<RouterState> Update(RouterChange change)
    {
        var before = Existing();
        if (change.IfRevision is { } expected && expected != before.Revision)
            throw NetworkFaults.StaleRevision("router", Id, expected);
        var after = before.Touched(time.GetUtcNow()) with
        {
            Name = change.Name ?? before.Name,
            Description = change.Description ?? before.Description,
            AdminStateUp = change.AdminStateUp ?? before.AdminStateUp,
            Tags = change.Tags ?? before.Tags,
            NodeName = await nodes.Choose(Id, before.NodeName),
        };
        if (NewRoutes(before, change) is { } routes)
        {
            await CheckRoutes(routes, before);
            after = after with { Routes = routes };
        }

        after = await ChangeGateway(before, after, change);
        await SaveOrUndoGateway(before, after);
        if (before.Gateway is { } old && old.PortId != after.Gateway?.PortId)
            await GrainFactory.GetGrain<IPortGrain>(old.PortId).Delete();
        if (before.NodeName != after.NodeName)
            await notices.Node(before.NodeName);
        await notices.Node(after.NodeName);
        return after;
    }

    public async Task Delete()
    {
        var before = Existing();
        var ports = await lookups.PortsOf(Id.Text);
        var legs = ports.Where(static port => port.DeviceOwner == DeviceOwners.RouterInterface).Select(static port => port.Id).ToArray();
        if (legs.Length > 0)
            throw NetworkFaults.RouterInUse(Id, "has ports still attached: " + string.Join(", ", legs));
        if (before.Gateway is not null)
            await RequireNoFloatingIps(before.Gateway.NetworkId);
        await record.ClearStateAsync();
        foreach (var port in ports.Where(static port => port.IsTrusted))
            await GrainFactory.GetGrain<IPortGrain>(port.Id).Delete();
        await notices.Node(before.NodeName);
        DeactivateOnIdle();
    }

    public async Task Repair()
    {
        var ports = await lookups.PortsOf(Id.Text);
        if (!record.RecordExists)
        {
            foreach (var port in ports.Where(static port => port.IsTrusted))
                await GrainFactory.GetGrain<IPortGrain>(port.Id).Delete();
            return;
        }

        foreach (var port in ports.Where(port => port.DeviceOwner == DeviceOwners.RouterGateway && port.Id != record.State.Gateway?.PortId))
            await GrainFactory.GetGrain<IPortGrain>(port.Id).Delete();
        var before = record.State;
        var node = await nodes.Choose(Id, before.NodeName) ?? before.NodeName;
        if (node != before.NodeName)
            await record.Save(before with { NodeName = node });
        foreach (var port in ports.Where(port => port.IsTrusted && port.HostId != node && node is not null))
            await GrainFactory.GetGrain<IPortGrain>(port.Id).Update(new() { HostId = node });
        if (node != before.NodeName)
        {
            await notices.Node(before.NodeName);
            await notices.Node(node);
        }
    }

    private RouterState Existing() => record.RecordExists ? record.State : throw NetworkFaults.RouterNotFound(Id);

    private async Task<RouterState> ChangeGateway(RouterState before, RouterState after, RouterChange change)
    {
        if (change.NoGateway || (change.Gateway is { } moved && before.Gateway is { } from && moved.NetworkId != from.NetworkId))
        {
            if (before.Gateway is { } old)
                await RequireNoFloatingIps(old.NetworkId);
        }

        if (change.NoGateway)
            return after with { Gateway = null };
        if (change.Gateway is not { } wanted)
            return after;
        var sameNetwork = before.Gateway is { } current && current.NetworkId == wanted.NetworkId;
        if (!sameNetwork)
            return after with { Gateway = await MakeGateway(after, wanted) };
        var gateway = before.Gateway! with { EnableSnat = wanted.EnableSnat ?? before.Gateway.EnableSnat };
        if (wanted.FixedIps is { } addresses)
        {
            var port = await GrainFactory.GetGrain<IPortGrain>(gateway.PortId).Update(new() { FixedIps = addresses });
            gateway = gateway with { FixedIps = port.FixedIps };
        }

        return after with { Gateway = gateway };
    }

    private async Task<RouterGateway> MakeGateway(RouterState state, GatewayRequest wanted)
    {
        var network = await lookups.Network(wanted.NetworkId);
        if (!network.External)
            throw NetworkFaults.BadRequest("router", $"Network {network.Id} is not an external network");
        foreach (var address in wanted.FixedIps ?? [])
        {
            if (network.Subnets.Any(subnet => subnet.GatewayIp is { } gateway && gateway == address.IpAddress))
                throw NetworkFaults.BadRequest("router", $"External IP {address.IpAddress} is the same as the gateway IP");
        }

        await RequireNoOverlap([.. network.Subnets], exceptGateway: true);
        var port = await GrainFactory.GetGrain<IPortGrain>(PortId.New()).Create(new()
        {
            NetworkId = network.Id,
            DeviceId = Id.Text,
            DeviceOwner = DeviceOwners.RouterGateway,
            FixedIps = wanted.FixedIps,
            HostId = state.NodeName,
            PortSecurityEnabled = false,
        });
        return new() { NetworkId = network.Id, PortId = port.Id, EnableSnat = wanted.EnableSnat ?? true, FixedIps = port.FixedIps };
    }

    private async Task SaveOrUndoGateway(RouterState? before, RouterState after)
    {
        try
        {
            await record.Save(after);
        }
        catch when (after.Gateway is { } made && made.PortId != before?.Gateway?.PortId)
        {
            await GrainFactory.GetGrain<IPortGrain>(made.PortId).Delete();
            throw;
        }
    }

    private async Task RequireNoFloatingIps(NetworkId network)
    {
        if ((await lookups.FloatingIpsOf(Id)).Count > 0)
        {
            throw Fault.Conflict("RouterExternalGatewayInUseByFloatingIp",
                $"Gateway cannot be updated for router {Id}, since a gateway to external network {network} is required by one or more "
                + "floating IPs.");
        }
    }

    private static IReadOnlyList<DesiredRoute>? NewRoutes(RouterState router, RouterChange change)
    {
        if (change.Routes is { } whole)
            return whole;
        if (change.AddRoutes is { } added)
            return [.. router.Routes.Union(added)];
        return change.RemoveRoutes is { } removed ? [.. router.Routes.Except(removed)] : null;
    }
}
