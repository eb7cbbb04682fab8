using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Storage;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/networks</c></summary>
internal static class NetworkEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var query = ResourceList.Narrow(call, Every);
        var page = await ResourceList.Cut(call, query, marker => Visible.Network(call, marker));
        var networks = await All(call, page ?? query);
        return ResourceList.Reply(
            call, NetworkBodies.Networks, networks.Select(network => Shape(call, network)), NetworkFaults.NetworkNotFound,
            cut: page is not null);
    }

    internal static async Task<IResult> Show(Call call) => One(call, await Visible.Network(call, call.Path("id")));

    internal static Task<IResult> Create(Call call) =>
        Making.Run(call, NetworkBodies.Networks, NetworkQuotas.Network, given => Make(call, given), network => Grain(call, network.Id)
            .Delete(),
            network => Shape(call, network));

    internal static async Task<IResult> Update(Call call)
    {
        var given = NetworkBodies.Networks.ReadChange(call);
        var network = await Changeable(call);
        var target = NetworkTargets.Network(network);
        Visible.Require(call, given.Has("shared"), UpdateNetworkShared, target);
        Visible.Require(call, given.Has("router:external"), UpdateNetworkExternal, target);
        Visible.Require(call, given.Has("is_default"), UpdateNetworkDefault, target);
        return One(call, await Grain(call, network.Id).Update(new()
        {
            Name = given.MaybeText("name"),
            Description = given.MaybeText("description"),
            AdminStateUp = given.MaybeFlag("admin_state_up"),
            Shared = given.MaybeFlag("shared"),
            External = given.MaybeFlag("router:external"),
            IsDefault = given.MaybeFlag("is_default"),
            PortSecurityEnabled = given.MaybeFlag("port_security_enabled"),
            Mtu = given.MaybeNumber("mtu"),
            DnsDomain = given.MaybeText("dns_domain"),
            IfRevision = Visible.IfRevision(call),
        }));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await Grain(call, (await Changeable(call)).Id).Delete();
        return Reply.Empty();
    }

    /// <summary>Asks for every network.</summary>
    internal static ResourceQuery Every => new(NetworkState.Kind) { Sort = ResourceSort.Id, Descending = false };

    /// <summary>Of what is asked for all that the caller sees.</summary>
    internal static async Task<IReadOnlyList<NetworkState>> All(Call call, ResourceQuery query)
    {
        var index = call.Get<IResourceIndex>();
        if (call.Caller.IsAdmin)
            return await index.List<NetworkState>(query, call.Aborted);
        var own = await index.List<NetworkState>(Visible.Own(call, query), call.Aborted);
        var others = await index.List<NetworkState>(query.WithRef(NetworkState.VisibleRef, "shared", "external"), call.Aborted);
        return [.. own.Concat(others).DistinctBy(static network => network.Id).Where(network => Visible.Sees(call, network))];
    }

    private static async Task<NetworkState> Make(Call call, Given given)
    {
        var target = NetworkTargets.New(given);
        Visible.Require(call, given.Flag("shared", false), CreateNetworkShared, target);
        Visible.Require(call, given.Flag("router:external", false), CreateNetworkExternal, target);
        Visible.Require(call, given.Flag("is_default", false), CreateNetworkDefault, target);
        Visible.Require(call, given.MaybeText("provider:network_type") is not null, CreateNetworkType, target);
        Visible.Require(call, given.MaybeText("provider:physical_network") is not null, CreateNetworkPhysical, target);
        Visible.Require(call, given.MaybeNumber("provider:segmentation_id") is not null, CreateNetworkSegment, target);
        CheckProvider(given);
        return await Grain(call, NetworkId.New()).Create(new()
        {
            ProjectId = new(given.Text("project_id")),
            Name = given.Text("name"),
            Description = given.Text("description"),
            AdminStateUp = given.Flag("admin_state_up", true),
            Shared = given.Flag("shared", false),
            External = given.Flag("router:external", false),
            IsDefault = given.Flag("is_default", false),
            PortSecurityEnabled = given.Flag("port_security_enabled", true),
            Mtu = given.MaybeNumber("mtu"),
            NetworkType = given.MaybeText("provider:network_type"),
            PhysicalNetwork = given.MaybeText("provider:physical_network"),
            SegmentationId = given.MaybeNumber("provider:segmentation_id"),
            AvailabilityZoneHints = given.Get<IReadOnlyList<string>>("availability_zone_hints") ?? [],
            DnsDomain = given.Text("dns_domain"),
        });
    }

    private static void CheckProvider(Given given)
    {
        var type = given.MaybeText("provider:network_type");
        var physical = given.MaybeText("provider:physical_network");
        var segment = given.MaybeNumber("provider:segmentation_id");
        if (type is null && (physical ?? segment as object) is not null && !given.Flag("router:external", false))
            throw NetworkFaults.InvalidInput("network_type required");
        if (type == "vxlan" && physical is not null)
            throw NetworkFaults.InvalidInput("provider:physical_network specified for vxlan network");
        if (type is "flat" or "vlan" && physical is null)
            throw NetworkFaults.InvalidInput($"physical_network required for {type} provider network");
        if (type == "flat" && segment is not null)
            throw NetworkFaults.InvalidInput("segmentation_id prohibited for flat provider network");
        if (type == "vlan" && segment is null or > 4094)
            throw NetworkFaults.InvalidInput("segmentation_id out of range (1 through 4094)");
    }

    private static async Task<NetworkState> Changeable(Call call)
    {
        var network = await Visible.Network(call, call.Path("id"));
        if (!call.Allows(call.Route.Policy, NetworkTargets.Network(network)))
            throw NetworkFaultStyle.DeniedBy(call.Route.Policy.Name);
        return network;
    }

    private static Body Shape(Call call, NetworkState network) => NetworkBodies.Of(
        network, call.Allows(GetNetworkProvider, NetworkTargets.Network(network)));

    private static INetworkGrain Grain(Call call, NetworkId id) => call.Grain<INetworkGrain>(id);

    private static IResult One(Call call, NetworkState network) => Reply.Json(new { network = Shape(call, network).Chosen(call) });
}
