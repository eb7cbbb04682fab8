using System.Globalization;
using System.Text.Json;
using Fabric.Gateway.Http;
using Fabric.Grains.Compute;
using Fabric.Grains.Nodes;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Gateway.Compute;

/// <summary>Hypervisors as nova writes them (source: <c>nova/api/openstack/compute/hypervisors.py</c>). Usage is read for all nodes of an
/// answer at once, never node by node.</summary>
internal static class HypervisorBodies
{
    /// <summary>A UUID from 2.53 on, a number before: made from the UUID, so that it needs no counter and never changes.</summary>
    internal static string Id(HypervisorState node, Call call) => call.Microversion >= "2.53"
        ? node.ProviderId.Text
        : Number(node.ProviderId.Value).ToString(CultureInfo.InvariantCulture);

    internal static int Number(Guid id) => BitConverter.ToInt32(id.ToByteArray()) & int.MaxValue;

    internal static async Task<IReadOnlyList<Dictionary<string, object?>>> Of(
        Call call, IReadOnlyList<HypervisorState> nodes, bool detail, bool withServers)
    {
        var now = call.Get<TimeProvider>().GetUtcNow();
        var usage = detail && call.Microversion < "2.88" ? await Usage(call, nodes) : null;
        var servers = withServers ? await Servers(call, nodes) : null;
        var bodies = new List<Dictionary<string, object?>>(nodes.Count);
        for (var i = 0; i < nodes.Count; i++)
        {
            var body = Base(nodes[i], call, now, detail);
            foreach (var (name, value) in usage?[i] ?? [])
                body[name] = value;
            if (detail && call.Microversion >= "2.88")
                body["uptime"] = nodes[i].IsUp(now) ? Uptime(nodes[i], call) : null;
            if (servers is not null && (servers[nodes[i].Inventory.NodeName].Any() || call.Microversion >= "2.75"))
            {
                body["servers"] = servers[nodes[i].Inventory.NodeName]
                    .Select(static server => new { name = server.Name, uuid = server.Id.Text }).ToArray();
            }

            bodies.Add(body);
        }

        return bodies;
    }

    /// <summary>As <c>uptime(1)</c> prints it.</summary>
    internal static string Uptime(HypervisorState node, Call call)
    {
        var up = TimeSpan.FromSeconds(node.Inventory.UptimeSeconds);
        var clock = call.Get<TimeProvider>().GetUtcNow().ToString(" HH:mm:ss", CultureInfo.InvariantCulture);
        var days = up.Days > 0 ? string.Create(CultureInfo.InvariantCulture, $"{up.Days} day{(up.Days > 1 ? "s" : "")}, ") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{clock} up {days}{up.Hours,2}:{up.Minutes:00},  0 users,  load average: {node.Inventory.LoadAverage}");
    }

    /// <summary>Numbers that nova dropped from the body with 2.88, for each node.</summary>
    internal static async Task<IReadOnlyList<Dictionary<string, object?>>> Usage(Call call, IReadOnlyList<HypervisorState> nodes)
    {
        var index = call.Get<IResourceIndex>();
        var providers = new Dictionary<ResourceProviderId, ProviderState>();
        foreach (var some in nodes.Select(static node => node.ProviderId.Text).Chunk(500))
        {
            foreach (var state in await index.List<ProviderState>(new(ProviderState.Kind) { Ids = some }, call.Aborted))
                providers[state.Id] = state;
        }

        return [.. nodes.Select(node => Usage(node, providers.GetValueOrDefault(node.ProviderId), call))];
    }

    private static Dictionary<string, object?> Usage(HypervisorState node, ProviderState? provider, Call call)
    {
        var used = provider?.Used() ?? [];
        var inventory = node.Inventory;
        var memory = used.GetValueOrDefault(NodeResources.MemoryMb)
            + (provider?.Inventories.GetValueOrDefault(NodeResources.MemoryMb)?.Reserved ?? 0);
        var disk = used.GetValueOrDefault(NodeResources.DiskGb);
        return new(StringComparer.Ordinal)
        {
            ["vcpus"] = inventory.Vcpus,
            ["memory_mb"] = inventory.MemoryMiB,
            ["local_gb"] = inventory.DiskGiB,
            ["vcpus_used"] = used.GetValueOrDefault(NodeResources.Vcpu),
            ["memory_mb_used"] = memory,
            ["local_gb_used"] = disk,
            ["free_ram_mb"] = inventory.MemoryMiB - memory,
            ["free_disk_gb"] = inventory.DiskGiB - disk,
            ["current_workload"] = 0,
            ["running_vms"] = provider?.Allocations.Count ?? 0,
            ["disk_available_least"] = inventory.DiskFreeGiB,
            ["cpu_info"] = Cpu(inventory, call),
        };
    }

    private static Dictionary<string, object?> Base(HypervisorState node, Call call, DateTimeOffset now, bool detail)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["id"] = call.Microversion >= "2.53" ? node.ProviderId.Text : Number(node.ProviderId.Value),
            ["hypervisor_hostname"] = node.Inventory.NodeName,
            ["state"] = node.IsUp(now) ? "up" : "down",
            ["status"] = node.Disabled ? "disabled" : "enabled",
        };
        if (!detail)
            return body;
        body["hypervisor_type"] = node.Inventory.HypervisorType;
        body["hypervisor_version"] = node.Inventory.HypervisorVersion;
        body["host_ip"] = node.Inventory.HostIp;
        body["service"] = new Dictionary<string, object?>
        {
            ["id"] = call.Microversion >= "2.53" ? node.ServiceId.ToString() : Number(node.ServiceId),
            ["host"] = node.Inventory.NodeName,
            ["disabled_reason"] = node.DisabledReason,
        };
        return body;
    }

    private static object Cpu(NodeInventory node, Call call)
    {
        var info = new
        {
            arch = node.Architecture,
            model = node.CpuModel,
            vendor = node.CpuVendor,
            topology = new { cells = 1, sockets = node.CpuSockets, cores = node.CpuCores, threads = node.CpuThreads },
            features = node.CpuFeatures,
        };
        return call.Microversion >= "2.28" ? info : JsonSerializer.Serialize(info, Wire.Options);
    }

    private static async Task<ILookup<string, InstanceState>> Servers(Call call, IReadOnlyList<HypervisorState> nodes)
    {
        var found = new List<InstanceState>();
        foreach (var some in nodes.Select(static node => node.Inventory.NodeName).Chunk(500))
        {
            found.AddRange(await call.Get<IResourceIndex>().List<InstanceState>(
                new ResourceQuery(InstanceState.Kind).WithRef("node", some), call.Aborted));
        }

        return found.ToLookup(static server => server.NodeName ?? "", StringComparer.Ordinal);
    }
}
