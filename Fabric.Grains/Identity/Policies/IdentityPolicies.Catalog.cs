using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

public static partial class IdentityPolicies
{
    // Services, endpoints and regions.
    public static readonly PolicyRule GetEndpoint = Reader("identity:get_endpoint", "Get endpoint.", "GET /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule ListEndpoints = Reader("identity:list_endpoints", "List endpoints.", "GET /v3/endpoints");
    public static readonly PolicyRule CreateEndpoint = Admin("identity:create_endpoint", "Create endpoint.", "POST /v3/endpoints");
    public static readonly PolicyRule UpdateEndpoint =
        Admin("identity:update_endpoint", "Update endpoint.", "PATCH /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule DeleteEndpoint =
        Admin("identity:delete_endpoint", "Delete endpoint.", "DELETE /v3/endpoints/{endpoint_id}");
    public static readonly PolicyRule GetRegion =
        new("identity:get_region", IdentityChecks.Anybody, "Get region.", "GET /v3/regions/{region_id}") { Scopes = Everywhere };
    public static readonly PolicyRule ListRegions =
        new("identity:list_regions", IdentityChecks.Anybody, "List regions.", "GET /v3/regions") { Scopes = Everywhere };
    public static readonly PolicyRule CreateRegion =
        Admin("identity:create_region", "Create region.", "POST /v3/regions", "PUT /v3/regions/{region_id}");
    public static readonly PolicyRule UpdateRegion = Admin("identity:update_region", "Update region.", "PATCH /v3/regions/{region_id}");
    public static readonly PolicyRule DeleteRegion = Admin("identity:delete_region", "Delete region.", "DELETE /v3/regions/{region_id}");
    public static readonly PolicyRule GetService = Reader("identity:get_service", "Get service.", "GET /v3/services/{service_id}");
    public static readonly PolicyRule ListServices = Reader("identity:list_services", "List services.", "GET /v3/services");
    public static readonly PolicyRule CreateService = Admin("identity:create_service", "Create service.", "POST /v3/services");
    public static readonly PolicyRule UpdateService =
        Admin("identity:update_service", "Update service.", "PATCH /v3/services/{service_id}");
    public static readonly PolicyRule DeleteService =
        Admin("identity:delete_service", "Delete service.", "DELETE /v3/services/{service_id}");
}
