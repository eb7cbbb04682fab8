using System.Globalization;
using System.Text.RegularExpressions;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;

namespace Fabric.Gateway.Compute;

/// <summary>The filters of a list of servers. One that the caller may not use is ignored, as nova does.</summary>
internal sealed class ServerFilters(Call call)
{
    private static readonly TimeSpan RegexTimeout = TimeSpan.FromMilliseconds(100);
    private static readonly string[] ForAll = ["reservation_id", "name", "status", "image", "flavor", "ip", "changes-since", "all_tenants"];
    private static readonly string[] Tags = ["tags", "tags-any", "not-tags", "not-tags-any"];
    private static readonly string[] Since283 =
    [
        "availability_zone", "config_drive", "key_name", "created_at", "launched_at", "terminated_at", "power_state", "task_state",
        "vm_state",
        "progress", "user_id",
    ];

    /// <summary>All that a query may hold, from 2.75 on.</summary>
    private static readonly string[] Known =
    [
        .. ForAll, .. Tags, .. Since283, "ip6", "changes-before", "locked", "hostname", "tenant_id", "project_id", "launch_index",
        "image_ref",
        "kernel_id", "ramdisk_id", "host", "node", "display_name", "description", "display_description", "locked_by", "uuid",
        "root_device_name",
        "access_ip_v4", "access_ip_v6", "auto_disk_config", "sort_key", "sort_dir", "soft_deleted", "deleted", "limit", "marker",
        "page_size",
        "offset",
    ];

    /// <summary>What nova joins from other tables, and refuses.</summary>
    private static readonly string[] Refused =
        ["block_device_mapping", "services", "metadata", "system_metadata", "info_cache", "security_groups", "pci_devices"];

    private readonly bool mayAll = call.Allows(ServerPolicies.AllowAllFilters);

    internal void CheckNames()
    {
        foreach (var name in call.Http.Request.Query.Keys)
        {
            if (mayAll && (name.StartsWith('_') || Refused.Contains(name)))
                throw Fault.BadRequest($"Invalid filter field: {name}.");
        }

        call.OnlyQueries(Known);
    }

    /// <summary>The value of a filter, if it was given and counts.</summary>
    internal string? Exact(string name) => call.Query(name) is { } value && May(name) ? value : null;

    internal Regex? Regex(string name)
    {
        if (Exact(name) is not { } pattern)
            return null;
        try
        {
            return new(pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, RegexTimeout);
        }
        catch (ArgumentException)
        {
            throw Fault.BadRequest($"Invalid input for query parameters {name}. Value: {pattern}. '{pattern}' is not a 'regex'");
        }
    }

    internal DateTimeOffset? ChangedSince()
    {
        var since = Time("changes-since");
        if (since is not null && ChangedBefore() is { } before && before < since)
            throw Fault.BadRequest("The value of changes-since must be less than or equal to changes-before.");
        return since;
    }

    /// <summary>What the index has no columns for; null when nothing such is asked.</summary>
    internal Func<object, bool>? Predicate()
    {
        var conditions = new List<Func<InstanceState, bool>>();
        Match("name", static server => server.Name);
        Match("display_name", static server => server.Name);
        Match("description", static server => server.Description);
        Match("display_description", static server => server.Description);
        Match("hostname", static server => server.HostName);
        Match("key_name", static server => server.Key?.Name);
        Match("node", static server => server.NodeName);
        Match("availability_zone", static server => server.AvailabilityZone);
        Match("reservation_id", static server => server.ReservationId);
        Match("access_ip_v4", static server => server.AccessIpv4);
        Match("access_ip_v6", static server => server.AccessIpv6);
        Equal("user_id", static server => server.UserId.Text);
        Equal("vm_state", static server => server.VmState.Text());
        Equal("task_state", static server => server.TaskState.Text());
        Equal("launch_index", static server => server.LaunchIndex.ToString(CultureInfo.InvariantCulture));
        Equal("power_state", static server => ((int)server.PowerState).ToString(CultureInfo.InvariantCulture));
        Flag("config_drive", static server => server.ConfigDrive);
        Flag("auto_disk_config", static server => server.AutoDiskConfig);
        if (call.Microversion >= "2.73")
            Flag("locked", static server => server.Locked);
        if (call.Microversion >= "2.66" && ChangedBefore() is { } before)
            conditions.Add(server => server.UpdatedAt <= before);
        if (call.Microversion >= "2.26")
            AddTags(conditions);
        return conditions.Count == 0 ? null : item => conditions.TrueForAll(condition => condition((InstanceState)item));

        void Match(string name, Func<InstanceState, string?> value)
        {
            if (Regex(name) is { } pattern)
                conditions.Add(server => value(server) is { } text && pattern.IsMatch(text));
        }

        void Equal(string name, Func<InstanceState, string?> value)
        {
            if (Exact(name) is { } wanted)
                conditions.Add(server => value(server) == wanted);
        }

        void Flag(string name, Func<InstanceState, bool> value)
        {
            if (Exact(name) is { Length: > 0 } wanted)
                conditions.Add(server => value(server) == ComputeJson.IsTrue(wanted));
        }
    }

    private void AddTags(List<Func<InstanceState, bool>> conditions)
    {
        if (Exact("tags")?.Split(',') is { } all)
            conditions.Add(server => all.All(server.Tags.Contains));
        if (Exact("tags-any")?.Split(',') is { } any)
            conditions.Add(server => any.Any(server.Tags.Contains));
        if (Exact("not-tags")?.Split(',') is { } notAll)
            conditions.Add(server => !notAll.All(server.Tags.Contains));
        if (Exact("not-tags-any")?.Split(',') is { } none)
            conditions.Add(server => !none.Any(server.Tags.Contains));
    }

    private DateTimeOffset? ChangedBefore() => call.Microversion >= "2.66" ? Time("changes-before") : null;

    private DateTimeOffset? Time(string name) => Exact(name) is not { } text
        ? null
        : ComputeJson.TryReadTime(text, out var time)
            ? time
            : throw Fault.BadRequest($"Invalid input for query parameters {name}. Value: {text}. '{text}' is not a 'date-time'");

    private bool May(string name) => mayAll || ForAll.Contains(name)
        || (name == "ip6" && call.Microversion >= "2.5")
        || (Tags.Contains(name) && call.Microversion >= "2.26")
        || (name == "changes-before" && call.Microversion >= "2.66")
        || (name == "locked" && call.Microversion >= "2.73")
        || (Since283.Contains(name) && call.Microversion >= "2.83")
        || (name == "hostname" && call.Microversion >= "2.90");
}
