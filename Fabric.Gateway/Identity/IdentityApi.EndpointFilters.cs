using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <content>Which endpoints a project sees, and which policies hold for them.</content>
internal static partial class IdentityApi
{
    private static Route[] EndpointFilters()
    {
        const string Groups = "/OS-EP-FILTER/endpoint_groups";
        const string Group = Groups + "/{endpoint_group_id}";
        const string Project = "/OS-EP-FILTER/projects/{project_id}";
        return
        [
            new("GET", Groups, EndpointGroupEndpoints.List, ListEndpointGroups),
            new("POST", Groups, EndpointGroupEndpoints.Create, CreateEndpointGroup)
                { Body = IdentitySchemas.Limits.CreateEndpointGroup },
            new("GET", Group, EndpointGroupEndpoints.Show, GetEndpointGroup),
            new("PATCH", Group, EndpointGroupEndpoints.Update, UpdateEndpointGroup)
                { Body = IdentitySchemas.Limits.UpdateEndpointGroup },
            new("DELETE", Group, EndpointGroupEndpoints.Delete, DeleteEndpointGroup),
            new("GET", Group + "/endpoints", EndpointGroupEndpoints.Endpoints, ListEndpointsAssociatedWithEndpointGroup),
            new("GET", Group + "/projects", EndpointGroupEndpoints.Projects, ListProjectsAssociatedWithEndpointGroup),
            new("GET", Group + "/projects/{project_id}", EndpointGroupEndpoints.ShowInProject, GetEndpointGroupInProject),
            new("PUT", Group + "/projects/{project_id}", EndpointGroupEndpoints.AddToProject, AddEndpointGroupToProject),
            new("DELETE", Group + "/projects/{project_id}", EndpointGroupEndpoints.RemoveFromProject, RemoveEndpointGroupFromProject),
            new("GET", "/OS-EP-FILTER/endpoints/{endpoint_id}/projects", EndpointFilterEndpoints.Projects,
                ListProjectsForEndpoint),
            new("GET", Project + "/endpoint_groups", EndpointFilterEndpoints.Groups, ListEndpointGroupsForProject),
            new("GET", Project + "/endpoints", EndpointFilterEndpoints.Endpoints, ListEndpointsForProject),
            new("GET", Project + "/endpoints/{endpoint_id}", EndpointFilterEndpoints.Check, CheckEndpointInProject),
            new("PUT", Project + "/endpoints/{endpoint_id}", EndpointFilterEndpoints.Add, AddEndpointToProject),
            new("DELETE", Project + "/endpoints/{endpoint_id}", EndpointFilterEndpoints.Remove, RemoveEndpointFromProject),
        ];
    }

    private static Route[] Policies()
    {
        const string Held = "/policies/{policy_id}/OS-ENDPOINT-POLICY";
        return
        [
            new("GET", "/policies", PolicyEndpoints.List, ListPolicies),
            new("POST", "/policies", PolicyEndpoints.Create, CreatePolicy) { Body = IdentitySchemas.Limits.CreatePolicy },
            new("GET", "/policies/{policy_id}", PolicyEndpoints.Show, GetPolicy),
            new("PATCH", "/policies/{policy_id}", PolicyEndpoints.Update, UpdatePolicy)
                { Body = IdentitySchemas.Limits.UpdatePolicy },
            new("DELETE", "/policies/{policy_id}", PolicyEndpoints.Delete, DeletePolicy),
            new("GET", Held + "/endpoints", PolicyEndpoints.Endpoints, ListEndpointsForPolicy),
            new("GET", "/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy", PolicyEndpoints.OfEndpoint, GetPolicyForEndpoint),
            .. PolicyAt(Held + "/endpoints/{endpoint_id}", CheckPolicyAssociationForEndpoint, CreatePolicyAssociationForEndpoint,
                DeletePolicyAssociationForEndpoint),
            .. PolicyAt(Held + "/services/{service_id}", CheckPolicyAssociationForService, CreatePolicyAssociationForService,
                DeletePolicyAssociationForService),
            .. PolicyAt(Held + "/services/{service_id}/regions/{region_id}", CheckPolicyAssociationForRegionAndService,
                CreatePolicyAssociationForRegionAndService, DeletePolicyAssociationForRegionAndService),
        ];
    }

    private static Route[] PolicyAt(string path, PolicyRule check, PolicyRule set, PolicyRule unset) =>
    [
        new("GET", path, PolicyEndpoints.Check, check),
        new("PUT", path, PolicyEndpoints.Set, set),
        new("DELETE", path, PolicyEndpoints.Unset, unset),
    ];
}
