using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/subnets</c></summary>
internal static class SubnetEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var networks = await NetworkEndpoints.All(call, NetworkEndpoints.Every);
        var subnets = networks.SelectMany(network => network.Subnets.Where(subnet => Visible.Sees(call, network, subnet))
            .Select(subnet => (Network: network, Body: NetworkBodies.Of(subnet))));
        // Subnets can be filtered by what their body does not show.
        if (call.Query("shared") is { } shared)
            subnets = subnets.Where(pair => pair.Network.Shared == Parse.FlagOf(shared));
        if (call.Query("router:external") is { } external)
            subnets = subnets.Where(pair => pair.Network.External == Parse.FlagOf(external));
        return ResourceList.Reply(call, NetworkBodies.Subnets, subnets.Select(static pair => pair.Body), NetworkFaults.SubnetNotFound);
    }

    internal static async Task<IResult> Show(Call call)
    {
        var (_, subnet) = await Visible.Subnet(call, call.Path("id"));
        return Reply.Json(new { subnet = NetworkBodies.Of(subnet).Chosen(call) });
    }

    internal static Task<IResult> Create(Call call) =>
        Making.Run(call, NetworkBodies.Subnets, NetworkQuotas.Subnet, given => Make(call, given),
            subnet => call.Grain<INetworkGrain>(subnet.NetworkId).DeleteSubnet(subnet.Id), NetworkBodies.Of);

    internal static async Task<IResult> Update(Call call)
    {
        var given = NetworkBodies.Subnets.ReadChange(call);
        var subnet = await Changeable(call);
        Visible.Require(call, given.Has("service_types"), UpdateSubnetServiceTypes, NetworkTargets.Owned(subnet.ProjectId));
        var changed = await call.Grain<INetworkGrain>(subnet.NetworkId).UpdateSubnet(subnet.Id, new()
        {
            Name = given.MaybeText("name"),
            Description = given.MaybeText("description"),
            GatewayIp = given.MaybeText("gateway_ip"),
            NoGateway = given.Has("gateway_ip") && given.MaybeText("gateway_ip") is null,
            AllocationPools = given.Get<IReadOnlyList<AllocationPool>>("allocation_pools"),
            DnsNameservers = given.Get<IReadOnlyList<string>>("dns_nameservers"),
            HostRoutes = given.Get<IReadOnlyList<DesiredRoute>>("host_routes"),
            EnableDhcp = given.MaybeFlag("enable_dhcp"),
            ServiceTypes = given.Get<IReadOnlyList<string>>("service_types"),
            IfRevision = Visible.IfRevision(call),
        });
        return Reply.Json(new { subnet = NetworkBodies.Of(changed) });
    }

    internal static async Task<IResult> Delete(Call call)
    {
        var subnet = await Changeable(call);
        await call.Grain<INetworkGrain>(subnet.NetworkId).DeleteSubnet(subnet.Id);
        return Reply.Empty();
    }

    private static async Task<SubnetState> Make(Call call, Given given)
    {
        var network = await Visible.Network(call, given.MaybeId("network_id")!.Value.ToString());
        if (!Visible.IsOwn(call, network.ProjectId))
        {
            // A shared network is there to be used, not to be changed; any other is none of the caller's business.
            throw network.Shared ? NetworkFaultStyle.DeniedBy(NetworkPolicies.CreateSubnet.Name)
                : NetworkFaults.NetworkNotFound(network.Id);
        }

        Visible.Require(call, given.Get<IReadOnlyList<string>>("service_types") is { Count: > 0 }, CreateSubnetServiceTypes,
            NetworkTargets.In(network, new(given.Text("project_id"))));
        if (given.Has("prefixlen"))
        {
            throw NetworkFaults.BadRequest("subnets", given.MaybeText("cidr") is null
                ? "a subnetpool must be specified in the absence of a cidr"
                : "cidr and prefixlen must not be supplied together");
        }

        return await call.Grain<INetworkGrain>(network.Id).CreateSubnet(SubnetId.New(), new()
        {
            ProjectId = new(given.Text("project_id")),
            Name = given.Text("name"),
            Description = given.Text("description"),
            IpVersion = given.MaybeNumber("ip_version")!.Value,
            Cidr = given.MaybeText("cidr")
                ?? throw NetworkFaults.BadRequest("subnets", "a subnetpool must be specified in the absence of a cidr"),
            GatewayIp = given.MaybeText("gateway_ip"),
            NoGateway = given.Has("gateway_ip") && given.MaybeText("gateway_ip") is null,
            AllocationPools = given.Get<IReadOnlyList<AllocationPool>>("allocation_pools"),
            DnsNameservers = given.Get<IReadOnlyList<string>>("dns_nameservers") ?? [],
            HostRoutes = given.Get<IReadOnlyList<DesiredRoute>>("host_routes") ?? [],
            EnableDhcp = given.Flag("enable_dhcp", true),
            Ipv6RaMode = given.MaybeText("ipv6_ra_mode"),
            Ipv6AddressMode = given.MaybeText("ipv6_address_mode"),
            ServiceTypes = given.Get<IReadOnlyList<string>>("service_types") ?? [],
        });
    }

    private static async Task<SubnetState> Changeable(Call call)
    {
        var (network, subnet) = await Visible.Subnet(call, call.Path("id"));
        return call.Allows(call.Route.Policy, NetworkTargets.In(network, subnet.ProjectId))
            ? subnet
            : throw NetworkFaultStyle.DeniedBy(call.Route.Policy.Name);
    }
}
