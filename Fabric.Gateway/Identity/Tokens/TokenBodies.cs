using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Delegation;
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
            ["issued_at"] = Wire.Micros(TokenPayload.ToSeconds(payload.IssuedAt)),
        };
        AddScope(body, token);
        if (payload.Scope != TokenScope.Unscoped)
            body["roles"] = token.Roles.Select(role => Role(role, payload)).ToArray();
        if (catalog is not null && payload.Scope != TokenScope.Unscoped)
            body["catalog"] = Catalog(catalog, address, (token.Trustor ?? token.User).Id, token.Project?.Id);
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

    /// <summary>The enabled services with their enabled endpoints; a service stands there without any, too.</summary>
    internal static object[] Catalog(CatalogSet catalog, string address, UserId user, ProjectId? project) =>
    [
        .. from service in catalog.Services
           where service.Enabled
           let endpoints = catalog.Endpoints.Where(endpoint => endpoint.ServiceId == service.Id && endpoint.Enabled)
               .Select(endpoint => Endpoint(endpoint, EndpointUrls.Fill(endpoint.Url, address, user, project))).OfType<object>().ToArray()
           where endpoints.Length > 0 || !catalog.IsChosen
           select new { endpoints, id = service.Id, type = service.Type, name = service.Name ?? "" },
    ];

    private static Dictionary<string, object?>? Endpoint(EndpointState endpoint, string? url) => url is null ? null
        : new Dictionary<string, object?>
        {
            ["id"] = endpoint.Id,
            ["interface"] = endpoint.Interface,
            ["region_id"] = endpoint.RegionId,
            ["url"] = url,
            ["region"] = endpoint.RegionId,
        }.WithExtra(endpoint.Extra);

    // Where others have a say in who has a role, Keystone shows the whole of it.
    private static object Role(RoleState role, TokenPayload payload) => payload is { TrustId: null, IdentityProviderId: null }
        ? Named(role.Id.Text, role.Name)
        : Lending.Short(role);

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
