using Fabric.Gateway.Http;
using Fabric.Grains.Identity;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Identity;

/// <summary><c>/policies</c>, and for which endpoints they hold.</summary>
internal static class PolicyEndpoints
{
    private static readonly string[] Known = ["type", "blob"];

    internal static async Task<IResult> Create(Call call)
    {
        var body = IdentityBody.Of(call, "policy");
        var id = ResourceIdText.NewHex();
        var policy = new PolicyState { Id = id, Type = body.Text("type")!, Blob = body.Text("blob")!, Extra = body.Extra(Known) };
        return IdentityReplies.Member("policy", Body(await call.Grains.GetGrain<IPolicyGrain>(id).Create(policy), call), 201);
    }

    internal static async Task<IResult> List(Call call)
    {
        var query = new ResourceQuery(IdentityKinds.Policy)
        {
            Names = call.Query("type") is { } type ? [type] : null,
            Descending = false,
        };
        var policies = await call.Get<IResourceIndex>().List<PolicyState>(query, call.Aborted);
        return IdentityReplies.List(call, "policies", policies.Select(policy => Body(policy, call)).Filter(call, "type"));
    }

    internal static async Task<IResult> Show(Call call) => IdentityReplies.Member("policy", Body(await Find(call), call));

    internal static async Task<IResult> Update(Call call)
    {
        var body = IdentityBody.Of(call, "policy");
        if (body.Has("id") && body.Text("id") != call.Path("policy_id"))
            throw Fault.BadRequest("ValidationError", "Cannot change policy ID");
        var policy = await Find(call);
        var changed = await call.Grains.GetGrain<IPolicyGrain>(policy.Id).Update(
            body.Text("type"), body.Text("blob"), body.Extra(Known));
        return IdentityReplies.Member("policy", Body(changed, call));
    }

    internal static async Task<IResult> Delete(Call call)
    {
        await call.Get<IdentityRemoval>().RemovePolicy((await Find(call)).Id, call.Aborted);
        return Reply.Empty();
    }

    internal static async Task<IResult> Endpoints(Call call)
    {
        var endpoints = await call.Get<EndpointPolicies>().EndpointsOf((await Find(call)).Id, call.Aborted);
        return IdentityReplies.List(call, "endpoints", endpoints.Select(endpoint =>
        {
            // Keystone forgets here what clients of old called it.
            var body = CatalogBodies.Of(endpoint, call);
            body.Remove("region");
            return body;
        }));
    }

    internal static async Task<IResult> Check(Call call) =>
        await call.Get<EndpointPolicies>().Holds((await Find(call)).Id, await Place(call), call.Aborted)
            ? Reply.Empty()
            : throw Fault.NotFound("PolicyAssociationNotFound", "Could not find policy association.");

    internal static async Task<IResult> Set(Call call)
    {
        var (policy, place) = (await Find(call), await Place(call));
        await call.Grains.GetGrain<IEndpointPolicyGrain>(place.Key).Set(place, policy.Id);
        return Reply.Empty();
    }

    internal static async Task<IResult> Unset(Call call)
    {
        var (policy, place) = (await Find(call), await Place(call));
        await call.Grains.GetGrain<IEndpointPolicyGrain>(place.Key).Unset(policy.Id);
        return Reply.Empty();
    }

    /// <summary><c>/endpoints/{id}/OS-ENDPOINT-POLICY/policy</c></summary>
    internal static async Task<IResult> OfEndpoint(Call call)
    {
        var endpoint = await EndpointEndpoints.Find(call);
        var policy = await call.Get<EndpointPolicies>().Of(endpoint, call.Aborted)
            ?? throw Fault.NotFound($"No policy is associated with endpoint {endpoint.Id}.");
        var body = Body(policy, call);
        body["links"] = IdentityReplies.SelfLink(call, "endpoints", policy.Id);
        return IdentityReplies.Member("policy", body.WithExtra(policy.Extra));
    }

    private static Dictionary<string, object?> Body(PolicyState policy, Call call) => new Dictionary<string, object?>
    {
        ["id"] = policy.Id,
        ["type"] = policy.Type,
        ["blob"] = policy.Blob,
        ["links"] = IdentityReplies.SelfLink(call, "policies", policy.Id),
    }.WithExtra(policy.Extra);

    private static async Task<PolicyState> Find(Call call)
    {
        var id = call.Path("policy_id");
        return await call.Get<IResourceIndex>().Find<PolicyState>(IdentityKinds.Policy, id, call.Aborted)
            ?? throw IdentityFaults.NotFound("policy", id);
    }

    private static async Task<PolicyPlace> Place(Call call)
    {
        if (call.Http.Request.RouteValues.ContainsKey("endpoint_id"))
            return new((await EndpointEndpoints.Find(call)).Id);
        var service = (await ServiceEndpoints.Find(call)).Id;
        return call.Http.Request.RouteValues.ContainsKey("region_id")
            ? new(null, service, (await RegionEndpoints.Find(call)).Id)
            : new(null, service);
    }
}
