using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Federation;
using Fabric.Grains.Identity;
using Fabric.Grains.Identity.Federation;

namespace Fabric.Gateway.Identity.Tokens;

/// <summary>Tokens and the catalog on the wire.</summary>
internal static class TokenBodies
{
    /// <summary>The whole body, ready to send: it is the hottest of all.</summary>
    internal static byte[] Render(
        ResolvedToken token, CatalogSet? catalog, IReadOnlyList<ServiceProviderState> serviceProviders, string address)
    {
        var payload = token.Payload;
        var body = new Dictionary<string, object?>
        {
            ["methods"] = TokenMethodNames.Of(payload.Methods),
            ["user"] = User(token),
            ["audit_ids"] = payload.AuditIds,
            ["expires_at"] = Wire.Micros(payload.ExpiresAt),
            ["issued_at"] = Wire.Micros(payload.IssuedAt),
        };
        AddScope(body, token);
        if (payload.Scope != TokenScope.Unscoped)
            body["roles"] = token.Roles.Select(static role => Named(role.Id.Text, role.Name)).ToArray();
        if (catalog is not null && payload.Scope != TokenScope.Unscoped)
            body["catalog"] = Catalog(catalog, address, token.Project?.Id);
        FederationBodies.Add(body, serviceProviders);
        AddDelegation(body, token);
        return JsonSerializer.SerializeToUtf8Bytes(new { token = body }, Wire.Options);
    }

    private static void AddScope(Dictionary<string, object?> body, ResolvedToken token)
    {
        switch (token.Payload.Scope)
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
                if (token.Trust is null)
                    body["is_domain"] = false;
                break;
        }
    }

    /// <summary>Who lent the token its rights.</summary>
    private static void AddDelegation(Dictionary<string, object?> body, ResolvedToken token)
    {
        if (token.Trust is { } trust)
        {
            body["OS-TRUST:trust"] = new
            {
                id = trust.Id,
                trustor_user = new { id = trust.TrustorId.Text },
                trustee_user = new { id = trust.TrusteeId.Text },
                impersonation = trust.Impersonation,
            };
        }

        if (token.AccessToken is { } access)
            body["OS-OAUTH1"] = new { access_token_id = access.Id, consumer_id = access.ConsumerId };
        if (token.AppCredential is not { } credential)
            return;
        var shown = new Dictionary<string, object?>
        {
            ["id"] = credential.Id, ["name"] = credential.Name, ["restricted"] = !credential.Unrestricted,
        };
        if (credential.AccessRules is { Count: > 0 } rules)
            shown["access_rules"] = rules.Select(AccessRule).ToArray();
        body["application_credential"] = shown;
    }

    /// <summary>An access rule as tokens and application credentials show it.</summary>
    internal static object AccessRule(AccessRule rule) => new { path = rule.Path, method = rule.Method, service = rule.Service,
        id = rule.Id };

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

    private static Dictionary<string, object?> User(ResolvedToken token)
    {
        var user = new Dictionary<string, object?>
        {
            ["domain"] = Named(token.ActorDomain.Id.Text, token.ActorDomain.Name),
            ["id"] = token.Actor.Id.Text,
            ["name"] = token.Actor.Name,
        };
        if (FederationBodies.OfUser(token.Payload) is { } federation)
            user["OS-FEDERATION"] = federation;
        else
            user["password_expires_at"] = UserBodies.ExpiresAt(token.Actor);
        return user;
    }
}
