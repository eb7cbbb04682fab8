using System.Collections.Concurrent;
using System.Text.Json;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Kit;
using Npgsql;

namespace Fabric.Tests.Chaos;

/// <summary>What must be true of a cloud that was hurt and has healed, against the history of what its clients were told.</summary>
internal sealed class ChaosCheck(ProcessCluster cluster, ChaosClient client, ChaosGround ground, ConcurrentQueue<string> violations)
{
    /// <summary>Long: what was under way when a silo died goes on when its reminder rings.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly string[] Resting = ["ACTIVE", "ERROR"];

    /// <summary>Waits until nothing is on its way, then looks at everything. How many servers there are, how many of them in
    /// error.</summary>
    internal async Task<(int Servers, int Errors)> Run(IReadOnlyCollection<ChaosThing> things)
    {
        await Rest();
        await Parallel.ForEachAsync(things, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (thing, _) => await See(thing));
        var servers = await client.List(ChaosKind.Server.List, "servers");
        foreach (var kind in ChaosKind.All)
            await NamesAreUnique(kind);
        var ports = await client.List(ChaosKind.Port.List, "ports");
        AddressesAreUnique(ports);
        PortsBelongToServers(ports, servers);
        await AllocationsMatch(servers);
        await GuestsMatch(servers);
        return (servers.Count, servers.Count(static server => Text(server, "status") == "ERROR"));
    }

    /// <summary>Removes what the clients left; whatever it used must be free again.</summary>
    internal async Task CleanUp()
    {
        foreach (var kind in (ChaosKind[])[ChaosKind.Server, ChaosKind.Port, ChaosKind.Network, ChaosKind.Flavor])
        {
            foreach (var one in (await client.List(kind.List, $"{kind}s")).Where(static one => OfLoad(one)))
                await client.Do("DELETE", $"{kind.Path}/{Text(one, "id")}");
            await Wait(async () => (await client.List(kind.List, $"{kind}s")).Count(static one => OfLoad(one)), 0, $"{kind}s are gone");
        }
        await Rest();
        await Wait(async () => (await client.List(ChaosKind.Port.List, "ports")).Count(
            static port => Text(port, "device_owner").StartsWith("compute:", StringComparison.Ordinal)), 0, "servers' ports are gone");
        await NothingIsAllocated();
        await GuestsMatch([]);
        await AddressesAreFree();
    }

    /// <summary>All addresses of the narrow network can be had; and are given back.</summary>
    private async Task AddressesAreFree()
    {
        var held = (await client.List(ChaosKind.Port.List, "ports")).SelectMany(Fixed).Select(static each => each.Address).ToHashSet();
        var taken = new List<string>();
        foreach (var (subnet_id, ip_address) in ground.Addresses.Where(each => !held.Contains(each.Address)))
        {
            var port = new { name = "probe", network_id = ground.Narrow, fixed_ips = new[] { new { subnet_id, ip_address } } };
            var answer = await client.Send(0, "POST", ChaosKind.Port.Path, new { port });
            if (answer.Yes)
                taken.Add(Text(answer.Body.GetProperty("port"), "id"));
            else
                violations.Enqueue($"nobody has {ip_address}, and it cannot be had: {answer}");
        }
        foreach (var id in taken)
            await client.Do("DELETE", $"{ChaosKind.Port.Path}/{id}");
    }

    private async Task Rest()
    {
        // Servers first: one that is not at rest has a saga, or gets one. A saga that is stuck stays, and is a violation.
        List<string> active = [];
        var restless = "";
        await Eventually.True(
            async () =>
            {
                var servers = await client.List(ChaosKind.Server.List, "servers");
                restless = string.Join('\n', servers.Where(static server => !Rests(server)));
                active = await Documents("saga");
                return restless.Length == 0 && active.TrueForAll(IsStuck);
            },
            () => $"all servers rest, and no saga runs: {restless}\n{string.Join('\n', active)}",
            Patience);
        active.ForEach(stuck => violations.Enqueue($"a saga is stuck: {stuck}"));
    }

    private static bool IsStuck(string saga) => saga.Contains(" Stuck {", StringComparison.Ordinal);

    private async Task See(ChaosThing thing)
    {
        for (var gateway = 0; gateway < cluster.Gateways.Count; gateway++)
        {
            var known = thing.Begin();
            var answer = await client.Send(gateway, "GET", thing.Path);
            if (answer.Status is null or >= 500)
                violations.Enqueue($"{thing.Name} ({thing.Id}) cannot be read after all has healed: {answer}");
            else if (thing.Deleted && answer.Status is not 404)
                violations.Enqueue($"{thing.Name} ({thing.Id}) was deleted, and is there: {answer}");
            else if (thing.Judge(known, answer) is { } violation)
                violations.Enqueue(violation);
        }
    }

    /// <summary>Each name was asked for once: two of it are one request that was done twice.</summary>
    private async Task NamesAreUnique(ChaosKind kind)
    {
        foreach (var twice in (await client.List(kind.List, $"{kind}s")).Where(OfLoad)
            .GroupBy(static one => Text(one, "name")).Where(static same => same.Count() > 1))
            violations.Enqueue($"there are {twice.Count()} of {twice.Key}");
    }

    private void AddressesAreUnique(IReadOnlyList<JsonElement> ports)
    {
        foreach (var twice in ports.SelectMany(Fixed)
            .GroupBy(static each => (each.Network, each.Address)).Where(static same => same.Count() > 1))
            violations.Enqueue($"{twice.Key} belongs to the ports {string.Join(", ", twice.Select(static each => each.Port))}");
    }

    private void PortsBelongToServers(IReadOnlyList<JsonElement> ports, IReadOnlyList<JsonElement> servers)
    {
        var known = servers.Select(static server => Text(server, "id")).ToHashSet();
        foreach (var port in ports.Where(port => Text(port, "device_owner").StartsWith("compute:", StringComparison.Ordinal)
            && !known.Contains(Text(port, "device_id"))))
            violations.Enqueue($"a port belongs to a server that is not there: {port}");
    }

    private async Task AllocationsMatch(IReadOnlyList<JsonElement> servers)
    {
        var placed = Running(servers);
        var allowed = servers.Select(static server => Text(server, "id")).ToHashSet();
        foreach (var provider in await client.List("/placement/resource_providers", "resource_providers"))
        {
            var path = $"/placement/resource_providers/{Text(provider, "uuid")}";
            var inventories = (await client.Do("GET", $"{path}/inventories")).GetProperty("inventories");
            var held = new Dictionary<string, long>();
            foreach (var consumer in (await client.Do("GET", $"{path}/allocations")).GetProperty("allocations").EnumerateObject())
            {
                if (!allowed.Contains(consumer.Name))
                    violations.Enqueue($"{Text(provider, "name")} has an allocation for {consumer.Name}, which is not there");
                if (!placed.Remove(consumer.Name) && allowed.Contains(consumer.Name))
                    violations.Enqueue($"{consumer.Name} has an allocation on {Text(provider, "name")}, and is in error or has two");
                foreach (var amount in consumer.Value.GetProperty("resources").EnumerateObject())
                    held[amount.Name] = held.GetValueOrDefault(amount.Name) + amount.Value.GetInt64();
            }
            foreach (var (name, amount) in held)
            {
                var inventory = inventories.GetProperty(name);
                var most = (inventory.GetProperty("total").GetInt64() - inventory.GetProperty("reserved").GetInt64())
                    * inventory.GetProperty("allocation_ratio").GetDouble();
                if (amount > most)
                    violations.Enqueue($"{Text(provider, "name")} gives {amount} of {name}, and has {most}");
            }
        }
        foreach (var id in placed)
            violations.Enqueue($"server {id} is ACTIVE, and has no allocation");
    }

    private async Task GuestsMatch(IReadOnlyList<JsonElement> servers)
    {
        var wanted = Running(servers);
        var found = new List<string>();
        await Eventually.True(
            () => Task.FromResult((found = Guests()).Count == wanted.Count && wanted.SetEquals(found)),
            () => $"the nodes run the servers' guests and no others: wanted {string.Join(", ", wanted.Except(found))}, "
                + $"left over {string.Join(", ", found.Except(wanted))}, {found.Count} in all",
            Patience);
    }

    /// <summary>From a copy: who opens the journal writes it anew.</summary>
    private List<string> Guests()
    {
        using var copy = new ScratchFolder();
        File.Copy(Path.Combine(cluster.Node.Data, "sim", "guests.journal"), copy.File("guests.journal"));
        using var journal = new SimulatedJournal(copy.Path);
        return [.. from node in Enumerable.Range(1, cluster.Nodes) from id in journal.Guests($"sim-{node:0000}").Keys select $"{id}"];
    }

    private async Task NothingIsAllocated()
    {
        var left = "";
        await Eventually.True(
            async () => (left = string.Join('\n', await Documents("consumer"))).Length == 0,
            () => $"nothing is allocated: {left}",
            Patience);
    }

    private async Task<List<string>> Documents(string kind)
    {
        await using var source = NpgsqlDataSource.Create($"{cluster.Connection};Pooling=false");
        await using var read = source.CreateCommand("SELECT id || ' ' || status || ' ' || doc FROM resource WHERE kind = $1 ORDER BY id");
        read.Parameters.Add(new() { Value = kind });
        await using var rows = await read.ExecuteReaderAsync();
        List<string> all = [];
        while (await rows.ReadAsync())
            all.Add(rows.GetString(0));
        return all;
    }

    private static async Task Wait(Func<Task<int>> count, int wanted, string what)
    {
        var last = -1;
        await Eventually.True(async () => (last = await count()) == wanted, () => $"{what}: {last}", Patience);
    }

    private static IEnumerable<(string Network, string Address, string Port)> Fixed(JsonElement port) =>
        port.GetProperty("fixed_ips").EnumerateArray()
            .Select(each => (Text(port, "network_id"), Text(each, "ip_address"), Text(port, "id")));

    /// <summary>Its name has the form that the load gives.</summary>
    private static bool OfLoad(JsonElement one) => ChaosKind.All.Any(
        kind => Text(one, "name").StartsWith($"{kind}-", StringComparison.Ordinal));

    private static bool Rests(JsonElement server) =>
        Resting.Contains(Text(server, "status")) && server.GetProperty("OS-EXT-STS:task_state").ValueKind == JsonValueKind.Null;

    private static HashSet<string> Running(IEnumerable<JsonElement> servers) =>
        [.. servers.Where(static server => Text(server, "status") == "ACTIVE").Select(static server => Text(server, "id"))];

    private static string Text(JsonElement one, string property) => one.GetProperty(property).GetString() ?? "";
}
