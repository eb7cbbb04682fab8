using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>What Keystone looks for before it asks a rule or looks at a body, where it leaves the rule's target to its framework
/// (<c>get_member_from_driver</c>): whoever has a token hears that it is not there.</summary>
internal static class SoughtFirst
{
    internal static async ValueTask Domain(Call call) =>
        Require(await call.Get<IdentityIndex>().FindDomain(call.Path("domain_id"), call.Aborted), "domain", call.Path("domain_id"));

    internal static async ValueTask Group(Call call) =>
        Require(await call.Get<IdentityIndex>().FindGroup(call.Path("group_id"), call.Aborted), "group", call.Path("group_id"));

    internal static async ValueTask Role(Call call) => _ = await RoleEndpoints.Find(call, "role_id");

    internal static async ValueTask Endpoint(Call call) => _ = await EndpointEndpoints.Find(call);

    internal static async ValueTask Limit(Call call)
    {
        if (await call.Get<UnifiedLimits>().FindLimit(call.Path("limit_id"), call.Aborted) is null)
            throw IdentityFaults.NoLimit(call.Path("limit_id"));
    }

    private static void Require(object? found, string kind, string id)
    {
        if (found is null)
            throw IdentityFaults.NotFound(kind, id);
    }
}
