using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Network;

/// <summary>What cards a new server gets (source: <c>nova/network/neutron.py</c> validate_networks).</summary>
internal sealed class NicPlanner(IGrainFactory grains, IResourceIndex index)
{
    public async Task<IReadOnlyList<NicPlan>> Plan(Caller caller, NetworkRequest request, int servers, CancellationToken ct)
    {
        if (request.Choice == NetworkChoice.None)
            return [];
        var project = caller.ProjectId ?? throw Fault.BadRequest("A server belongs to a project.");
        var groups = await Groups(request.SecurityGroups, project, ct);
        var nics = new List<NicPlan>();
        if (request.Nics.Count == 0)
        {
            if (await TheOneNetwork(request.Choice, project, ct) is { } only)
                nics.Add(new() { NetworkId = only, SecurityGroups = groups });
        }
        else
        {
            foreach (var nic in request.Nics)
                nics.Add(await One(caller, project, nic, groups, ct));
        }

        await RequireRoom(project, nics.Count(static nic => nic.PortId is null) * servers);
        return nics;
    }

    /// <summary>A fault of networking as a server's user reads it.</summary>
    public static Fault ForServer(Fault fault, NicPlan nic) => fault.Type switch
    {
        "IpAddressGenerationFailure" => Fault.Conflict("NoMoreFixedIps", $"No fixed IP addresses available for network: {nic.NetworkId}"),
        "IpAddressInUse" => Fault.Conflict("FixedIpAlreadyInUse", $"Fixed IP address {nic.FixedIp} is already in use."),
        "PortInUse" => InUse(nic.PortId!.Value.Text),
        "PortNotFound" => PortNotFound(nic.PortId!.Value.Text),
        "NetworkNotFound" => NetworkNotFound(nic.NetworkId.Text),
        _ => fault,
    };

    private static Fault InUse(string port) => Fault.Conflict("PortInUse", $"Port {port} is still in use.");

    private static Fault PortNotFound(string port) => Fault.BadRequest("PortNotFound", $"Port id {port} could not be found.");

    private static Fault NetworkNotFound(string network) => Fault.BadRequest("NetworkNotFound", $"Network {network} could not be found.");

    private async Task<NetworkId?> TheOneNetwork(NetworkChoice choice, ProjectId project, CancellationToken ct)
    {
        var own = await index.List<NetworkState>(new(NetworkState.Kind) { ProjectId = project.Text }, ct);
        var visible = await index.List<NetworkState>(new ResourceQuery(NetworkState.Kind)
            .WithRef(NetworkState.VisibleRef, "shared", "external"), ct);
        // An external network is for floating addresses: a server is put there only when its user says so.
        var usable = own.Concat(visible.Where(static network => network.Shared))
            .Where(static network => network.Shared || !network.External)
            .DistinctBy(static network => network.Id).ToArray();
        if (choice == NetworkChoice.Auto)
            usable = Array.FindAll(usable, static network => network.AdminStateUp && network.Subnets.Count > 0);
        switch (usable)
        {
            case []:
                return choice == NetworkChoice.Listed
                    ? null
                    : throw Fault.BadRequest("UnableToAutoAllocateNetwork",
                        $"Unable to automatically allocate a network for project {project}");
            case [var only]:
                return only.Subnets.Count > 0 ? only.Id : throw RequiresSubnet(only.Id);
            default:
                throw Fault.Conflict("NetworkAmbiguous",
                    "More than one possible network found. Specify network ID(s) to select which one(s) to connect to.");
        }
    }

    private async Task<NicPlan> One(Caller caller, ProjectId project, RequestedNic nic, IReadOnlyList<SecurityGroupId> groups,
        CancellationToken ct)
    {
        if (nic.Port is { } portText)
        {
            var port = PortId.TryParse(portText, out var portId) ? await index.Find<PortState>(PortState.Kind, portId.Text, ct) : null;
            if (port is null || (port.ProjectId != project && !caller.IsAdmin))
                throw PortNotFound(portText);
            if (port.DeviceId.Length > 0)
                throw InUse(port.Id.Text);
            if (port.FixedIps.Count == 0)
                throw Fault.BadRequest("PortRequiresFixedIP", $"Port {port.Id} requires a FixedIP in order to be used.");
            return new() { NetworkId = port.NetworkId, PortId = port.Id, Tag = nic.Tag };
        }

        var text = nic.Network ?? "";
        var network = NetworkId.TryParse(text, out var id) ? await index.Find<NetworkState>(NetworkState.Kind, id.Text, ct) : null;
        if (network is null || !(network.ProjectId == project || network.Shared || network.External || caller.IsAdmin))
            throw NetworkNotFound(text);
        if (network is { External: true, Shared: false } && !caller.IsAdmin)
        {
            throw new Fault(FaultKind.Forbidden, "ExternalNetworkAttachForbidden",
                $"It is not allowed to create an interface on external network {network.Id}");
        }

        if (network.Subnets.Count == 0)
            throw RequiresSubnet(network.Id);
        if (nic.FixedIp is { } address)
            await RequireFree(network, address, ct);
        return new() { NetworkId = network.Id, FixedIp = nic.FixedIp, SecurityGroups = groups, Tag = nic.Tag };
    }

    private async Task RequireFree(NetworkState network, string address, CancellationToken ct)
    {
        if (!Ip.TryParse(address, out var ip) || !network.Subnets.Any(subnet => Cidr.Parse(subnet.Cidr).IsHost(ip)))
            throw Fault.BadRequest("InvalidIpForNetwork", $"Fixed IP {address} is not a valid ip address for network {network.Id}.");
        if (await index.FindByUniqueKey(PortState.AddressKey(network.Id, ip.ToString()), ct) is { } holder)
        {
            var port = await index.Find<PortState>(PortState.Kind, holder.Id, ct);
            throw Fault.BadRequest("FixedIpAlreadyInUse", $"Fixed IP address {address} is already in use on instance {port?.DeviceId}.");
        }
    }

    private async Task<IReadOnlyList<SecurityGroupId>> Groups(IReadOnlyList<string> wanted, ProjectId project, CancellationToken ct)
    {
        var defaultId = NetworkIds.DefaultSecurityGroup(project);
        if (await index.Find<SecurityGroupState>(SecurityGroupState.Kind, defaultId.Text, ct) is null)
            await grains.GetGrain<ISecurityGroupGrain>(defaultId).EnsureDefault(project);
        if (wanted.Count == 0)
            return [defaultId];
        var mine = await index.List<SecurityGroupState>(new(SecurityGroupState.Kind) { ProjectId = project.Text }, ct);
        var found = new List<SecurityGroupId>();
        foreach (var text in wanted.Distinct())
        {
            var byId = mine.FirstOrDefault(group => group.Id.Text == text);
            var named = mine.Where(group => group.Name == text).ToArray();
            if (byId is null && named.Length > 1)
                throw Fault.Conflict("NoUniqueMatch", $"Multiple security groups found matching '{text}'. Use an ID to be more specific.");
            found.Add(byId?.Id ?? named.FirstOrDefault()?.Id ?? throw Fault.BadRequest("SecurityGroupNotFound",
                $"Security group {text} not found for project {project}."));
        }

        return found;
    }

    private async Task RequireRoom(ProjectId project, int ports)
    {
        if (ports == 0)
            return;
        var quota = grains.GetGrain<INetworkQuotaGrain>(project);
        try
        {
            await quota.Settle(await quota.Claim(NetworkQuotas.Port, ports));
        }
        catch (Fault over) when (over.Kind == FaultKind.OverQuota)
        {
            throw Fault.OverQuota("PortLimitExceeded", "Maximum number of ports exceeded");
        }
    }

    private static Fault RequiresSubnet(NetworkId network) => Fault.BadRequest("NetworkRequiresSubnet",
        $"Network {network} requires a subnet in order to boot instances on.");
}
