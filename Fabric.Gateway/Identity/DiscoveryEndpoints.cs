using Fabric.Gateway.Http;

namespace Fabric.Gateway.Identity;

/// <summary>The documents that say what is where, before anybody has a token.</summary>
internal static class DiscoveryEndpoints
{
    /// <summary><c>GET /</c> of the whole cloud: its services.</summary>
    internal static Task<IResult> Services(Call call) => Task.FromResult(Reply.Json(new
    {
        services = GatewayHosting.Services.Where(static service => service.InCatalog).Select(service => new
        {
            type = service.Type,
            name = service.Name,
            links = new[] { new { rel = "self", href = call.Origin + (service.CatalogPath ?? service.Prefix) } },
        }).ToArray(),
    }, 300));

    /// <summary><c>GET /identity</c></summary>
    internal static Task<IResult> Versions(Call call)
    {
        if (IdentityJsonHome.IsWanted(call.Http.Request))
            return Task.FromResult(IdentityJsonHome.Answer("/v3"));
        call.Http.Response.Headers.Location = call.BaseUrl + "/";
        return Task.FromResult(Reply.Json(new { versions = new { values = new[] { V3(call) } } }, 300));
    }

    /// <summary><c>GET /identity/v3</c></summary>
    internal static Task<IResult> Version(Call call) => Task.FromResult(IdentityJsonHome.IsWanted(call.Http.Request)
        ? IdentityJsonHome.Answer("")
        : Reply.Json(new { version = V3(call) }));

    private static Dictionary<string, object?> V3(Call call) => new()
    {
        ["id"] = "v3.14",
        ["status"] = "stable",
        ["updated"] = "2020-04-07T00:00:00Z",
        ["links"] = new[] { new { rel = "self", href = call.BaseUrl + "/" } },
        ["media-types"] = new[] { new { @base = "application/json", type = "application/vnd.openstack.identity-v3+json" } },
    };
}
