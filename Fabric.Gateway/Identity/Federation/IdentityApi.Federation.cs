using Fabric.Gateway.Identity.Federation;
using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <content>Federation: <c>/OS-FEDERATION</c> and <c>/auth/OS-FEDERATION</c>.</content>
internal static partial class IdentityApi
{
    private const string Providers = "/OS-FEDERATION/identity_providers";
    private const string Protocols = Providers + "/{idp_id}/protocols";
    private const string Mappings = "/OS-FEDERATION/mappings";
    private const string ServiceProviders = "/OS-FEDERATION/service_providers";

    private const string Login = Protocols + "/{protocol_id}/auth";
    private const string Websso = Protocols + "/{protocol_id}/websso";
    private const string Saml = "/auth/OS-FEDERATION/saml2";

    private static Route[] FederationRoutes() =>
    [
        new("GET", Providers, ProviderEndpoints.List, ListIdentityProviders),
        new("GET", Providers + "/{idp_id}", ProviderEndpoints.Show, GetIdentityProvider),
        new("PUT", Providers + "/{idp_id}", ProviderEndpoints.Create, CreateIdentityProvider) { Body = FederationSchemas.CreateProvider },
        new("PATCH", Providers + "/{idp_id}", ProviderEndpoints.Update, UpdateIdentityProvider) { Body = FederationSchemas.UpdateProvider },
        new("DELETE", Providers + "/{idp_id}", ProviderEndpoints.Delete, DeleteIdentityProvider),
        new("GET", Protocols, ProtocolEndpoints.List, ListProtocols),
        new("GET", Protocols + "/{protocol_id}", ProtocolEndpoints.Show, GetProtocol),
        new("PUT", Protocols + "/{protocol_id}", ProtocolEndpoints.Create, CreateProtocol) { Body = FederationSchemas.CreateProtocol },
        new("PATCH", Protocols + "/{protocol_id}", ProtocolEndpoints.Update, UpdateProtocol) { Body = FederationSchemas.UpdateProtocol },
        new("DELETE", Protocols + "/{protocol_id}", ProtocolEndpoints.Delete, DeleteProtocol),
        new("GET", Mappings, MappingEndpoints.List, ListMappings),
        new("GET", Mappings + "/{mapping_id}", MappingEndpoints.Show, GetMapping),
        new("PUT", Mappings + "/{mapping_id}", MappingEndpoints.Create, CreateMapping) { Body = FederationSchemas.SetMapping },
        new("PATCH", Mappings + "/{mapping_id}", MappingEndpoints.Update, UpdateMapping) { Body = FederationSchemas.SetMapping },
        new("DELETE", Mappings + "/{mapping_id}", MappingEndpoints.Delete, DeleteMapping),
        new("GET", ServiceProviders, ServiceProviderEndpoints.List, ListServiceProviders),
        new("GET", ServiceProviders + "/{sp_id}", ServiceProviderEndpoints.Show, GetServiceProvider),
        new("PUT", ServiceProviders + "/{sp_id}", ServiceProviderEndpoints.Create, CreateServiceProvider)
            { Body = FederationSchemas.CreateServiceProvider },
        new("PATCH", ServiceProviders + "/{sp_id}", ServiceProviderEndpoints.Update, UpdateServiceProvider)
            { Body = FederationSchemas.UpdateServiceProvider },
        new("DELETE", ServiceProviders + "/{sp_id}", ServiceProviderEndpoints.Delete, DeleteServiceProvider),
        new("GET", "/OS-FEDERATION/projects", AuthEndpoints.Projects, AuthProjects),
        new("GET", "/OS-FEDERATION/domains", AuthEndpoints.Domains, AuthDomains),
        new("GET", Login, FederationAuthEndpoints.Login, LogInFederated) { Streams = true },
        new("POST", Login, FederationAuthEndpoints.Login, LogInFederated) { Streams = true },
        new("GET", "/auth" + Websso, FederationAuthEndpoints.WebssoOfProvider, LogInFederated) { Streams = true },
        new("POST", "/auth" + Websso, FederationAuthEndpoints.WebssoOfProvider, LogInFederated) { Streams = true },
        new("GET", "/auth/OS-FEDERATION/websso/{protocol_id}", FederationAuthEndpoints.Websso, LogInFederated) { Streams = true },
        new("POST", "/auth/OS-FEDERATION/websso/{protocol_id}", FederationAuthEndpoints.Websso, LogInFederated) { Streams = true },
        new("GET", "/OS-FEDERATION/saml2/metadata", SamlIssuerEndpoints.Metadata, GetSamlMetadata),
        new("GET", Saml, SamlIssuerEndpoints.NotAllowed, CreateSamlAssertion),
        new("POST", Saml, SamlIssuerEndpoints.Assertion, CreateSamlAssertion) { Body = FederationSchemas.CreateSamlAssertion },
        new("GET", Saml + "/ecp", SamlIssuerEndpoints.NotAllowed, CreateSamlAssertion),
        new("POST", Saml + "/ecp", SamlIssuerEndpoints.Envelope, CreateSamlAssertion) { Body = FederationSchemas.CreateSamlAssertion },
    ];

    private static void AddFederation(this IServiceCollection services)
    {
        services.AddSingleton<RemoteKeys>();
        services.AddSingleton<JwtVerifier>();
        services.AddSingleton<OpenIdProvider>();
        services.AddSingleton<OpenIdProof>();
        services.AddSingleton<OpenIdBrowser>();
        services.AddSingleton<BrowserLogin>();
        services.AddSingleton<SamlRequestIds>();
        services.AddSingleton<AssertionReader>();
        services.AddSingleton<ShadowUsers>();
        services.AddSingleton<FederatedLogin>();
        services.AddSingleton<FederatedRescope>();
        services.AddSingleton<SamlRequests>();
        services.AddSingleton<SamlIssuer>();
    }
}
