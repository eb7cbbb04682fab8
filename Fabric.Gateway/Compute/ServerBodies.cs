using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary>Servers on the wire. Written straight into bytes: a list of a thousand is a body of megabytes.</summary>
/// <param name="call">The request, whose version and caller decide what is shown.</param>
/// <param name="facts">What is not in the instance's own record.</param>
/// <param name="all">False for the answer of an update before 2.75, which had less.</param>
internal sealed class ServerBodies(Call call, ServerFacts facts, bool all = true)
{
    private readonly Microversion version = call.Microversion;
    private readonly bool showExtended = all && call.Allows(ServerPolicies.ExtendedAttributes);
    private readonly bool showHostStatus = all && call.Microversion >= "2.16" && call.Allows(ServerPolicies.ShowHostStatus);
    private readonly bool showSpecs = call.Microversion >= "2.47" && call.Allows(ServerPolicies.ShowExtraSpecs);
    private readonly Dictionary<(string, ProjectId), string> hostIds = [];

    /// <summary>What a create is answered with.</summary>
    internal static IResult Created(InstanceState server, string adminPass, IReadOnlyList<string> groups, Call call)
    {
        call.Http.Response.Headers.Location = call.Self("servers", server.Id.Text);
        return ComputeJson.Reply(
            json =>
            {
                json.WriteStartObject();
                json.WriteStartObject("server");
                json.WriteString("id", server.Id.Text);
                WriteLinks(json, server, call);
                json.WriteString("OS-DCF:diskConfig", server.AutoDiskConfig ? "AUTO" : "MANUAL");
                WriteGroups(json, groups);
                json.WriteString("adminPass", adminPass);
                json.WriteEndObject();
                json.WriteEndObject();
            },
            202);
    }

    /// <summary>One server.</summary>
    internal IResult Show(InstanceState server) => ComputeJson.Reply(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("server");
        Write(json, server, single: true);
        json.WriteEndObject();
    });

    /// <summary>A page of servers; <paramref name="next"/> is the link to the next one.</summary>
    internal IResult List(IReadOnlyList<InstanceState> servers, string? next, bool detail) => ComputeJson.Reply(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("servers");
        foreach (var server in servers)
        {
            if (detail)
                Write(json, server, single: false);
            else
                WriteBrief(json, server);
        }

        json.WriteEndArray();
        if (next is not null)
        {
            json.WriteStartArray("servers_links");
            json.WriteLink("next", next);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    private static void WriteLinks(Utf8JsonWriter json, InstanceState server, Call call)
    {
        json.WriteStartArray("links");
        json.WriteLink("self", call.Self("servers", server.Id.Text));
        json.WriteLink("bookmark", call.Bookmark("servers", server.Id.Text));
        json.WriteEndArray();
    }

    private static void WriteGroups(Utf8JsonWriter json, IEnumerable<string> groups)
    {
        json.WriteStartArray("security_groups");
        foreach (var group in groups)
        {
            json.WriteStartObject();
            json.WriteString("name", group);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteBrief(Utf8JsonWriter json, InstanceState server)
    {
        json.WriteStartObject();
        json.WriteString("id", server.Id.Text);
        json.WriteString("name", server.Name);
        WriteLinks(json, server, call);
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json, InstanceState server, bool single)
    {
        json.WriteStartObject();
        json.WriteString("id", server.Id.Text);
        json.WriteString("name", server.Name);
        json.WriteString("status", server.Status);
        json.WriteString("tenant_id", server.ProjectId.Text);
        json.WriteString("user_id", server.UserId.Text);
        json.WriteMap("metadata", server.Metadata);
        json.WriteString("hostId", HostId(server));
        WriteImage(json, server);
        WriteFlavor(json, server);
        json.WriteString("created", Wire.Time(server.CreatedAt));
        json.WriteString("updated", Wire.Time(server.UpdatedAt));
        facts.WriteAddresses(json, server, extended: all);
        json.WriteString("accessIPv4", server.AccessIpv4);
        json.WriteString("accessIPv6", server.AccessIpv6);
        WriteLinks(json, server, call);
        json.WriteString("OS-DCF:diskConfig", server.AutoDiskConfig ? "AUTO" : "MANUAL");
        WriteFault(json, server);
        if (server.Status is "ACTIVE" or "BUILD")
            json.WriteNumber("progress", 0);
        if (all)
            WriteExtensions(json, server);
        WriteVersioned(json, server, single);
        json.WriteEndObject();
    }

    private void WriteImage(Utf8JsonWriter json, InstanceState server)
    {
        if (server.Image is not { } image)
        {
            json.WriteString("image", "");
            return;
        }

        json.WriteStartObject("image");
        json.WriteString("id", image.Id.Text);
        json.WriteStartArray("links");
        json.WriteLink("bookmark", call.Bookmark("images", image.Id.Text));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteFlavor(Utf8JsonWriter json, InstanceState server)
    {
        var flavor = server.Flavor;
        json.WriteStartObject("flavor");
        if (version >= "2.47")
        {
            json.WriteNumber("vcpus", flavor.Vcpus);
            json.WriteNumber("ram", flavor.MemoryMiB);
            json.WriteNumber("disk", flavor.RootGiB);
            json.WriteNumber("ephemeral", flavor.EphemeralGiB);
            json.WriteNumber("swap", flavor.SwapMiB);
            json.WriteString("original_name", flavor.Name);
            if (showSpecs)
                json.WriteMap("extra_specs", flavor.ExtraSpecs);
        }
        else
        {
            json.WriteString("id", flavor.Id);
            json.WriteStartArray("links");
            json.WriteLink("bookmark", call.Bookmark("flavors", flavor.Id));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteFault(Utf8JsonWriter json, InstanceState server)
    {
        if (server.Status != "ERROR" || server.Fault is not { } fault)
            return;
        json.WriteStartObject("fault");
        json.WriteNumber("code", fault.Code);
        json.WriteString("created", Wire.Time(fault.CreatedAt));
        json.WriteString("message", fault.Message);
        if (fault.Details is not null && (fault.Code != 500 || call.Caller.IsAdmin))
            json.WriteString("details", fault.Details);
        json.WriteEndObject();
    }

    private void WriteExtensions(Utf8JsonWriter json, InstanceState server)
    {
        json.WriteString("OS-EXT-AZ:availability_zone", server.AvailabilityZone ?? "");
        json.WriteString("config_drive", server.ConfigDrive ? "True" : "");
        json.WriteString("key_name", server.Key?.Name);
        json.WriteString("OS-SRV-USG:launched_at", server.LaunchedAt is { } launched ? Wire.Micros(launched, zulu: false) : null);
        json.WriteNull("OS-SRV-USG:terminated_at");
        if (facts.GroupsOf(server) is { Count: > 0 } groups)
            WriteGroups(json, groups);
        if (showExtended)
            WriteExtended(json, server);
        json.WriteString("OS-EXT-STS:task_state", server.TaskState.Text());
        json.WriteString("OS-EXT-STS:vm_state", server.VmState.Text());
        json.WriteNumber("OS-EXT-STS:power_state", (int)server.PowerState);
        json.WriteStartArray("os-extended-volumes:volumes_attached");
        json.WriteEndArray();
        if (showHostStatus)
            json.WriteString("host_status", facts.HostStatus(server));
    }

    private void WriteExtended(Utf8JsonWriter json, InstanceState server)
    {
        json.WriteString("OS-EXT-SRV-ATTR:host", server.NodeName);
        json.WriteString("OS-EXT-SRV-ATTR:instance_name", server.DomainName);
        json.WriteString("OS-EXT-SRV-ATTR:hypervisor_hostname", server.NodeName);
        if (version < "2.3")
            return;
        json.WriteString("OS-EXT-SRV-ATTR:reservation_id", server.ReservationId);
        json.WriteNumber("OS-EXT-SRV-ATTR:launch_index", server.LaunchIndex);
        json.WriteString("OS-EXT-SRV-ATTR:hostname", server.HostName);
        json.WriteString("OS-EXT-SRV-ATTR:kernel_id", "");
        json.WriteString("OS-EXT-SRV-ATTR:ramdisk_id", "");
        json.WriteString("OS-EXT-SRV-ATTR:root_device_name", "/dev/vda");
        json.WriteString("OS-EXT-SRV-ATTR:user_data", server.UserData);
    }

    private void WriteVersioned(Utf8JsonWriter json, InstanceState server, bool single)
    {
        if (version >= "2.9")
            json.WriteBoolean("locked", server.Locked);
        if (version >= "2.73")
            json.WriteString("locked_reason", server.LockedReason);
        if (version >= "2.19")
            json.WriteString("description", server.Description);
        if (version >= "2.26")
            json.WriteTexts("tags", server.Tags);
        if (version >= "2.63")
            json.WriteNull("trusted_image_certificates");
        if (version >= "2.90" && !showExtended)
            json.WriteString("OS-EXT-SRV-ATTR:hostname", server.HostName);
        if (single && version >= "2.71")
            json.WriteTexts("server_groups", server.ServerGroupId is { } group ? [group] : []);
    }

    /// <summary>Tells a project which of its servers share a host, and nobody which host that is.</summary>
    private string HostId(InstanceState server)
    {
        if (server.NodeName is not { } host)
            return "";
        if (hostIds.TryGetValue((host, server.ProjectId), out var known))
            return known;
        return hostIds[(host, server.ProjectId)] = Obfuscated(server.ProjectId, host);
    }

    /// <summary>As long as nova's SHA-224, which .NET lacks.</summary>
    internal static string Obfuscated(ProjectId project, string host) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(project.Text + host)))[..56];
}
