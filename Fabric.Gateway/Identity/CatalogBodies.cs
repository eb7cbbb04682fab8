using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity;

/// <summary>Services, endpoints and regions on the wire.</summary>
internal static class CatalogBodies
{
    internal static readonly string[] KnownOfService = ["type", "name", "enabled"];
    internal static readonly string[] KnownOfEndpoint = ["interface", "service_id", "region", "region_id", "url", "enabled",
        "legacy_endpoint_id"];
    internal static readonly string[] KnownOfRegion = ["description", "parent_region_id"];

    internal static Dictionary<string, object?> Of(ServiceState service, Call call)
    {
        var body = new Dictionary<string, object?>
        {
            ["id"] = service.Id,
            ["type"] = service.Type,
            ["enabled"] = service.Enabled,
            ["name"] = service.Name ?? "",
            ["links"] = IdentityReplies.SelfLink(call, "services", service.Id),
        };
        body.WithExtra(service.Extra);
        // A record from before descriptions were one of the attributes that the service's maker invents.
        if (service.Description is { } description)
            body.TryAdd("description", description);
        return body;
    }

    internal static Dictionary<string, object?> Of(EndpointState endpoint, Call call) => new Dictionary<string, object?>
    {
        ["id"] = endpoint.Id,
        ["interface"] = endpoint.Interface,
        ["region_id"] = endpoint.RegionId,
        ["region"] = endpoint.RegionId,
        ["service_id"] = endpoint.ServiceId,
        ["url"] = EndpointUrls.Shown(endpoint.Url, TokenEndpoints.Address(call)),
        ["enabled"] = endpoint.Enabled,
        ["links"] = IdentityReplies.SelfLink(call, "endpoints", endpoint.Id),
    }.WithExtra(endpoint.Extra);

    internal static Dictionary<string, object?> Of(RegionState region, Call call) => new Dictionary<string, object?>
    {
        ["id"] = region.Id,
        ["description"] = region.Description,
        ["parent_region_id"] = region.ParentRegionId,
        ["links"] = IdentityReplies.SelfLink(call, "regions", region.Id),
    }.WithExtra(region.Extra);
}
