using Fabric.Grains.Kernel;

namespace Fabric.Grains.Compute;

/// <summary>Who may do what to servers, under nova's names and with its defaults (source: <c>nova/policies</c>).</summary>
public static class ServerPolicies
{
    public static readonly PolicyRule Index = Reader("servers:index", "List all servers.", "GET /servers");
    public static readonly PolicyRule Detail =
        Reader("servers:detail", "List all servers with detailed information.", "GET /servers/detail");
    public static readonly PolicyRule IndexAllTenants =
        Admin("servers:index:get_all_tenants", "List all servers for all projects.", "GET /servers");
    public static readonly PolicyRule DetailAllTenants =
        Admin("servers:detail:get_all_tenants", "List all servers with detailed information for all projects.", "GET /servers/detail");
    public static readonly PolicyRule AllowAllFilters =
        Admin("servers:allow_all_filters", "Allow all filters when listing servers.", "GET /servers", "GET /servers/detail");
    public static readonly PolicyRule Show = Reader("servers:show", "Show a server.", "GET /servers/{server_id}");
    public static readonly PolicyRule ShowExtraSpecs =
        Reader(
            "servers:show:flavor-extra-specs", "See the extra specs of a server's flavor.", "GET /servers/{server_id}",
            "GET /servers/detail")
        .Formerly("os_compute_api:os-flavor-extra-specs:index", "rule:admin_or_owner");
    public static readonly PolicyRule ShowHostStatus =
        Admin("servers:show:host_status", "See whether a server's host is up.", "GET /servers/{server_id}", "GET /servers/detail");
    public static readonly PolicyRule Create = Member("servers:create", "Create a server.", "POST /servers");
    public static readonly PolicyRule CreateForcedHost =
        Admin("servers:create:forced_host", "Create a server on the specified host.", "POST /servers");
    public static readonly PolicyRule CreateOnDestination =
        new("compute:servers:create:requested_destination", ComputeChecks.Admin, "Create a server on a host if the filters let it.",
            "POST /servers") { Scopes = PolicyScopes.Project };
    public static readonly PolicyRule CreateAttachNetwork =
        Member("servers:create:attach_network", "Create a server with networks.", "POST /servers");
    public static readonly PolicyRule CreateZeroDisk =
        Admin("servers:create:zero_disk_flavor", "Create a server of a flavor without a disk from an image.", "POST /servers");
    public static readonly PolicyRule Delete = Member("servers:delete", "Delete a server.", "DELETE /servers/{server_id}");
    public static readonly PolicyRule Update = Member("servers:update", "Update a server.", "PUT /servers/{server_id}");
    public static readonly PolicyRule Reboot = Member("servers:reboot", "Reboot a server.", "POST /servers/{server_id}/action (reboot)");
    public static readonly PolicyRule Start = Member("servers:start", "Start a server.", "POST /servers/{server_id}/action (os-start)");
    public static readonly PolicyRule Stop = Member("servers:stop", "Stop a server.", "POST /servers/{server_id}/action (os-stop)");
    public static readonly PolicyRule Pause =
        Member("os-pause-server:pause", "Pause a server.", "POST /servers/{server_id}/action (pause)");
    public static readonly PolicyRule Unpause =
        Member("os-pause-server:unpause", "Unpause a paused server.", "POST /servers/{server_id}/action (unpause)");
    public static readonly PolicyRule Suspend =
        Member("os-suspend-server:suspend", "Suspend a server.", "POST /servers/{server_id}/action (suspend)");
    public static readonly PolicyRule Resume =
        Member("os-suspend-server:resume", "Resume a suspended server.", "POST /servers/{server_id}/action (resume)");
    public static readonly PolicyRule ExtendedAttributes = Admin(
        "os-extended-server-attributes", "See where a server lives.", "GET /servers/{server_id}", "GET /servers/detail");
    public static readonly PolicyRule ConsoleOutput =
        Member("os-console-output", "Show a server's console output.", "POST /servers/{server_id}/action (os-getConsoleOutput)");
    public static readonly PolicyRule Lock = Member("os-lock-server:lock", "Lock a server.", "POST /servers/{server_id}/action (lock)");
    public static readonly PolicyRule Unlock =
        Member("os-lock-server:unlock", "Unlock a server.", "POST /servers/{server_id}/action (unlock)");
    public static readonly PolicyRule UnlockOverride = Admin(
        "os-lock-server:unlock:unlock_override", "Unlock a server, whoever locked it.", "POST /servers/{server_id}/action (unlock)");
    public static readonly PolicyRule ResetState = Admin(
        "os-admin-actions:reset_state", "Reset the state of a server.", "POST /servers/{server_id}/action (os-resetState)");
    public static readonly PolicyRule ListMetadata =
        Reader("server-metadata:index", "List all metadata of a server.", "GET /servers/{server_id}/metadata");
    public static readonly PolicyRule ShowMetadata =
        Reader("server-metadata:show", "Show metadata for a server.", "GET /servers/{server_id}/metadata/{key}");
    public static readonly PolicyRule CreateMetadata =
        Member("server-metadata:create", "Create metadata for a server.", "POST /servers/{server_id}/metadata");
    public static readonly PolicyRule ReplaceMetadata =
        Member("server-metadata:update_all", "Replace metadata for a server.", "PUT /servers/{server_id}/metadata");
    public static readonly PolicyRule UpdateMetadata =
        Member("server-metadata:update", "Update metadata from a server.", "PUT /servers/{server_id}/metadata/{key}");
    public static readonly PolicyRule DeleteMetadata =
        Member("server-metadata:delete", "Delete metadata from a server.", "DELETE /servers/{server_id}/metadata/{key}");
    public static readonly PolicyRule ListTags =
        Reader("os-server-tags:index", "List all tags of a server.", "GET /servers/{server_id}/tags");
    public static readonly PolicyRule ShowTag =
        Reader("os-server-tags:show", "Check whether a server has a tag.", "GET /servers/{server_id}/tags/{tag}");
    public static readonly PolicyRule AddTag =
        Member("os-server-tags:update", "Add a tag to a server.", "PUT /servers/{server_id}/tags/{tag}");
    public static readonly PolicyRule ReplaceTags =
        Member("os-server-tags:update_all", "Replace the tags of a server.", "PUT /servers/{server_id}/tags");
    public static readonly PolicyRule DeleteTag =
        Member("os-server-tags:delete", "Delete a tag from a server.", "DELETE /servers/{server_id}/tags/{tag}");
    public static readonly PolicyRule DeleteTags =
        Member("os-server-tags:delete_all", "Delete all tags of a server.", "DELETE /servers/{server_id}/tags");
    public static readonly PolicyRule ListActions =
        Reader("os-instance-actions:list", "List actions for a server.", "GET /servers/{server_id}/os-instance-actions")
        .Formerly("os_compute_api:os-instance-actions", "rule:admin_or_owner");
    public static readonly PolicyRule ShowAction =
        Reader("os-instance-actions:show", "Show an action for a server.", "GET /servers/{server_id}/os-instance-actions/{request_id}")
        .Formerly("os_compute_api:os-instance-actions", "rule:admin_or_owner");
    public static readonly PolicyRule ActionEvents =
        Admin("os-instance-actions:events", "See the events of an action.", "GET /servers/{server_id}/os-instance-actions/{request_id}");
    public static readonly PolicyRule ActionEventDetails =
        Admin(
            "os-instance-actions:events:details", "See the details of an event.",
            "GET /servers/{server_id}/os-instance-actions/{request_id}");
    public static readonly PolicyRule ListInterfaces =
        Reader("os-attach-interfaces:list", "List port interfaces of a server.", "GET /servers/{server_id}/os-interface")
        .Formerly("os_compute_api:os-attach-interfaces", "rule:admin_or_owner");
    public static readonly PolicyRule ShowInterface =
        Reader("os-attach-interfaces:show", "Show a port interface of a server.", "GET /servers/{server_id}/os-interface/{port_id}")
        .Formerly("os_compute_api:os-attach-interfaces", "rule:admin_or_owner");
    public static readonly PolicyRule ListSecurityGroups =
        Reader("os-security-groups:list", "List security groups of a server.", "GET /servers/{server_id}/os-security-groups")
        .Formerly("os_compute_api:os-security-groups", "rule:admin_or_owner");
    public static readonly PolicyRule GetSecurityGroups =
        Reader("os-security-groups:get", "List security groups. This API is deprecated.", "GET /os-security-groups")
        .Formerly("os_compute_api:os-security-groups", "rule:admin_or_owner");
    public static readonly PolicyRule ShowSecurityGroup = Reader(
        "os-security-groups:show", "Show security group. This API is deprecated.", "GET /os-security-groups/{security_group_id}")
        .Formerly("os_compute_api:os-security-groups", "rule:admin_or_owner");
    public static readonly PolicyRule AddSecurityGroup =
        Member("os-security-groups:add", "Add security groups to server.", "POST /servers/{server_id}/action (addSecurityGroup)")
        .Formerly("os_compute_api:os-security-groups", "rule:admin_or_owner");
    public static readonly PolicyRule RemoveSecurityGroup = Member(
        "os-security-groups:remove", "Remove security groups from server.", "POST /servers/{server_id}/action (removeSecurityGroup)")
        .Formerly("os_compute_api:os-security-groups", "rule:admin_or_owner");
    public static readonly PolicyRule ListIps = Reader("ips:index", "List addresses of a server.", "GET /servers/{server_id}/ips");
    public static readonly PolicyRule ShowIps =
        Reader("ips:show", "Show addresses of a server on a network.", "GET /servers/{server_id}/ips/{network_label}");
    public static readonly PolicyRule ListVolumes =
        Reader("os-volumes-attachments:index", "List volume attachments of a server.", "GET /servers/{server_id}/os-volume_attachments");

    private static PolicyRule Reader(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.ProjectReaderOrAdmin, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Member(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.ProjectMemberOrAdmin, description, operations) { Scopes = PolicyScopes.Project };

    private static PolicyRule Admin(string name, string description, params string[] operations) =>
        new("os_compute_api:" + name, ComputeChecks.Admin, description, operations) { Scopes = PolicyScopes.Project };
}
