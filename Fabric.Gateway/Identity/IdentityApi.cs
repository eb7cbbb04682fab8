using Fabric.Gateway.Http;
using Fabric.Gateway.Identity.Tokens;
using Fabric.Gateway.Policy;
using Fabric.Grains.Identity;
using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <summary><c>/identity/v3</c>, as Keystone.</summary>
internal static partial class IdentityApi
{
    /// <summary>Where it begins.</summary>
    internal const string Root = "/identity/v3";

    internal static ServiceApi Api { get; } = new()
    {
        Type = "identity",
        Name = "keystone",
        Prefix = Root,
        CatalogPath = "/identity",
        Policies = ServicePolicies.Keystone,
        Faults = new IdentityFaultStyle(),
        Vary = "X-Auth-Token",
        LimitsEveryBody = true,
        Routes =
        [
            .. Seen(
            [
                .. Auth(), .. Users(), .. Projects(), .. Domains(), .. Groups(), .. Roles(), .. Grants(), .. Catalog(), .. Limits(),
                .. DomainConfigs(), .. EndpointFilters(), .. Policies(), .. Delegations(),
                .. FederationRoutes(),
            ]),
        ],
        Discovery =
        [
            new("GET", "/", DiscoveryEndpoints.Services, Discover),
            new("GET", "/identity", DiscoveryEndpoints.Versions, Discover),
            new("GET", Root, DiscoveryEndpoints.Version, Discover),
        ],
    };

    internal static IServiceCollection AddIdentityApi(this IServiceCollection services)
    {
        services.AddTokens();
        services.AddSingleton<PasswordProof>();
        services.AddDelegations();
        services.AddFederation();
        return services;
    }

    private static Route[] Auth() =>
    [
        new("POST", "/auth/tokens", TokenEndpoints.Create, IssueToken) { Body = IdentitySchemas.IssueToken },
        new("GET", "/auth/tokens", TokenEndpoints.Show, ValidateToken),
        new("DELETE", "/auth/tokens", TokenEndpoints.Revoke, RevokeToken),
        new("GET", "/auth/catalog", AuthEndpoints.Catalog, AuthCatalog),
        new("GET", "/auth/projects", AuthEndpoints.Projects, AuthProjects),
        new("GET", "/auth/domains", AuthEndpoints.Domains, AuthDomains),
        new("GET", "/auth/system", AuthEndpoints.Systems, AuthSystem),
    ];

    private static Route[] Users() =>
    [
        new("GET", "/users", UserEndpoints.List, ListUsers),
        new("POST", "/users", UserEndpoints.Create, CreateUser) { Body = IdentitySchemas.CreateUser },
        new("GET", "/users/{user_id}", UserEndpoints.Show, GetUser),
        new("PATCH", "/users/{user_id}", UserEndpoints.Update, UpdateUser) { Body = IdentitySchemas.UpdateUser },
        new("DELETE", "/users/{user_id}", UserEndpoints.Delete, DeleteUser),
        new("POST", "/users/{user_id}/password", UserEndpoints.ChangePassword, ChangePassword) { Body = IdentitySchemas.ChangePassword },
        new("GET", "/users/{user_id}/projects", UserEndpoints.Projects, ListUserProjects),
    ];

    private static Route[] Projects() =>
    [
        new("GET", "/projects", ProjectEndpoints.List, ListProjects),
        new("POST", "/projects", ProjectEndpoints.Create, CreateProject) { Body = IdentitySchemas.CreateProject },
        new("GET", "/projects/{project_id}", ProjectEndpoints.Show, GetProject),
        new("PATCH", "/projects/{project_id}", ProjectEndpoints.Update, UpdateProject) { Body = IdentitySchemas.UpdateProject },
        new("DELETE", "/projects/{project_id}", ProjectEndpoints.Delete, DeleteProject),
        new("GET", "/projects/{project_id}/tags", TagEndpoints.List, ListTags),
        new("PUT", "/projects/{project_id}/tags", TagEndpoints.Replace, UpdateTags) { Body = IdentitySchemas.UpdateTags },
        new("DELETE", "/projects/{project_id}/tags", TagEndpoints.Clear, DeleteTags),
        new("GET", "/projects/{project_id}/tags/{value}", TagEndpoints.Show, GetTag),
        new("PUT", "/projects/{project_id}/tags/{value}", TagEndpoints.Add, CreateTag),
        new("DELETE", "/projects/{project_id}/tags/{value}", TagEndpoints.Remove, DeleteTag),
    ];

    private static Route[] Domains() =>
    [
        new("GET", "/domains", DomainEndpoints.List, ListDomains),
        new("POST", "/domains", DomainEndpoints.Create, CreateDomain) { Body = IdentitySchemas.CreateDomain },
        new("GET", "/domains/{domain_id}", DomainEndpoints.Show, GetDomain),
        new("PATCH", "/domains/{domain_id}", DomainEndpoints.Update, UpdateDomain)
        {
            Body = IdentitySchemas.UpdateDomain, Sought = SoughtFirst.Domain,
        },
        new("DELETE", "/domains/{domain_id}", DomainEndpoints.Delete, DeleteDomain) { Sought = SoughtFirst.Domain },
    ];

    private static Route[] Roles() =>
    [
        new("GET", "/roles", RoleEndpoints.List, ListRoles) { Rule = RoleEndpoints.RuleOfList },
        new("POST", "/roles", RoleEndpoints.Create, CreateRole) { Body = IdentitySchemas.CreateRole, Rule = RoleEndpoints.RuleOfNew },
        new("GET", "/roles/{role_id}", RoleEndpoints.Show, GetRole) { AskedLater = true, Sought = SoughtFirst.Role },
        new("PATCH", "/roles/{role_id}", RoleEndpoints.Update, UpdateRole)
        {
            Body = IdentitySchemas.UpdateRole, Rule = RoleEndpoints.RuleOfChange, Sought = SoughtFirst.Role,
        },
        new("DELETE", "/roles/{role_id}", RoleEndpoints.Delete, DeleteRole) { AskedLater = true, Sought = SoughtFirst.Role },
        .. ImpliedRoles().Select(static route => route with { Sought = ImpliedRoleEndpoints.Required }),
        new("GET", "/role_inferences", ImpliedRoleEndpoints.ListAll, ListInferences),
        new("GET", "/role_assignments", RoleAssignmentEndpoints.List, ListAssignments) { AskedLater = true },
    ];

    private static Route[] ImpliedRoles() =>
    [
        new("GET", "/roles/{prior_role_id}/implies", ImpliedRoleEndpoints.List, ListImplied),
        new("GET", "/roles/{prior_role_id}/implies/{implied_role_id}", ImpliedRoleEndpoints.Show, GetImplied),
        new("HEAD", "/roles/{prior_role_id}/implies/{implied_role_id}", ImpliedRoleEndpoints.Check, CheckImplied),
        new("PUT", "/roles/{prior_role_id}/implies/{implied_role_id}", ImpliedRoleEndpoints.Create, CreateImplied),
        new("DELETE", "/roles/{prior_role_id}/implies/{implied_role_id}", ImpliedRoleEndpoints.Delete, DeleteImplied),
    ];

    private static Route[] Catalog() =>
    [
        new("GET", "/services", ServiceEndpoints.List, ListServices),
        new("POST", "/services", ServiceEndpoints.Create, CreateService) { Body = IdentitySchemas.CreateService },
        new("GET", "/services/{service_id}", ServiceEndpoints.Show, GetService),
        new("PATCH", "/services/{service_id}", ServiceEndpoints.Update, UpdateService) { Body = IdentitySchemas.UpdateService },
        new("DELETE", "/services/{service_id}", ServiceEndpoints.Delete, DeleteService),
        new("GET", "/endpoints", EndpointEndpoints.List, ListEndpoints),
        new("POST", "/endpoints", EndpointEndpoints.Create, CreateEndpoint) { Body = IdentitySchemas.CreateEndpoint },
        new("GET", "/endpoints/{endpoint_id}", EndpointEndpoints.Show, GetEndpoint) { Sought = SoughtFirst.Endpoint },
        new("PATCH", "/endpoints/{endpoint_id}", EndpointEndpoints.Update, UpdateEndpoint)
        {
            Body = IdentitySchemas.UpdateEndpoint, Sought = SoughtFirst.Endpoint,
        },
        new("DELETE", "/endpoints/{endpoint_id}", EndpointEndpoints.Delete, DeleteEndpoint) { Sought = SoughtFirst.Endpoint },
        new("GET", "/regions", RegionEndpoints.List, ListRegions),
        new("POST", "/regions", RegionEndpoints.Create, CreateRegion) { Body = IdentitySchemas.CreateRegion },
        new("GET", "/regions/{region_id}", RegionEndpoints.Show, GetRegion),
        new("PUT", "/regions/{region_id}", RegionEndpoints.Put, CreateRegion) { Body = IdentitySchemas.CreateRegion },
        new("PATCH", "/regions/{region_id}", RegionEndpoints.Update, UpdateRegion) { Body = IdentitySchemas.UpdateRegion },
        new("DELETE", "/regions/{region_id}", RegionEndpoints.Delete, DeleteRegion),
    ];
}
