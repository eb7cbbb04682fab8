using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Who comes with an identity provider's word shows that instead of a token; who carries its token elsewhere has it in the body.
    public static readonly PolicyRule LogInFederated = new("fabric:identity:federated_login", Check.Anyone,
        "Log in by what an identity provider says.", "POST /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth",
        "POST /v3/auth/OS-FEDERATION/websso/{protocol_id}",
        "POST /v3/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/websso");
    public static readonly PolicyRule GetSamlMetadata = new("fabric:identity:get_saml_metadata", Check.Anyone,
        "How this cloud vouches for its users.", "GET /v3/OS-FEDERATION/saml2/metadata");
    public static readonly PolicyRule CreateSamlAssertion = new("fabric:identity:create_saml_assertion", Check.Anyone,
        "Have this cloud vouch for a token's user.", "POST /v3/auth/OS-FEDERATION/saml2", "POST /v3/auth/OS-FEDERATION/saml2/ecp");

    // Identity providers, protocols, mappings and service providers.
    public static readonly PolicyRule CreateIdentityProvider =
        Admin("identity:create_identity_provider", "Create identity provider.", "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}");
    public static readonly PolicyRule ListIdentityProviders =
        Reader("identity:list_identity_providers", "List identity providers.", "GET /v3/OS-FEDERATION/identity_providers");
    public static readonly PolicyRule GetIdentityProvider =
        Reader("identity:get_identity_provider", "Get identity provider.", "GET /v3/OS-FEDERATION/identity_providers/{idp_id}");
    public static readonly PolicyRule UpdateIdentityProvider =
        Admin("identity:update_identity_provider", "Update identity provider.", "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}");
    public static readonly PolicyRule DeleteIdentityProvider =
        Admin("identity:delete_identity_provider", "Delete identity provider.", "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}");
    public static readonly PolicyRule CreateMapping =
        Admin("identity:create_mapping", "Create mapping.", "PUT /v3/OS-FEDERATION/mappings/{mapping_id}");
    public static readonly PolicyRule GetMapping =
        Reader("identity:get_mapping", "Get mapping.", "GET /v3/OS-FEDERATION/mappings/{mapping_id}");
    public static readonly PolicyRule ListMappings = Reader("identity:list_mappings", "List mappings.", "GET /v3/OS-FEDERATION/mappings");
    public static readonly PolicyRule DeleteMapping =
        Admin("identity:delete_mapping", "Delete mapping.", "DELETE /v3/OS-FEDERATION/mappings/{mapping_id}");
    public static readonly PolicyRule UpdateMapping =
        Admin("identity:update_mapping", "Update mapping.", "PATCH /v3/OS-FEDERATION/mappings/{mapping_id}");
    public static readonly PolicyRule CreateProtocol =
        Admin("identity:create_protocol", "Create protocol.",
            "PUT /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}");
    public static readonly PolicyRule UpdateProtocol =
        Admin("identity:update_protocol", "Update protocol.",
            "PATCH /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}");
    public static readonly PolicyRule GetProtocol =
        Reader("identity:get_protocol", "Get protocol.", "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}");
    public static readonly PolicyRule ListProtocols =
        Reader("identity:list_protocols", "List protocols.", "GET /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols");
    public static readonly PolicyRule DeleteProtocol =
        Admin("identity:delete_protocol", "Delete protocol.",
            "DELETE /v3/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}");
    public static readonly PolicyRule CreateServiceProvider =
        Admin("identity:create_service_provider", "Create service provider.",
            "PUT /v3/OS-FEDERATION/service_providers/{service_provider_id}");
    public static readonly PolicyRule ListServiceProviders =
        Reader("identity:list_service_providers", "List service providers.", "GET /v3/OS-FEDERATION/service_providers");
    public static readonly PolicyRule GetServiceProvider =
        Reader("identity:get_service_provider", "Get service provider.",
            "GET /v3/OS-FEDERATION/service_providers/{service_provider_id}");
    public static readonly PolicyRule UpdateServiceProvider =
        Admin("identity:update_service_provider", "Update service provider.",
            "PATCH /v3/OS-FEDERATION/service_providers/{service_provider_id}");
    public static readonly PolicyRule DeleteServiceProvider =
        Admin("identity:delete_service_provider", "Delete service provider.",
            "DELETE /v3/OS-FEDERATION/service_providers/{service_provider_id}");
    public static readonly PolicyRule ListProjectsForUser =
        new("identity:list_projects_for_user", IdentityChecks.Anybody, "List projects for user.", "GET /v3/auth/projects");
    public static readonly PolicyRule ListDomainsForUser =
        new("identity:list_domains_for_user", IdentityChecks.Anybody, "List domains for user.", "GET /v3/auth/domains");
}
