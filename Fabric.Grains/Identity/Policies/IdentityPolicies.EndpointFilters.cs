using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Which endpoints and policies go with which projects and services.
    public static readonly PolicyRule CreateEndpointGroup =
        Admin("identity:create_endpoint_group", "Create endpoint group.", "POST /v3/OS-EP-FILTER/endpoint_groups");
    public static readonly PolicyRule ListEndpointGroups =
        Reader("identity:list_endpoint_groups", "List endpoint groups.", "GET /v3/OS-EP-FILTER/endpoint_groups");
    public static readonly PolicyRule GetEndpointGroup =
        Reader("identity:get_endpoint_group", "Get endpoint group.", "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}");
    public static readonly PolicyRule UpdateEndpointGroup =
        Admin("identity:update_endpoint_group", "Update endpoint group.", "PATCH /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}");
    public static readonly PolicyRule DeleteEndpointGroup =
        Admin("identity:delete_endpoint_group", "Delete endpoint group.",
            "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}");
    public static readonly PolicyRule ListProjectsAssociatedWithEndpointGroup =
        Reader("identity:list_projects_associated_with_endpoint_group", "List projects associated with endpoint group.",
            "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects");
    public static readonly PolicyRule ListEndpointsAssociatedWithEndpointGroup =
        Reader("identity:list_endpoints_associated_with_endpoint_group", "List endpoints associated with endpoint group.",
            "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints");
    public static readonly PolicyRule GetEndpointGroupInProject =
        Reader("identity:get_endpoint_group_in_project", "Get endpoint group in project.",
            "GET /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}");
    public static readonly PolicyRule ListEndpointGroupsForProject =
        Reader("identity:list_endpoint_groups_for_project", "List endpoint groups for project.",
            "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoint_groups");
    public static readonly PolicyRule AddEndpointGroupToProject =
        Admin("identity:add_endpoint_group_to_project", "Add endpoint group to project.",
            "PUT /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}");
    public static readonly PolicyRule RemoveEndpointGroupFromProject =
        Admin("identity:remove_endpoint_group_from_project", "Remove endpoint group from project.",
            "DELETE /v3/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}");
    public static readonly PolicyRule GetPolicy = Reader("identity:get_policy", "Get policy.", "GET /v3/policies/{policy_id}");
    public static readonly PolicyRule ListPolicies = Reader("identity:list_policies", "List policies.", "GET /v3/policies");
    public static readonly PolicyRule CreatePolicy = Admin("identity:create_policy", "Create policy.", "POST /v3/policies");
    public static readonly PolicyRule UpdatePolicy = Admin("identity:update_policy", "Update policy.", "PATCH /v3/policies/{policy_id}");
    public static readonly PolicyRule DeletePolicy = Admin("identity:delete_policy", "Delete policy.", "DELETE /v3/policies/{policy_id}");
    public static readonly PolicyRule CreatePolicyAssociationForEndpoint =
        Admin("identity:create_policy_association_for_endpoint", "Create policy association for endpoint.",
            "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}");
    public static readonly PolicyRule CheckPolicyAssociationForEndpoint =
        Reader("identity:check_policy_association_for_endpoint", "Check policy association for endpoint.",
            "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}");
    public static readonly PolicyRule DeletePolicyAssociationForEndpoint =
        Admin("identity:delete_policy_association_for_endpoint", "Delete policy association for endpoint.",
            "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}");
    public static readonly PolicyRule CreatePolicyAssociationForService =
        Admin("identity:create_policy_association_for_service", "Create policy association for service.",
            "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}");
    public static readonly PolicyRule CheckPolicyAssociationForService =
        Reader("identity:check_policy_association_for_service", "Check policy association for service.",
            "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}");
    public static readonly PolicyRule DeletePolicyAssociationForService =
        Admin("identity:delete_policy_association_for_service", "Delete policy association for service.",
            "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}");
    public static readonly PolicyRule CreatePolicyAssociationForRegionAndService =
        Admin("identity:create_policy_association_for_region_and_service", "Create policy association for region and service.",
            "PUT /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}");
    public static readonly PolicyRule CheckPolicyAssociationForRegionAndService =
        Reader("identity:check_policy_association_for_region_and_service", "Check policy association for region and service.",
            "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}");
    public static readonly PolicyRule DeletePolicyAssociationForRegionAndService =
        Admin("identity:delete_policy_association_for_region_and_service", "Delete policy association for region and service.",
            "DELETE /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}");
    public static readonly PolicyRule GetPolicyForEndpoint =
        Reader("identity:get_policy_for_endpoint", "Get policy for endpoint.",
            "GET /v3/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy");
    public static readonly PolicyRule ListEndpointsForPolicy =
        Reader("identity:list_endpoints_for_policy", "List endpoints for policy.",
            "GET /v3/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints");
    public static readonly PolicyRule ListProjectsForEndpoint =
        Reader("identity:list_projects_for_endpoint", "List projects for endpoint.",
            "GET /v3/OS-EP-FILTER/endpoints/{endpoint_id}/projects");
    public static readonly PolicyRule AddEndpointToProject =
        Admin("identity:add_endpoint_to_project", "Add endpoint to project.",
            "PUT /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}");
    public static readonly PolicyRule CheckEndpointInProject =
        Reader("identity:check_endpoint_in_project", "Check endpoint in project.",
            "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}");
    public static readonly PolicyRule ListEndpointsForProject =
        Reader("identity:list_endpoints_for_project", "List endpoints for project.",
            "GET /v3/OS-EP-FILTER/projects/{project_id}/endpoints");
    public static readonly PolicyRule RemoveEndpointFromProject =
        Admin("identity:remove_endpoint_from_project", "Remove endpoint from project.",
            "DELETE /v3/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}");
}
