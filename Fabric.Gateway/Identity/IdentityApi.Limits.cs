using static Fabric.Grains.Identity.IdentityPolicies;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Identity;

/// <content>Limits, and settings of user domains.</content>
internal static partial class IdentityApi
{
    private static Route[] Limits() =>
    [
        new("GET", "/registered_limits", RegisteredLimitEndpoints.List, ListRegisteredLimits),
        new("POST", "/registered_limits", RegisteredLimitEndpoints.Create, CreateRegisteredLimits)
            { Body = IdentitySchemas.Limits.CreateRegistered },
        new("GET", "/registered_limits/{registered_limit_id}", RegisteredLimitEndpoints.Show, GetRegisteredLimit),
        new("PATCH", "/registered_limits/{registered_limit_id}", RegisteredLimitEndpoints.Update, UpdateRegisteredLimit)
            { Body = IdentitySchemas.Limits.UpdateRegistered },
        new("DELETE", "/registered_limits/{registered_limit_id}", RegisteredLimitEndpoints.Delete, DeleteRegisteredLimit),
        new("GET", "/limits", LimitEndpoints.List, ListLimits),
        new("POST", "/limits", LimitEndpoints.Create, CreateLimits) { Body = IdentitySchemas.Limits.Create },
        new("GET", "/limits/model", LimitEndpoints.Model, GetLimitModel),
        new("GET", "/limits/{limit_id}", LimitEndpoints.Show, GetLimit),
        new("PATCH", "/limits/{limit_id}", LimitEndpoints.Update, UpdateLimit)
        {
            Body = IdentitySchemas.Limits.Update, Sought = SoughtFirst.Limit,
        },
        new("DELETE", "/limits/{limit_id}", LimitEndpoints.Delete, DeleteLimit) { Sought = SoughtFirst.Limit },
    ];

    private static Route[] DomainConfigs() =>
    [
        new("PUT", "/domains/{domain_id}/config", DomainConfigEndpoints.Put, CreateDomainConfig)
            { Body = IdentitySchemas.Limits.Anything },
        .. DomainConfigOf("/domains/{domain_id}/config"),
        .. DomainConfigOf("/domains/{domain_id}/config/{group}"),
        .. DomainConfigOf("/domains/{domain_id}/config/{group}/{option}"),
        new("GET", "/domains/config/default", DomainConfigEndpoints.Default, GetDomainConfigDefault),
        new("GET", "/domains/config/{group}/default", DomainConfigEndpoints.Default, GetDomainConfigDefault),
        new("GET", "/domains/config/{group}/{option}/default", DomainConfigEndpoints.Default, GetDomainConfigDefault),
    ];

    private static Route[] DomainConfigOf(string path) =>
    [
        new("GET", path, DomainConfigEndpoints.Show, GetSecurityComplianceDomainConfig),
        new("PATCH", path, DomainConfigEndpoints.Update, UpdateDomainConfig) { Body = IdentitySchemas.Limits.Anything },
        new("DELETE", path, DomainConfigEndpoints.Delete, DeleteDomainConfig),
    ];
}
