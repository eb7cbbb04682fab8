using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary>The order of a list of servers.</summary>
internal static class ServerSort
{
    private static readonly Dictionary<string, Func<InstanceState, object?>> Keys = new(StringComparer.Ordinal)
    {
        ["access_ip_v4"] = static server => server.AccessIpv4,
        ["access_ip_v6"] = static server => server.AccessIpv6,
        ["auto_disk_config"] = static server => server.AutoDiskConfig,
        ["availability_zone"] = static server => server.AvailabilityZone,
        ["config_drive"] = static server => server.ConfigDrive,
        ["created_at"] = static server => server.CreatedAt,
        ["display_description"] = static server => server.Description,
        ["display_name"] = static server => server.Name,
        ["host"] = static server => server.NodeName,
        ["hostname"] = static server => server.HostName,
        ["image_ref"] = static server => server.Image?.Id.Text,
        ["instance_type_id"] = static server => server.Flavor.Id,
        ["kernel_id"] = static _ => null,
        ["key_name"] = static server => server.Key?.Name,
        ["launch_index"] = static server => server.LaunchIndex,
        ["launched_at"] = static server => server.LaunchedAt,
        ["locked"] = static server => server.Locked,
        ["locked_by"] = static server => server.Locked,
        ["node"] = static server => server.NodeName,
        ["power_state"] = static server => (int)server.PowerState,
        ["progress"] = static _ => 0,
        ["project_id"] = static server => server.ProjectId.Text,
        ["ramdisk_id"] = static _ => null,
        ["root_device_name"] = static _ => null,
        ["task_state"] = static server => server.TaskState.Text(),
        ["terminated_at"] = static _ => null,
        ["updated_at"] = static server => server.UpdatedAt,
        ["user_id"] = static server => server.UserId.Text,
        ["uuid"] = static server => server.Id.Text,
        ["vm_state"] = static server => server.VmState.Text(),
    };

    /// <summary>Keys that nova takes and ignores, until 2.75.</summary>
    private static readonly string[] Ignored =
    [
        "architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device", "deleted", "deleted_at",
        "disable_terminate",
        "ephemeral_gb", "ephemeral_key_uuid", "id", "key_data", "launched_on", "locked", "memory_mb", "os_type", "reservation_id",
        "root_gb",
        "shutdown_terminate", "user_data", "vcpus", "vm_mode",
    ];

    /// <summary>The keys and a direction for each.</summary>
    internal static (List<string> Keys, List<string> Directions) Of(Call call)
    {
        var directions = call.QueryAll("sort_dir").Select(static text => (text ?? "").Trim()).ToList();
        if (directions.Any(static direction => direction is not ("asc" or "desc")))
            throw Fault.BadRequest("Unknown sort direction, must be one of: asc, desc");
        var keys = new List<string>();
        foreach (var key in call.QueryAll("sort_key").Select(static text => (text ?? "").Trim()))
        {
            var known = Keys.ContainsKey(key) && (key != "locked" || call.Microversion >= "2.73");
            if (!known && (!Ignored.Contains(key) || call.Microversion >= "2.75"))
                throw Fault.BadRequest($"Invalid input for query parameters sort_key. Value: {key}. '{key}' is not one of the sort keys");
            if (key is "host" or "node" && !call.Caller.IsAdmin)
                throw new Fault(FaultKind.Forbidden, "Forbidden", "Only administrators can sort servers by host or node");
            if (known)
                keys.Add(key);
        }

        if (keys.Count == 0)
            keys.Add("created_at");
        var last = directions.Count > 0 ? directions[^1] : "desc";
        while (directions.Count < keys.Count)
            directions.Add(last);
        return (keys, directions);
    }

    /// <summary>The index's column for a key, when it has one.</summary>
    internal static ResourceSort? Column(string key) => key switch
    {
        "created_at" => ResourceSort.CreatedAt,
        "updated_at" => ResourceSort.UpdatedAt,
        "display_name" => ResourceSort.Name,
        "uuid" => ResourceSort.Id,
        _ => null,
    };

    /// <summary>The servers in order; ties by id.</summary>
    internal static IEnumerable<InstanceState> Order(IEnumerable<InstanceState> servers, List<string> keys, List<string> directions)
    {
        IOrderedEnumerable<InstanceState>? ordered = null;
        for (var i = 0; i < keys.Count; i++)
        {
            var key = Keys[keys[i]];
            ordered = (ordered, directions[i]) switch
            {
                (null, "asc") => servers.OrderBy(key, Values),
                (null, _) => servers.OrderByDescending(key, Values),
                (_, "asc") => ordered.ThenBy(key, Values),
                _ => ordered.ThenByDescending(key, Values),
            };
        }

        return ordered!.ThenByDescending(static server => server.Id.Text, StringComparer.Ordinal);
    }

    private static readonly Comparer<object?> Values =
        Comparer<object?>.Create(static (left, right) => left is string text && right is string other
        ? string.CompareOrdinal(text, other)
        : Comparer<object?>.Default.Compare(left, right));
}
