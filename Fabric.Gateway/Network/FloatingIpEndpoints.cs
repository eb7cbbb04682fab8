using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/floatingips</c></summary>
internal static class FloatingIpEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var query = ResourceList.Narrow(call, new(FloatingIpState.Kind) { Sort = ResourceSort.Id, Descending = false },
            ("port_id", FloatingIpState.PortRef), ("router_id", FloatingIpState.RouterRef),
                ("floating_network_id", FloatingIpState.NetworkRef),
            ("floating_ip_address", FloatingIpState.AddressRef));
        var found = await call.Get<IResourceIndex>().List<FloatingIpState>(Visible.Own(call, query), call.Aborted);
        var ports = await Ports(call, found);
        return ResourceList.Reply(call, RouterBodies.FloatingIps,
            found.Select(floating => RouterBodies.Of(floating, Port(floating, ports))), NetworkFaults.FloatingIpNotFound);
    }

    internal static async Task<IResult> Show(Call call) => await One(call, await Visible.FloatingIp(call, call.Path("id")));

    internal static async Task<IResult> Create(Call call)
    {
        Dictionary<PortId, PortState> ports = [];
        return await Making.Run(call, RouterBodies.FloatingIps, NetworkQuotas.FloatingIp, Make,
            floating => call.Grain<IFloatingIpGrain>(floating.Id).Delete(), floating => RouterBodies.Of(floating, Port(floating, ports)));

        async Task<FloatingIpState> Make(Given given)
        {
            Visible.Require(call, given.MaybeText("floating_ip_address") is not null, CreateFloatingIpAddress, NetworkTargets.New(given));
            var network = await Visible.Network(call, given.MaybeId("floating_network_id")!.Value.ToString());
            var port = given.MaybeId("port_id") is { } id ? await Visible.Port(call, id.ToString()) : null;
            if (port is not null)
                ports[port.Id] = port;
            return await call.Grain<IFloatingIpGrain>(FloatingIpId.New()).Create(new()
            {
                ProjectId = new(given.Text("project_id")),
                FloatingNetworkId = network.Id,
                Description = given.Text("description"),
                FloatingIpAddress = given.MaybeText("floating_ip_address"),
                SubnetId = given.MaybeId("subnet_id") is { } subnet ? new SubnetId(subnet) : null,
                PortId = port?.Id,
                FixedIpAddress = given.MaybeText("fixed_ip_address"),
                DnsName = given.Text("dns_name"),
                DnsDomain = given.Text("dns_domain"),
                AsAdmin = call.Caller.IsAdmin,
            });
        }
    }

    internal static async Task<IResult> Update(Call call)
    {
        var given = RouterBodies.FloatingIps.ReadChange(call);
        var floating = await Visible.FloatingIp(call, call.Path("id"));
        var port = given.MaybeId("port_id") is { } id ? await Visible.Port(call, id.ToString()) : null;
        return await One(call, await call.Grain<IFloatingIpGrain>(floating.Id).Update(new()
        {
            Description = given.MaybeText("description"),
            // A fixed address alone moves it to another address of the port it leads to.
            Lead = given.Has("port_id") || given.Has("fixed_ip_address"),
            PortId = given.Has("port_id") ? port?.Id : floating.Target?.PortId,
            FixedIpAddress = given.MaybeText("fixed_ip_address"),
            IfRevision = Visible.IfRevision(call),
            AsAdmin = call.Caller.IsAdmin,
        }));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grain<IFloatingIpGrain>((await Visible.FloatingIp(call, call.Path("id"))).Id).Delete();
        return Reply.Empty();
    }

    private static async Task<IResult> One(Call call, FloatingIpState floating) =>
        Reply.Json(new { floatingip = RouterBodies.Of(floating, Port(floating, await Ports(call, [floating]))).Chosen(call) });

    private static PortState? Port(FloatingIpState floating, Dictionary<PortId, PortState> ports) =>
        floating.Target is { } target ? ports.GetValueOrDefault(target.PortId) : null;

    private static async Task<Dictionary<PortId, PortState>> Ports(Call call, IReadOnlyList<FloatingIpState> floating)
    {
        var found = new Dictionary<PortId, PortState>();
        foreach (var some in floating.Where(static address => address.Target is not null)
            .Select(static address => address.Target!.PortId.Text).Chunk(1000))
        {
            foreach (var port in await call.Get<IResourceIndex>().List<PortState>(new(PortState.Kind) { Ids = some }, call.Aborted))
                found[port.Id] = port;
        }

        return found;
    }
}
