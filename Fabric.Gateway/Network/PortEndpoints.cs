using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/ports</c></summary>
internal static class PortEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var index = call.Get<IResourceIndex>();
        var query = ResourceList.Narrow(call, new(PortState.Kind) { Sort = ResourceSort.Id, Descending = false },
            ("network_id", PortState.NetworkRef),
            ("device_id", PortState.DeviceRef), ("device_owner", PortState.OwnerRef), ("security_groups", PortState.GroupRef));
        var addresses = call.QueryAll("fixed_ips").Where(static text => text?.StartsWith("ip_address=", StringComparison.Ordinal) == true)
            .Select(static text => text!["ip_address=".Length..]).ToArray();
        if (addresses.Length > 0)
            query = query.WithRef(PortState.AddressRef, addresses);
        var page = await ResourceList.Cut(call, query, marker => Visible.Port(call, marker), "network_id", "device_id", "device_owner");
        query = page ?? query;
        var ports = await index.List<PortState>(Visible.Own(call, query), call.Aborted);
        if (!call.Caller.IsAdmin)
        {
            // On its own network a project sees every port.
            var networks = await index.ListIds(new(NetworkState.Kind) { ProjectId = call.Caller.ProjectId?.Text ?? "" }, call.Aborted);
            if (networks.Count is > 0 and <= 1000)
            {
                var others = await index.List<PortState>(query.WithRef(PortState.NetworkRef, networks), call.Aborted);
                ports = [.. ports.Concat(others).DistinctBy(static port => port.Id)];
            }
        }

        return ResourceList.Reply(
            call, PortBodies.Ports, ports.Select(port => Shape(call, port)), NetworkFaults.PortNotFound, cut: page is not null);
    }

    internal static async Task<IResult> Show(Call call) =>
        Reply.Json(new { port = Shape(call, await Visible.Port(call, call.Path("id"))).Chosen(call) });

    internal static Task<IResult> Create(Call call) =>
        Making.Run(call, PortBodies.Ports, NetworkQuotas.Port, given => Make(call, given), port => call.Grain<IPortGrain>(port.Id).Delete(),
            port => Shape(call, port));

    internal static async Task<IResult> Update(Call call)
    {
        var given = PortBodies.Ports.ReadChange(call);
        var port = await Visible.Port(call, call.Path("id"));
        RequireChangeable(call, port);
        var network = await call.Get<IResourceIndex>().Find<NetworkState>(NetworkState.Kind, port.NetworkId.Text, call.Aborted);
        CheckAttributes(call, given, isNew: false,
            NetworkTargets.In(network, port.ProjectId, given.Text("device_owner", port.DeviceOwner)));
        await RequireOwnRouter(call, given, port);
        var groups = given.Get<IReadOnlyList<Guid>>("security_groups");
        var changed = await call.Grain<IPortGrain>(port.Id).Update(new()
        {
            Name = given.MaybeText("name"),
            Description = given.MaybeText("description"),
            AdminStateUp = given.MaybeFlag("admin_state_up"),
            MacAddress = given.MaybeText("mac_address"),
            FixedIps = given.Get<IReadOnlyList<FixedIpRequest>>("fixed_ips"),
            DeviceId = given.MaybeText("device_id"),
            DeviceOwner = given.MaybeText("device_owner"),
            SecurityGroups = groups is null ? null : await Groups(call, groups, port.ProjectId),
            PortSecurityEnabled = given.MaybeFlag("port_security_enabled"),
            AllowedAddressPairs = given.Get<IReadOnlyList<DesiredAddressPair>>("allowed_address_pairs"),
            HostId = given.Has("binding:host_id") ? given.Text("binding:host_id") : null,
            VnicType = given.MaybeText("binding:vnic_type"),
            Profile = given.MaybeText("binding:profile"),
            DnsName = given.MaybeText("dns_name"),
            DnsDomain = given.MaybeText("dns_domain"),
            ExtraDhcpOpts = given.Get<IReadOnlyList<DhcpOption>>("extra_dhcp_opts"),
            IfRevision = Visible.IfRevision(call),
        });
        return Reply.Json(new { port = Shape(call, changed) });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var port = await Visible.Port(call, call.Path("id"));
        RequireChangeable(call, port);
        if (DeviceOwners.Routers.Contains(port.DeviceOwner) && port.FixedIps.Count > 0 && await OwnerLives(call, port))
            throw NetworkFaults.ServicePortInUse(port.Id, port.DeviceOwner);
        await call.Grain<IPortGrain>(port.Id).Delete();
        return Reply.Empty();
    }

    private static async Task<PortState> Make(Call call, Given given)
    {
        var network = await Visible.Network(call, given.MaybeId("network_id")!.Value.ToString());
        if (!Visible.IsOwn(call, network.ProjectId) && !network.Shared)
        {
            // Neutron's rule create_port lets a project make ports on its own and on shared networks; an external one is for routers.
            throw NetworkFaultStyle.DeniedBy(NetworkPolicies.CreatePort.Name);
        }

        var project = new ProjectId(given.Text("project_id"));
        CheckAttributes(call, given, isNew: true, NetworkTargets.In(network, project, given.Text("device_owner")));
        await RequireOwnRouter(call, given, null);
        var named = given.Get<IReadOnlyList<Guid>>("security_groups");
        var trusted = given.Text("device_owner").StartsWith(DeviceOwners.NetworkPrefix, StringComparison.Ordinal);
        return await call.Grain<IPortGrain>(PortId.New()).Create(new()
        {
            ProjectId = project,
            NetworkId = network.Id,
            Name = given.Text("name"),
            Description = given.Text("description"),
            AdminStateUp = given.Flag("admin_state_up", true),
            MacAddress = given.MaybeText("mac_address"),
            FixedIps = given.Get<IReadOnlyList<FixedIpRequest>>("fixed_ips"),
            DeviceId = given.Text("device_id"),
            DeviceOwner = given.Text("device_owner"),
            SecurityGroups = named is not null
                ? await Groups(call, named, project)
                : trusted ? [] : [(await SecurityGroupEndpoints.Default(call, project)).Id],
            GroupsNamed = named is { Count: > 0 },
            PortSecurityEnabled = given.MaybeFlag("port_security_enabled"),
            AllowedAddressPairs = given.Get<IReadOnlyList<DesiredAddressPair>>("allowed_address_pairs") ?? [],
            HostId = given.MaybeText("binding:host_id"),
            VnicType = given.Text("binding:vnic_type", "normal"),
            Profile = given.Text("binding:profile", "{}"),
            DnsName = given.Text("dns_name"),
            DnsDomain = given.Text("dns_domain"),
            ExtraDhcpOpts = given.Get<IReadOnlyList<DhcpOption>>("extra_dhcp_opts") ?? [],
            Tags = given.Get<IReadOnlyList<string>>("tags") ?? [],
        });
    }

    private static void CheckAttributes(Call call, Given given, bool isNew, in PolicyTarget target)
    {
        var ips = given.Get<IReadOnlyList<FixedIpRequest>>("fixed_ips");
        Visible.Require(call, given.Has("device_owner"), isNew ? CreatePortOwner : UpdatePortOwner, target);
        Visible.Require(call, given.MaybeText("mac_address") is not null, isNew ? CreatePortMac : UpdatePortMac, target);
        Visible.Require(call, ips is not null, isNew ? CreatePortFixedIps : UpdatePortFixedIps, target);
        Visible.Require(call, ips?.Any(static ip => ip.IpAddress is not null) == true,
            isNew ? CreatePortIpAddress : UpdatePortIpAddress, target);
        Visible.Require(call, given.Has("port_security_enabled"), isNew ? CreatePortSecurity : UpdatePortSecurity, target);
        Visible.Require(call, given.MaybeText("binding:host_id") is { Length: > 0 }, isNew ? CreatePortHost : UpdatePortHost, target);
        Visible.Require(call, given.Has("binding:profile"), isNew ? CreatePortProfile : UpdatePortProfile, target);
        Visible.Require(call, given.Get<IReadOnlyList<DesiredAddressPair>>("allowed_address_pairs") is { Count: > 0 },
            isNew ? CreatePortPairs : UpdatePortPairs, target);
    }

    /// <summary>A port that says it is a router's is one of the caller's routers': otherwise it would be a leg into another
    /// project's.</summary>
    private static async Task RequireOwnRouter(Call call, Given given, PortState? port)
    {
        var owner = given.Text("device_owner", port?.DeviceOwner ?? "");
        var device = given.Text("device_id", port?.DeviceId ?? "");
        if (call.Caller.IsAdmin || !DeviceOwners.Routers.Contains(owner) || (!given.Has("device_owner") && !given.Has("device_id")))
            return;
        var router = await call.Get<IResourceIndex>().Find<RouterState>(RouterState.Kind, device, call.Aborted);
        if (owner != DeviceOwners.RouterInterface || (device.Length > 0 && (router is null || !Visible.IsOwn(call, router.ProjectId))))
        {
            throw Fault.Conflict("DeviceIDNotOwnedByTenant",
                $"The following device_id {device} is not owned by your tenant or matches another tenants router.");
        }
    }

    private static async Task<IReadOnlyList<SecurityGroupId>> Groups(Call call, IReadOnlyList<Guid> wanted, ProjectId? project)
    {
        if (wanted.Count == 0)
            return [];
        var texts = wanted.Select(static id => id.ToString()).ToArray();
        var found = await call.Get<IResourceIndex>().List<SecurityGroupState>(new(SecurityGroupState.Kind) { Ids = texts }, call.Aborted);
        var usable = found.Where(group => call.Caller.IsAdmin || group.ProjectId == project).Select(static group => group.Id).ToHashSet();
        var missing = wanted.Where(id => !usable.Contains(new(id))).ToArray();
        return missing.Length == 0
            ? [.. wanted.Select(static id => new SecurityGroupId(id))]
            : throw NetworkFaults.SecurityGroupNotFound(string.Join(", ", missing));
    }

    /// <summary>A router's port whose router is gone is a leftover, and may be deleted.</summary>
    private static async Task<bool> OwnerLives(Call call, PortState port)
    {
        var index = call.Get<IResourceIndex>();
        return port.DeviceOwner == DeviceOwners.FloatingIp
            ? await index.Find<FloatingIpState>(FloatingIpState.Kind, port.DeviceId, call.Aborted) is not null
            : await index.Find<RouterState>(RouterState.Kind, port.DeviceId, call.Aborted) is not null;
    }

    private static void RequireChangeable(Call call, PortState port)
    {
        if (!call.Allows(call.Route.Policy, NetworkTargets.Owned(port.ProjectId)))
            throw NetworkFaultStyle.DeniedBy(call.Route.Policy.Name);
    }

    private static Body Shape(Call call, PortState port) => PortBodies.Of(
        port, call.Allows(GetPortBinding, NetworkTargets.Owned(port.ProjectId)));
}
