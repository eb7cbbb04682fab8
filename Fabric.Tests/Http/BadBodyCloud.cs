using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fabric.Gateway;
using Fabric.Gateway.Http;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Http;

/// <summary>A cloud with one of everything, so that a bad body meets the thing it is sent to, and not a 404 before it is read.</summary>
public sealed class BadBodyCloud : CloudFixture, IAsyncLifetime
{
    private readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);

    /// <summary>Every line of every service.</summary>
    internal static IEnumerable<(ServiceApi Service, Route Route)> Lines =>
        GatewayHosting.Services.SelectMany(static service => service.Routes.Select(route => (service, route)));

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        await MakeIdentity();
        await MakeNetwork();
        await MakeCompute();
        await MakePlacement();
    }

    /// <summary>The path of a line, at the things that are there.</summary>
    internal string Path(Route route) => Fill(route.Path, name => ids.GetValueOrDefault(
        name is "id" or "group_id" or "name" or "key" ? $"{route.Path.Split('/')[1]}/{name}" : name, "nothing"));

    /// <summary>A body that the line would take.</summary>
    internal string Sample(Route route)
    {
        var key = route.Action ?? $"{route.Method} {route.Path}";
        if (Samples.TryGetValue(key, out var sample) || Samples.TryGetValue($"{route.Method} /{route.Path.Split('/')[1]}", out sample))
            return Regex.Replace(sample, "<([a-z_/-]+)>", match => ids[match.Groups[1].Value]);
        return route.Action is { } action ? $$"""{"{{action}}":null}""" : "{\"x\":1}";
    }

    internal static string Fill(string path, Func<string, string> value) =>
        Regex.Replace(path, @"\{([^}]*)\}", match => value(match.Groups[1].Value));

    internal static string ContentType(Route route) => route switch
    {
        { Method: "PATCH", Path: "/images/{image_id}" } => "application/openstack-images-v2.1-json-patch",
        { Streams: true } => "application/octet-stream",
        _ => "application/json",
    };

    private async Task MakeIdentity()
    {
        const string Root = "/identity/v3";
        await Make("project_id", Root + "/projects", "project", new { name = "fuzzed" });
        await Make("domain_id", Root + "/domains", "domain", new { name = "fuzzed" });
        await Make("user_id", Root + "/users", "user", new { name = "fuzzed", password = "x" });
        await Make("role_id", Root + "/roles", "role", new { name = "fuzzed" });
        await Make("prior_role_id", Root + "/roles", "role", new { name = "prior" });
        await Make("implied_role_id", Root + "/roles", "role", new { name = "implied" });
        await Make("service_id", Root + "/services", "service", new { type = "fuzzed" });
        await Make("region_id", Root + "/regions", "region", new { id = "fuzzed" });
        await Make("endpoint_id", Root + "/endpoints", "endpoint",
            new { service_id = ids["service_id"], @interface = "public", url = "http://x", region_id = "fuzzed" });
        ids["value"] = ids["tag"] = "fuzzed";
        ids["image_id"] = (await Made("/image/v2/images", new { name = "fuzzed", disk_format = "raw", container_format = "bare" }))
            .GetProperty("id").GetString()!;
        ids["member_id"] = ids["project_id"];
        await Made($"/image/v2/images/{ids["image_id"]}/members", new { member = ids["project_id"] });
    }

    private async Task MakeNetwork()
    {
        const string Root = "/networking/v2.0";
        ids["external"] = (await Made(Root + "/networks", new { network = new Dictionary<string, object> { ["router:external"] = true } }))
            .GetProperty("network").GetProperty("id").GetString()!;
        await Made(Root + "/subnets", new { subnet = new { network_id = ids["external"], ip_version = 4, cidr = "203.0.113.0/24" } });
        await Make("networks/id", Root + "/networks", "network", new { name = "fuzzed" });
        await Make("subnets/id", Root + "/subnets", "subnet", new { network_id = ids["networks/id"], ip_version = 4,
            cidr = "10.9.0.0/16" });
        await Make("ports/id", Root + "/ports", "port", new { network_id = ids["networks/id"] });
        await Make("routers/id", Root + "/routers", "router", new { external_gateway_info = new { network_id = ids["external"] } });
        await Make("floatingips/id", Root + "/floatingips", "floatingip", new { floating_network_id = ids["external"] });
        await Make("security-groups/id", Root + "/security-groups", "security_group", new { name = "fuzzed" });
        await Make("security-group-rules/id", Root + "/security-group-rules", "security_group_rule",
            new { security_group_id = ids["security-groups/id"], direction = "ingress" });
        ids["quotas/id"] = ids["project_id"];
    }

    private async Task MakeCompute()
    {
        const string Root = "/compute/v2.1";
        await Make("flavor_id", Root + "/flavors", "flavor", new { name = "fuzzed", ram = 64, vcpus = 1, disk = 1 });
        await Make("flavors/key", Root + $"/flavors/{ids["flavor_id"]}/os-extra_specs", "", new { extra_specs = new { key = "x" } });
        ids["flavors/key"] = ids["servers/key"] = "key";
        await Made(Root + "/os-keypairs", new { keypair = new { name = "fuzzed" } });
        ids["os-keypairs/name"] = "fuzzed";
        ids["os-quota-class-sets/name"] = "fuzzed";
        await Make("os-server-groups/group_id", Root + "/os-server-groups", "server_group",
            new { name = "fuzzed", policies = new[] { "affinity" } });
        await Make("server_id", Root + "/servers", "server", new
        {
            name = "fuzzed", flavorRef = ids["flavor_id"], imageRef = await ReadyImage(),
            networks = new[] { new { uuid = ids["networks/id"] } },
            metadata = new { key = "x" },
        });
        var nodes = await (await Admin.GetAsync(new Uri(Root + "/os-hypervisors", UriKind.Relative))).Json(200);
        ids["os-hypervisors/id"] = nodes.GetProperty("hypervisors")[0].GetProperty("id").ToString();
    }

    private async Task MakePlacement()
    {
        const string Root = "/placement";
        using var made = await Admin.PostAsJsonAsync(Root + "/resource_providers", new { name = "fuzzed", uuid = Guid.NewGuid() });
        made.EnsureSuccessStatusCode();
        ids["uuid"] = made.Headers.Location!.ToString().Split('/')[^1];
        ids["resource_class"] = "VCPU";
        ids["traits/name"] = "CUSTOM_FUZZED";
        ids["resource_classes/name"] = "CUSTOM_FUZZED";
        ids["consumer_uuid"] = Guid.NewGuid().ToString();
    }

    private async Task<string> ReadyImage()
    {
        var image = (await Made("/image/v2/images", new { name = "ready", disk_format = "raw", container_format = "bare" }))
            .GetProperty("id").GetString()!;
        using var bytes = new ByteArrayContent(new byte[512]);
        bytes.Headers.ContentType = new("application/octet-stream");
        (await Admin.PutAsync($"/image/v2/images/{image}/file", bytes)).EnsureSuccessStatusCode();
        return image;
    }

    private async Task Make(string key, string path, string envelope, object body)
    {
        var made = await Made(path, envelope.Length == 0 ? body : new Dictionary<string, object> { [envelope] = body });
        if (envelope.Length > 0)
            ids[key] = made.GetProperty(envelope).GetProperty("id").GetString()!;
    }

    private async Task<JsonElement> Made(string path, object body)
    {
        using var answer = await Admin.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Bodies with something of each kind in them, by line, or for all lines of a collection. <c>&lt;name&gt;</c> is an
    /// id.</summary>
    private static readonly Dictionary<string, string> Samples = new(StringComparer.Ordinal)
    {
        ["POST /auth/tokens"] = """
            {"auth":{"identity":{"methods":["password","token"],"token":{"id":"x"},"password":{"user":{"name":"fuzzed","id":"<user_id>",
            "domain":{"id":"default","name":"Default"},"password":"x"}}},"scope":{"project":{"id":"<project_id>","name":"fuzzed",
            "domain":{"id":"default"}},"domain":{"id":"default"},"system":{"all":true}}}}
            """,
        ["POST /users"] = """
            {"user":{"name":"a","password":"x","domain_id":"default","default_project_id":"<project_id>","enabled":true,"description":"d",
            "options":{"ignore_lockout_failure_attempts":true},"email":"e"}}
            """,
        ["PATCH /users"] = """{"user":{"name":"fuzzed","password":"x","enabled":true,"default_project_id":null,"email":"e"}}""",
        ["POST /users/{user_id}/password"] = """{"user":{"original_password":"x","password":"x"}}""",
        ["POST /projects"] = """
            {"project":{"name":"p","domain_id":"default","parent_id":"<project_id>","is_domain":false,"enabled":true,"tags":["a"],
            "options":{},"x":1}}
            """,
        ["PATCH /projects"] = """{"project":{"name":"fuzzed","enabled":true,"description":"d","tags":["a"],"parent_id":"<project_id>"}}""",
        ["PUT /projects"] = """{"tags":["a","b"]}""",
        ["POST /domains"] = """{"domain":{"name":"d","enabled":false,"description":"d","tags":["a"],"options":{}}}""",
        ["PATCH /domains"] = """{"domain":{"name":"fuzzed","enabled":true,"description":"d"}}""",
        ["POST /roles"] = """{"role":{"name":"r","domain_id":"<domain_id>","description":"d","options":{"immutable":true}}}""",
        ["PATCH /roles"] = """{"role":{"name":"fuzzed","description":"d","options":{"immutable":false}}}""",
        ["POST /services"] = """{"service":{"type":"t","name":"n","enabled":true,"description":"d","x":{}}}""",
        ["PATCH /services"] = """{"service":{"type":"t","name":"n","enabled":true}}""",
        ["POST /endpoints"] = """
            {"endpoint":{"service_id":"<service_id>","interface":"public","url":"http://x/%(project_id)s","region_id":"fuzzed",
            "enabled":true}}
            """,
        ["PATCH /endpoints"] = """{"endpoint":{"url":"http://x","interface":"admin","region_id":"fuzzed","enabled":true}}""",
        ["POST /regions"] = """{"region":{"id":"r","description":"d","parent_region_id":"fuzzed"}}""",
        ["PUT /regions"] = """{"region":{"description":"d","parent_region_id":"fuzzed"}}""",
        ["PATCH /regions"] = """{"region":{"description":"d","parent_region_id":null}}""",
        ["POST /images"] = """
            {"name":"i","visibility":"private","protected":false,"os_hidden":false,"owner":"<project_id>","disk_format":"raw",
            "container_format":"bare","tags":["a"],"min_ram":1,"min_disk":1,"id":"7f1c6f8a-0000-4000-8000-000000000001","free":"x"}
            """,
        ["POST /images/{image_id}/members"] = """{"member":"another"}""",
        ["PUT /images/{image_id}/members/{member_id}"] = """{"status":"accepted"}""",
        ["PATCH /images/{image_id}"] = """
            [{"op":"replace","path":"/name","value":"n"},{"op":"add","path":"/free/~1x","value":"v"},{"op":"add","path":"/tags/-",
            "value":"t"},
            {"op":"remove","path":"/free"},{"op":"replace","path":"/min_ram","value":1},{"op":"replace","path":"/tags","value":["a"]}]
            """,
        ["POST /flavors"] = """
            {"flavor":{"name":"f","id":"f","ram":64,"vcpus":1,"disk":1,"swap":0,"OS-FLV-EXT-DATA:ephemeral":0,"rxtx_factor":1.0,
            "os-flavor-access:is_public":true,"description":"d"}}
            """,
        ["PUT /flavors/{flavor_id}"] = """{"flavor":{"description":"d"}}""",
        ["addTenantAccess"] = """{"addTenantAccess":{"tenant":"<project_id>"}}""",
        ["removeTenantAccess"] = """{"removeTenantAccess":{"tenant":"<project_id>"}}""",
        ["POST /flavors/{flavor_id}/os-extra_specs"] = """{"extra_specs":{"hw:cpu_policy":"shared","x":1}}""",
        ["PUT /flavors/{flavor_id}/os-extra_specs/{key}"] = """{"key":"v"}""",
        ["POST /os-keypairs"] = """{"keypair":{"name":"k","type":"ssh","public_key":"ssh-rsa AAAA x","user_id":"<user_id>"}}""",
        ["POST /os-server-groups"] = """{"server_group":{"name":"g","policy":"anti-affinity","rules":{"max_server_per_host":1}}}""",
        ["POST /servers"] = """
            {"server":{"name":"s","flavorRef":"<flavor_id>","imageRef":"<image_id>","networks":[{"uuid":"<networks/id>",
            "fixed_ip":"10.9.0.7",
            "tag":"t"},{"port":"<ports/id>"}],"key_name":"fuzzed","metadata":{"a":"b"},"min_count":1,"max_count":1,"user_data":"eA==",
            "config_drive":true,"availability_zone":"nova","security_groups":[{"name":"default"}],"tags":["a"],"description":"d",
            "accessIPv4":"1.1.1.1","accessIPv6":"::1","adminPass":"p","hostname":"h","trusted_image_certificates":["c"],
            "host":"sim-0001","OS-DCF:diskConfig":"AUTO","block_device_mapping_v2":[{"boot_index":0,"uuid":"<image_id>",
            "source_type":"image",
            "destination_type":"local","delete_on_termination":true,"volume_size":1}]},
            "os:scheduler_hints":{"group":"<os-server-groups/group_id>","same_host":["<server_id>"]}}
            """,
        ["PUT /servers/{server_id}"] = """
            {"server":{"name":"n","description":"d","accessIPv4":"1.1.1.1","accessIPv6":"::1","OS-DCF:diskConfig":"AUTO","hostname":"h"}}
            """,
        ["reboot"] = """{"reboot":{"type":"SOFT"}}""",
        ["os-getConsoleOutput"] = """{"os-getConsoleOutput":{"length":5}}""",
        ["lock"] = """{"lock":{"locked_reason":"r"}}""",
        ["os-resetState"] = """{"os-resetState":{"state":"active"}}""",
        ["POST /servers/{server_id}/metadata"] = """{"metadata":{"a":"b"}}""",
        ["PUT /servers/{server_id}/metadata"] = """{"metadata":{"a":"b"}}""",
        ["PUT /servers/{server_id}/metadata/{key}"] = """{"meta":{"key":"b"}}""",
        ["PUT /servers/{server_id}/tags"] = """{"tags":["a","b"]}""",
        ["PUT /os-quota-sets"] = """{"quota_set":{"cores":1,"instances":1,"force":true,"ram":1}}""",
        ["PUT /os-quota-class-sets"] = """{"quota_class_set":{"cores":1,"instances":1}}""",
        ["PUT /os-services"] = """
            {"host":"sim-0001","binary":"nova-compute","status":"enabled","disabled_reason":"x",
            "forced_down":false}
            """,
        ["POST /networks"] = """
            {"network":{"name":"n","description":"d","admin_state_up":true,"shared":false,"router:external":false,"mtu":1400,
            "provider:network_type":"vxlan","provider:segmentation_id":77,"port_security_enabled":true,"availability_zone_hints":["nova"],
            "dns_domain":"x.org.","project_id":"<project_id>","is_default":false}}
            """,
        ["PUT /networks"] = """{"network":{"name":"n","admin_state_up":true,"shared":false,"mtu":1400,"port_security_enabled":true}}""",
        ["POST /subnets"] = """
            {"subnet":{"network_id":"<networks/id>","ip_version":4,"cidr":"10.77.0.0/24","name":"n","gateway_ip":"10.77.0.1",
            "enable_dhcp":true,
            "allocation_pools":[{"start":"10.77.0.10","end":"10.77.0.20"}],"dns_nameservers":["9.9.9.9"],
            "host_routes":[{"destination":"10.1.0.0/24","nexthop":"10.77.0.9"}],"service_types":["compute:nova"],
            "ipv6_ra_mode":"slaac","ipv6_address_mode":"slaac","prefixlen":24,"subnetpool_id":null}}
            """,
        ["PUT /subnets"] = """
            {"subnet":{"name":"n","gateway_ip":"10.9.0.1","enable_dhcp":true,"allocation_pools":[{"start":"10.9.0.2","end":"10.9.9.9"}],
            "dns_nameservers":["9.9.9.9"],"host_routes":[{"destination":"10.1.0.0/24","nexthop":"10.9.0.9"}],"service_types":[]}}
            """,
        ["POST /ports"] = """
            {"port":{"network_id":"<networks/id>","name":"n","admin_state_up":true,"mac_address":"fa:16:3e:00:00:77","device_id":"d",
            "device_owner":"o","fixed_ips":[{"subnet_id":"<subnets/id>","ip_address":"10.9.0.77"}],
            "security_groups":["<security-groups/id>"],
            "allowed_address_pairs":[{"ip_address":"1.1.1.1/32","mac_address":"fa:16:3e:00:00:78"}],"port_security_enabled":true,
            "extra_dhcp_opts":[{"opt_name":"x","opt_value":"y","ip_version":4}],"binding:host_id":"sim-0001","binding:vnic_type":"normal",
            "binding:profile":{"a":1},"dns_name":"x","tags":["a"],"project_id":"<project_id>"}}
            """,
        ["PUT /ports"] = """
            {"port":{"name":"n","admin_state_up":true,"fixed_ips":[{"ip_address":"10.9.0.78"}],"security_groups":["<security-groups/id>"],
            "allowed_address_pairs":[{"ip_address":"1.1.1.1/32"}],"port_security_enabled":true,"binding:profile":{},"device_id":"d",
            "extra_dhcp_opts":[{"opt_name":"x","opt_value":null}],"dns_name":"x","mac_address":"fa:16:3e:00:00:79"}}
            """,
        ["POST /routers"] = """
            {"router":{"name":"n","admin_state_up":true,"external_gateway_info":{"network_id":"<external>","enable_snat":true,
            "external_fixed_ips":[{"ip_address":"203.0.113.77"}]},"availability_zone_hints":["nova"]}}
            """,
        ["PUT /routers/{id}"] = """
            {"router":{"name":"n","admin_state_up":true,"routes":[{"destination":"10.2.0.0/24","nexthop":"10.9.0.9"}],
            "external_gateway_info":{"network_id":"<external>","enable_snat":true,"external_fixed_ips":[{"ip_address":"203.0.113.78"}]}}}
            """,
        ["PUT /routers/{id}/add_router_interface"] = """{"subnet_id":"<subnets/id>"}""",
        ["PUT /routers/{id}/remove_router_interface"] = """{"subnet_id":"<subnets/id>","port_id":"<ports/id>"}""",
        ["PUT /routers/{id}/add_extraroutes"] = """{"router":{"routes":[{"destination":"10.2.0.0/24","nexthop":"10.9.0.9"}]}}""",
        ["PUT /routers/{id}/remove_extraroutes"] = """{"router":{"routes":[{"destination":"10.2.0.0/24","nexthop":"10.9.0.9"}]}}""",
        ["POST /floatingips"] = """
            {"floatingip":{"floating_network_id":"<external>","port_id":"<ports/id>","fixed_ip_address":"10.9.0.78","description":"d",
            "floating_ip_address":"203.0.113.79","subnet_id":"<subnets/id>","dns_name":"x","dns_domain":"y.","tags":["a"]}}
            """,
        ["PUT /floatingips"] = """{"floatingip":{"port_id":"<ports/id>","fixed_ip_address":"10.9.0.78","description":"d"}}""",
        ["POST /security-groups"] = """{"security_group":{"name":"n","description":"d","stateful":true,"project_id":"<project_id>"}}""",
        ["PUT /security-groups"] = """{"security_group":{"name":"n","description":"d","stateful":true}}""",
        ["POST /security-group-rules"] = """
            {"security_group_rule":{"security_group_id":"<security-groups/id>","direction":"ingress","ethertype":"IPv4","protocol":"tcp",
            "port_range_min":1,"port_range_max":2,"remote_ip_prefix":"10.0.0.0/8","remote_group_id":"<security-groups/id>",
            "description":"d"}}
            """,
        ["PUT /networks/{id}/tags"] = """{"tags":["a"]}""",
        ["PUT /ports/{id}/tags"] = """{"tags":["a"]}""",
        ["PUT /quotas"] = """{"quota":{"network":1,"port":2,"check_limit":true}}""",
        ["POST /resource_providers"] = """{"name":"p","uuid":"7f1c6f8a-0000-4000-8000-000000000002","parent_provider_uuid":"<uuid>"}""",
        ["PUT /resource_providers/{uuid}"] = """{"name":"fuzzed","parent_provider_uuid":null}""",
        ["PUT /resource_providers/{uuid}/aggregates"] = """{"aggregates":["<consumer_uuid>"],"resource_provider_generation":0}""",
        ["PUT /resource_providers/{uuid}/traits"] = """{"traits":["HW_CPU_X86_AVX"],"resource_provider_generation":0}""",
        ["POST /resource_providers/{uuid}/inventories"] = """{"resource_class":"VCPU","total":8,"reserved":1,"allocation_ratio":1.5}""",
        ["PUT /resource_providers/{uuid}/inventories"] = """
            {"resource_provider_generation":0,"inventories":{"VCPU":{"total":8,"reserved":1,"min_unit":1,"max_unit":8,"step_size":1,
            "allocation_ratio":1.5}}}
            """,
        ["PUT /resource_providers/{uuid}/inventories/{resource_class}"] = """
            {"resource_provider_generation":0,"total":8,"reserved":1,"min_unit":1,"max_unit":8,"step_size":1,"allocation_ratio":1.5}
            """,
        ["POST /resource_classes"] = """{"name":"CUSTOM_X"}""",
        ["PUT /allocations/{consumer_uuid}"] = """
            {"allocations":{"<uuid>":{"resources":{"VCPU":1},"generation":1}},"mappings":{"":["<uuid>"]},"project_id":"p","user_id":"u",
            "consumer_generation":null,"consumer_type":"INSTANCE"}
            """,
        ["POST /allocations"] = """
            {"<consumer_uuid>":{"allocations":{"<uuid>":{"resources":{"VCPU":1}}},"project_id":"p","user_id":"u","consumer_generation":null,
            "consumer_type":"INSTANCE"}}
            """,
    };
}
