using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Network;
using Fabric.Grains.Nodes;
using Fabric.Grains.Storage;
using static Fabric.Grains.Network.NetworkPolicies;

namespace Fabric.Gateway.Network;

/// <summary><c>/routers</c></summary>
internal static class RouterEndpoints
{
    internal static async Task<IResult> List(Call call)
    {
        var query = ResourceList.Narrow(call, new(RouterState.Kind) { Sort = ResourceSort.Id, Descending = false });
        var routers = await call.Get<IResourceIndex>().List<RouterState>(Visible.Own(call, query), call.Aborted);
        return ResourceList.Reply(call, RouterBodies.Routers, routers.Select(router => Shape(call, router)), NetworkFaults.RouterNotFound);
    }

    internal static async Task<IResult> Show(Call call) =>
        Reply.Json(new { router = Shape(call, await Visible.Router(call, call.Path("id"))).Chosen(call) });

    internal static Task<IResult> Create(Call call) =>
        Making.Run(call, RouterBodies.Routers, NetworkQuotas.Router, given => Make(call, given),
            router => call.Grain<IRouterGrain>(router.Id).Delete(),
            router => Shape(call, router));

    internal static async Task<IResult> Update(Call call)
    {
        var given = RouterBodies.Routers.ReadChange(call);
        var router = await Visible.Router(call, call.Path("id"));
        var gateway = given.Get<GatewayRequest>("external_gateway_info");
        var target = NetworkTargets.Owned(router.ProjectId);
        Visible.Require(call, given.Has("distributed"), UpdateRouterDistributed, target);
        Visible.Require(call, given.Has("ha"), UpdateRouterHa, target);
        Visible.Require(call, gateway?.EnableSnat is not null, UpdateRouterSnat, target);
        Visible.Require(call, gateway?.FixedIps is not null, UpdateRouterIps, target);
        RequirePlain(given);
        await RequireVisibleGateway(call, gateway);
        return One(call, await call.Grain<IRouterGrain>(router.Id).Update(new()
        {
            Name = given.MaybeText("name"),
            Description = given.MaybeText("description"),
            AdminStateUp = given.MaybeFlag("admin_state_up"),
            Gateway = gateway,
            NoGateway = given.Has("external_gateway_info") && gateway is null,
            Routes = given.Get<IReadOnlyList<DesiredRoute>>("routes"),
            IfRevision = Visible.IfRevision(call),
        }));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Grain<IRouterGrain>((await Visible.Router(call, call.Path("id"))).Id).Delete();
        return Reply.Empty();
    }

    internal static async Task<IResult> AddInterface(Call call)
    {
        var router = await Visible.Router(call, call.Path("id"));
        var request = ReadInterface(call, forRemoval: false);
        if (request.SubnetId is { } subnetId)
        {
            var (network, subnet) = await Visible.Subnet(call, subnetId.Text);
            if (!Visible.IsOwn(call, subnet.ProjectId) && !Visible.IsOwn(call, network.ProjectId))
            {
                throw NetworkFaults.BadRequest("router",
                    $"Cannot add interface to router because subnet {subnetId} is not owned by project making the request");
            }
        }
        else
        {
            await Visible.Port(call, request.PortId!.Value.Text);
        }

        return Info(await call.Grain<IRouterGrain>(router.Id).AddInterface(request));
    }

    internal static async Task<IResult> RemoveInterface(Call call)
    {
        var router = await Visible.Router(call, call.Path("id"));
        return Info(await call.Grain<IRouterGrain>(router.Id).RemoveInterface(ReadInterface(call, forRemoval: true)));
    }

    internal static Task<IResult> AddRoutes(Call call) => ChangeRoutes(call, static routes => new() { AddRoutes = routes });

    internal static Task<IResult> RemoveRoutes(Call call) => ChangeRoutes(call, static routes => new() { RemoveRoutes = routes });

    private static async Task<IResult> ChangeRoutes(Call call, Func<IReadOnlyList<DesiredRoute>, RouterChange> change)
    {
        var router = await Visible.Router(call, call.Path("id"));
        if (call.Body.ValueKind != JsonValueKind.Object || !call.Body.TryGetProperty("router", out var body)
            || body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("routes", out var routes))
            throw NetworkFaultStyle.Bad("Unable to find 'router' in request body");
        if (ParseLists.Routes(routes, out var read) is { } reason)
            throw NetworkFaultStyle.Bad($"Invalid input for routes. Reason: {reason}.");
        return One(call, await call.Grain<IRouterGrain>(router.Id).Update(change((IReadOnlyList<DesiredRoute>)read!)));
    }

    private static async Task<RouterState> Make(Call call, Given given)
    {
        var gateway = given.Get<GatewayRequest>("external_gateway_info");
        var target = NetworkTargets.New(given);
        Visible.Require(call, given.Has("distributed"), CreateRouterDistributed, target);
        Visible.Require(call, given.Has("ha"), CreateRouterHa, target);
        Visible.Require(call, gateway?.EnableSnat is not null, CreateRouterSnat, target);
        Visible.Require(call, gateway?.FixedIps is not null, CreateRouterIps, target);
        RequirePlain(given);
        await RequireVisibleGateway(call, gateway);
        return await call.Grain<IRouterGrain>(RouterId.New()).Create(new()
        {
            ProjectId = new(given.Text("project_id")),
            Name = given.Text("name"),
            Description = given.Text("description"),
            AdminStateUp = given.Flag("admin_state_up", true),
            Gateway = gateway,
            AvailabilityZoneHints = given.Get<IReadOnlyList<string>>("availability_zone_hints") ?? [],
        });
    }

    /// <summary>A router is one namespace on one node: what asks for more is refused, not ignored.</summary>
    private static void RequirePlain(Given given)
    {
        if (given.Flag("distributed", false))
            throw NetworkFaults.BadRequest("router", "distributed routers are not supported");
        if (given.Flag("ha", false))
            throw NetworkFaults.BadRequest("router", "HA routers are not supported");
        if (given.MaybeId("flavor_id") is { } flavor)
            throw Fault.NotFound("FlavorNotFound", $"Flavor {flavor} could not be found.");
    }

    private static async Task RequireVisibleGateway(Call call, GatewayRequest? gateway)
    {
        if (gateway is not null)
            await Visible.Network(call, gateway.NetworkId.Text);
    }

    private static InterfaceRequest ReadInterface(Call call, bool forRemoval)
    {
        var subnet = Id(call.Body, "subnet_id");
        var port = Id(call.Body, "port_id");
        if (subnet is null && port is null)
            throw NetworkFaults.BadRequest("router", "Either subnet_id or port_id must be specified");
        if (subnet is not null && port is not null && !forRemoval)
            throw NetworkFaults.BadRequest("router", "Cannot specify both subnet-id and port-id");
        return new(subnet is { } one ? new SubnetId(one) : null, port is { } other ? new PortId(other) : null);
    }

    private static Guid? Id(JsonElement body, string key)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty(key, out var value))
            return null;
        return Parse.Uuid(value, out var id) is { } reason ? throw NetworkFaults.BadRequest("router", reason) : (Guid)id!;
    }

    private static IResult Info(InterfaceInfo info) => Reply.Json(new
    {
        id = info.RouterId.Text,
        tenant_id = info.ProjectId?.Text ?? "",
        port_id = info.PortId.Text,
        network_id = info.NetworkId.Text,
        subnet_id = info.SubnetIds[^1].Text,
        subnet_ids = info.SubnetIds.Select(static subnet => subnet.Text).ToArray(),
        project_id = info.ProjectId?.Text ?? "",
    });

    private static IResult One(Call call, RouterState router) => Reply.Json(new { router = Shape(call, router) });

    private static Body Shape(Call call, RouterState router) => RouterBodies.Of(
        router, call.Allows(GetRouterHa, NetworkTargets.Owned(router.ProjectId)));
}
