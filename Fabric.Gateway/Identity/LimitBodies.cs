using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Limits and registered limits on the wire.</summary>
internal static class LimitBodies
{
    internal static Dictionary<string, object?> Of(RegisteredLimitState limit, Call call) => new()
    {
        ["id"] = limit.Id,
        ["service_id"] = limit.ServiceId,
        ["region_id"] = limit.RegionId,
        ["resource_name"] = limit.ResourceName,
        ["default_limit"] = limit.DefaultLimit,
        ["description"] = limit.Description,
        ["links"] = IdentityReplies.SelfLink(call, "registered_limits", limit.Id),
    };

    internal static Dictionary<string, object?> Of(LimitState limit, Call call)
    {
        var body = Bare(limit);
        body["links"] = IdentityReplies.SelfLink(call, "limits", limit.Id);
        return body;
    }

    /// <summary>A limit as a part of its project's body.</summary>
    internal static Dictionary<string, object?> Bare(LimitState limit) => new()
    {
        ["id"] = limit.Id,
        ["project_id"] = limit.ProjectId,
        ["domain_id"] = limit.DomainId,
        ["service_id"] = limit.ServiceId,
        ["region_id"] = limit.RegionId,
        ["resource_name"] = limit.ResourceName,
        ["resource_limit"] = limit.ResourceLimit,
        ["description"] = limit.Description,
    };

    /// <summary>Many at once are answered without links of the list.</summary>
    internal static IResult Created(string name, IEnumerable<Dictionary<string, object?>> made) =>
        Reply.Json(new Dictionary<string, object?> { [name] = made.ToArray() }, 201);

    /// <summary>The things that a body lists.</summary>
    internal static IEnumerable<IdentityBody> Each(Call call, string name) =>
        call.Body.GetProperty(name).EnumerateArray().Select(static item => new IdentityBody(item));
}
