using Fabric.Gateway.Http;
using Fabric.Gateway.Http.Schemas;
using Fabric.Gateway.Policy;
using Fabric.Grains.Compute;
using Route = Fabric.Gateway.Http.Route;

namespace Fabric.Gateway.Compute;

/// <summary>The compute service: every route, nothing else.</summary>
internal static class ComputeApi
{
    internal static readonly ServiceApi Api = new()
    {
        Type = "compute",
        Name = "nova",
        Prefix = "/compute/v2.1",
        Microversions = ComputeMicroversions.Window,
        RequestIdHeader = "X-Compute-Request-Id",
        Policies = ServicePolicies.Nova,
        Faults = new ComputeFaultBody(),
        Discovery =
        [
            new("GET", "/compute", VersionEndpoints.All, ComputePolicies.Versions),
            new("GET", "/compute/v2.1", VersionEndpoints.Current, ComputePolicies.Versions),
        ],
        Routes = [.. General(), .. Servers(), .. Actions(), .. PartsOfServers(), .. Quotas(), .. NodeRoutes.Lines],
    };

    /// <summary>Registers what the handlers need.</summary>
    internal static IServiceCollection AddCompute(this IServiceCollection services)
    {
        services.AddOptions<MetadataOptions>();
        return services.AddSingleton<FlavorLists>();
    }

    private static Route[] General() =>
    [
        new("GET", "/extensions", VersionEndpoints.Extensions, ComputePolicies.Extensions),
        new("GET", "/flavors", FlavorEndpoints.List, ComputePolicies.Flavors),
        new("GET", "/flavors/detail", FlavorEndpoints.Detail, ComputePolicies.Flavors),
        new("POST", "/flavors", FlavorEndpoints.Create, ComputePolicies.CreateFlavor) { Body = ComputeSchemas.CreateFlavor },
        new("GET", "/flavors/{flavor_id}", FlavorEndpoints.Show, ComputePolicies.Flavors),
        new("PUT", "/flavors/{flavor_id}", FlavorEndpoints.Update, ComputePolicies.UpdateFlavor)
        {
            Since = "2.55", Body = ComputeSchemas.UpdateFlavor,
        },
        new("DELETE", "/flavors/{flavor_id}", FlavorEndpoints.Delete, ComputePolicies.DeleteFlavor),
        new("GET", "/flavors/{flavor_id}/os-flavor-access", FlavorEndpoints.Access, ComputePolicies.FlavorAccess),
        new("POST", "/flavors/{flavor_id}/action", FlavorEndpoints.AddAccess, ComputePolicies.AddFlavorAccess)
        {
            Action = "addTenantAccess", Body = ComputeSchemas.AddTenantAccess,
        },
        new("POST", "/flavors/{flavor_id}/action", FlavorEndpoints.RemoveAccess, ComputePolicies.RemoveFlavorAccess)
        {
            Action = "removeTenantAccess", Body = ComputeSchemas.RemoveTenantAccess,
        },
        new("GET", "/flavors/{flavor_id}/os-extra_specs", FlavorEndpoints.ListExtraSpecs, ComputePolicies.ListExtraSpecs),
        new("POST", "/flavors/{flavor_id}/os-extra_specs", FlavorEndpoints.CreateExtraSpecs, ComputePolicies.CreateExtraSpecs)
        {
            Body = ComputeSchemas.CreateExtraSpecs,
        },
        new("GET", "/flavors/{flavor_id}/os-extra_specs/{key}", FlavorEndpoints.ShowExtraSpec, ComputePolicies.ShowExtraSpec),
        new("PUT", "/flavors/{flavor_id}/os-extra_specs/{key}", FlavorEndpoints.UpdateExtraSpec, ComputePolicies.UpdateExtraSpec)
        {
            Body = ComputeSchemas.UpdateExtraSpec,
        },
        new("DELETE", "/flavors/{flavor_id}/os-extra_specs/{key}", FlavorEndpoints.DeleteExtraSpec, ComputePolicies.DeleteExtraSpec),
        new("GET", "/os-keypairs", KeyPairEndpoints.List, ComputePolicies.ListKeyPairs),
        new("POST", "/os-keypairs", KeyPairEndpoints.Create, ComputePolicies.CreateKeyPair) { Body = ComputeSchemas.CreateKeyPair },
        new("GET", "/os-keypairs/{name}", KeyPairEndpoints.Show, ComputePolicies.ShowKeyPair),
        new("DELETE", "/os-keypairs/{name}", KeyPairEndpoints.Delete, ComputePolicies.DeleteKeyPair),
        new("GET", "/os-server-groups", ServerGroupEndpoints.List, ComputePolicies.ListServerGroups),
        new("POST", "/os-server-groups", ServerGroupEndpoints.Create, ComputePolicies.CreateServerGroup)
        {
            Body = ComputeSchemas.CreateServerGroup,
        },
        new("GET", "/os-server-groups/{group_id}", ServerGroupEndpoints.Show, ComputePolicies.ShowServerGroup),
        new("DELETE", "/os-server-groups/{group_id}", ServerGroupEndpoints.Delete, ComputePolicies.DeleteServerGroup),
    ];

    private static Route[] Servers() =>
    [
        new("GET", "/servers", ServerEndpoints.List, ServerPolicies.Index),
        new("GET", "/servers/detail", ServerEndpoints.Detail, ServerPolicies.Detail),
        new("POST", "/servers", ServerEndpoints.Create, ServerPolicies.Create) { Body = ServerSchemas.Create },
        new("GET", "/servers/{server_id}", ServerEndpoints.Show, ServerPolicies.Show),
        new("PUT", "/servers/{server_id}", ServerEndpoints.Update, ServerPolicies.Update) { Body = ServerSchemas.Update },
        new("DELETE", "/servers/{server_id}", ServerEndpoints.Delete, ServerPolicies.Delete),
    ];

    private static Route[] Actions() =>
    [
        Action("os-start", ServerActionEndpoints.Start, ServerPolicies.Start),
        Action("os-stop", ServerActionEndpoints.Stop, ServerPolicies.Stop),
        Action("pause", ServerActionEndpoints.Pause, ServerPolicies.Pause),
        Action("unpause", ServerActionEndpoints.Unpause, ServerPolicies.Unpause),
        Action("suspend", ServerActionEndpoints.Suspend, ServerPolicies.Suspend),
        Action("resume", ServerActionEndpoints.Resume, ServerPolicies.Resume),
        Action("reboot", ServerActionEndpoints.Reboot, ServerPolicies.Reboot, ServerSchemas.Reboot),
        Action("os-getConsoleOutput", ServerActionEndpoints.ConsoleOutput, ServerPolicies.ConsoleOutput, ServerSchemas.ConsoleOutput),
        Action("lock", ServerActionEndpoints.Lock, ServerPolicies.Lock, ServerSchemas.Lock),
        Action("unlock", ServerActionEndpoints.Unlock, ServerPolicies.Unlock),
        Action("os-resetState", ServerActionEndpoints.ResetState, ServerPolicies.ResetState, ServerSchemas.ResetState),
        Action("addSecurityGroup", ServerNetworkEndpoints.AddSecurityGroup, ServerPolicies.AddSecurityGroup),
        Action("removeSecurityGroup", ServerNetworkEndpoints.RemoveSecurityGroup, ServerPolicies.RemoveSecurityGroup),
        Action("forceDelete", ServerActionEndpoints.ForceDelete, ServerPolicies.Delete),
    ];

    private static Route[] PartsOfServers() =>
    [
        new("GET", "/servers/{server_id}/metadata", ServerMetadataEndpoints.List, ServerPolicies.ListMetadata),
        new("POST", "/servers/{server_id}/metadata", ServerMetadataEndpoints.Merge, ServerPolicies.CreateMetadata)
        {
            Body = ServerSchemas.Metadata,
        },
        new("PUT", "/servers/{server_id}/metadata", ServerMetadataEndpoints.Replace, ServerPolicies.ReplaceMetadata)
        {
            Body = ServerSchemas.Metadata,
        },
        new("GET", "/servers/{server_id}/metadata/{key}", ServerMetadataEndpoints.Show, ServerPolicies.ShowMetadata),
        new("PUT", "/servers/{server_id}/metadata/{key}", ServerMetadataEndpoints.Update, ServerPolicies.UpdateMetadata)
        {
            Body = ServerSchemas.MetadataItem,
        },
        new("DELETE", "/servers/{server_id}/metadata/{key}", ServerMetadataEndpoints.Delete, ServerPolicies.DeleteMetadata),
        new("GET", "/servers/{server_id}/tags", ServerTagEndpoints.List, ServerPolicies.ListTags) { Since = "2.26" },
        new("PUT", "/servers/{server_id}/tags", ServerTagEndpoints.Replace, ServerPolicies.ReplaceTags)
        {
            Since = "2.26", Body = ServerSchemas.Tags,
        },
        new("DELETE", "/servers/{server_id}/tags", ServerTagEndpoints.DeleteAll, ServerPolicies.DeleteTags) { Since = "2.26" },
        new("GET", "/servers/{server_id}/tags/{tag}", ServerTagEndpoints.Show, ServerPolicies.ShowTag) { Since = "2.26" },
        new("PUT", "/servers/{server_id}/tags/{tag}", ServerTagEndpoints.Add, ServerPolicies.AddTag) { Since = "2.26" },
        new("DELETE", "/servers/{server_id}/tags/{tag}", ServerTagEndpoints.Delete, ServerPolicies.DeleteTag) { Since = "2.26" },
        new("GET", "/servers/{server_id}/os-instance-actions", InstanceActionEndpoints.List, ServerPolicies.ListActions),
        new("GET", "/servers/{server_id}/os-instance-actions/{request_id}", InstanceActionEndpoints.Show, ServerPolicies.ShowAction),
        new("GET", "/servers/{server_id}/os-interface", ServerNetworkEndpoints.Interfaces, ServerPolicies.ListInterfaces),
        new("GET", "/servers/{server_id}/os-interface/{port_id}", ServerNetworkEndpoints.Interface, ServerPolicies.ShowInterface),
        new("GET", "/servers/{server_id}/os-security-groups", SecurityGroupEndpoints.OfServer, ServerPolicies.ListSecurityGroups),
        new("GET", "/servers/{server_id}/ips", ServerNetworkEndpoints.Addresses, ServerPolicies.ListIps),
        new("GET", "/servers/{server_id}/ips/{label}", ServerNetworkEndpoints.AddressesOn, ServerPolicies.ShowIps),
        new("GET", "/servers/{server_id}/os-volume_attachments", ServerNetworkEndpoints.Volumes, ServerPolicies.ListVolumes),
    ];

    private static Route[] Quotas() =>
    [
        new("GET", "/os-security-groups", SecurityGroupEndpoints.List, ServerPolicies.GetSecurityGroups) { Until = "2.35" },
        new("GET", "/os-security-groups/{security_group_id}", SecurityGroupEndpoints.Show, ServerPolicies.ShowSecurityGroup)
        {
            Until = "2.35",
        },
        new("GET", "/limits", QuotaEndpoints.Limits, ComputePolicies.Limits),
        new("GET", "/os-quota-sets/{project_id}", QuotaEndpoints.Show, ComputePolicies.ShowQuota),
        new("GET", "/os-quota-sets/{project_id}/detail", QuotaEndpoints.Detail, ComputePolicies.DetailQuota),
        new("GET", "/os-quota-sets/{project_id}/defaults", QuotaEndpoints.Defaults, ComputePolicies.DefaultQuota),
        new("PUT", "/os-quota-sets/{project_id}", QuotaEndpoints.Update, ComputePolicies.UpdateQuota) { Body = ComputeSchemas.UpdateQuota },
        new("DELETE", "/os-quota-sets/{project_id}", QuotaEndpoints.Delete, ComputePolicies.DeleteQuota),
        new("GET", "/os-quota-class-sets/{name}", QuotaEndpoints.ShowClass, ComputePolicies.ShowQuotaClass),
        new("PUT", "/os-quota-class-sets/{name}", QuotaEndpoints.UpdateClass, ComputePolicies.UpdateQuotaClass)
        {
            Body = ComputeSchemas.UpdateQuotaClass,
        },
    ];

    private static Route Action(string name, Handler handler, PolicyRule policy, IReadOnlyList<BodySchema>? body = null) =>
        new("POST", "/servers/{server_id}/action", handler, policy) { Action = name, Body = body };
}
