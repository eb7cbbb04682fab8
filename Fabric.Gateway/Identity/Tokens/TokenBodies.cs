using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Identity;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Tokens and the catalog on the wire.</summary>
internal static class TokenBodies
{
    /// <summary>The whole body, ready to send: it is the hottest of all.</summary>
    internal static byte[] Render(ResolvedToken token, CatalogSet? catalog, string address)
    {
        var payload = token.Payload;
        var body = new Dictionary<string, object?>
        {
            ["methods"] = Methods(payload.Methods),
            ["user"] = new
            {
                domain = Named(token.UserDomain.Id.Text, token.UserDomain.Name),
                id = token.User.Id.Text,
                name = token.User.Name,
                password_expires_at = UserBodies.ExpiresAt(token.User),
            },
            ["audit_ids"] = payload.AuditIds,
            ["expires_at"] = Wire.Micros(payload.ExpiresAt),
            ["issued_at"] = Wire.Micros(payload.IssuedAt),
        };
        switch (payload.Scope)
        {
            case TokenScope.System:
                body["system"] = new { all = true };
                break;
            case TokenScope.Domain:
                body["domain"] = Named(token.Domain!.Id.Text, token.Domain.Name);
                break;
            case TokenScope.Project:
                body["project"] = new
                {
                    domain = Named(token.ProjectDomain!.Id.Text, token.ProjectDomain.Name),
                    id = token.Project!.Id.Text,
                    name = token.Project.Name,
                };
                body["is_domain"] = false;
                break;
        }

        if (payload.Scope != TokenScope.Unscoped)
            body["roles"] = token.Roles.Select(static role => Named(role.Id.Text, role.Name)).ToArray();
        if (catalog is not null && payload.Scope != TokenScope.Unscoped)
            body["catalog"] = Catalog(catalog, address, token.Project?.Id);
        return JsonSerializer.SerializeToUtf8Bytes(new { token = body }, Wire.Options);
    }

    /// <summary>The enabled services with their enabled endpoints; services without one do not show.</summary>
    internal static object[] Catalog(CatalogSet catalog, string address, ProjectId? project) =>
    [
        .. from service in catalog.Services
           where service.Enabled
           let endpoints = catalog.Endpoints.Where(endpoint => endpoint.ServiceId == service.Id && endpoint.Enabled)
               .Where(endpoint => project is not null || !NeedsProject(endpoint.Url)).ToArray()
           where endpoints.Length > 0
           select new
           {
               endpoints = endpoints.Select(endpoint => new
               {
                   id = endpoint.Id,
                   @interface = endpoint.Interface,
                   region_id = endpoint.RegionId,
                   url = Url(endpoint.Url, address, project),
                   region = endpoint.RegionId,
               }).ToArray(),
               id = service.Id,
               type = service.Type,
               name = service.Name ?? "",
           },
    ];

    /// <summary>An endpoint's address with what it holds filled in.</summary>
    internal static string Url(string url, string address, ProjectId? project)
    {
        url = url.Replace(EndpointState.OwnAddress, address, StringComparison.Ordinal);
        return project is { } id && NeedsProject(url)
            ? url.Replace("$(project_id)s", id.Text, StringComparison.Ordinal).Replace("$(tenant_id)s", id.Text, StringComparison.Ordinal)
                .Replace("%(project_id)s", id.Text, StringComparison.Ordinal).Replace("%(tenant_id)s", id.Text, StringComparison.Ordinal)
            : url;
    }

    private static bool NeedsProject(string url) =>
        url.Contains("(project_id)s", StringComparison.Ordinal) || url.Contains("(tenant_id)s", StringComparison.Ordinal);

    private static object Named(string id, string name) => new { id, name };

    private static string[] Methods(TokenMethods methods) => methods switch
    {
        TokenMethods.Password => ["password"],
        TokenMethods.Token => ["token"],
        _ => ["password", "token"],
    };
}
