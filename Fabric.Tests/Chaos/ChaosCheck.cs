using System.Collections.Concurrent;
using System.Text.Json;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>What must be true of a cloud that was hurt and has healed, against the history of what its clients were told.</summary>
internal sealed class ChaosCheck(ProcessCluster cluster, ChaosClient client, ChaosGround ground, ChaosLoad load)
{
    /// <summary>Long: what was under way when a silo died goes on when its reminder rings, and the machine may have much else to
    /// do.</summary>
    private static readonly TimeSpan Patience = ChaosClient.Patience;

    private static readonly string[] Resting = ["ACTIVE", "ERROR"];
    /// <summary>Enough to see what is left; a hundred times the same says no more.</summary>
    private const int Most = 20;

    private const string Probe = "probe";
    private readonly ConcurrentQueue<string> violations = load.Violations;
    private readonly ChaosLists lists = new(load.Violations, load.Begun);
    private readonly ChaosLeft left = new(cluster);

    /// <summary>Waits until nothing is on its way, then looks at everything. How many servers there are, how many of them in
    /// error.</summary>
    internal async Task<(int Servers, int Errors)> Run()
    {
        var things = load.Things;
        await Rest();
        await Parallel.ForEachAsync(things.Where(static thing => !thing.Buried), new ParallelOptions { MaxDegreeOfParallelism = 6 },
            async (thing, _) => await See(thing));
        foreach (var kind in ChaosKind.All)
            lists.Match(kind, await client.List(kind.List, $"{kind}s"), things);
        var servers = await client.List(ChaosKind.Server.List, "servers");
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
            await Parallel.ForEachAsync((await client.List(kind.List, $"{kind}s")).Where(ChaosLists.OfLoad),
                new ParallelOptions { MaxDegreeOfParallelism = 6 },
                async (one, _) => await client.Do("DELETE", $"{kind.Path}/{Text(one, "id")}"));
            await None<JsonElement>(
                async () => [.. (await client.List(kind.List, $"{kind}s")).Where(ChaosLists.OfLoad)], $"{kind}s are gone");
        }
        await Rest();
        await None<JsonElement>(async () => [.. (await client.List(ChaosKind.Port.List, "ports")).Where(
            static port => Text(port, "device_owner").StartsWith("compute:", StringComparison.Ordinal))], "servers' ports are gone");
        await None(() => left.Records("consumer"), "nothing is allocated");
        await GuestsMatch([]);
        await AddressesAreFree();
    }

    /// <summary>All addresses of the narrow network can be had; and are given back. One that was given to a port whose making died is
    /// kept for that port for a minute: it may be under way still.</summary>
    private async Task AddressesAreFree()
    {
        var held = (await client.List(ChaosKind.Port.List, "ports")).SelectMany(Fixed).Select(static each => each.Address).ToHashSet();
        foreach (var (subnet, address) in ground.Addresses.Where(each => !held.Contains(each.Address)))
        {
            var refused = "";
            await Eventually.True(
                async () => (refused = await TakeAddress(subnet, address)) is "",
                () => $"nobody has {address}, and it cannot be had: {refused}",
                Patience);
        }

        foreach (var one in await Probes())
            await client.Do("DELETE", $"{ChaosKind.Port.Path}/{Text(one, "id")}");
    }

    /// <summary>Makes a port with the address; gives why it could not, empty when it could.</summary>
    private async Task<string> TakeAddress(string subnet_id, string ip_address)
    {
        var port = new { name = Probe, network_id = ground.Narrow, fixed_ips = new[] { new { subnet_id, ip_address } } };
        var answer = await client.Insist(0, "POST", ChaosKind.Port.Path, new { port });
        // Asked again after an answer was lost, it may be taken by the first attempt.
        return answer.Yes || (await Probes()).SelectMany(Fixed).Any(each => each.Address == ip_address) ? "" : $"{answer}";
    }

    private async Task<IReadOnlyList<JsonElement>> Probes() =>
        [.. (await client.List(ChaosKind.Port.List, "ports")).Where(static port => Text(port, "name") == Probe)];

    private async Task Rest()
    {
        // Servers first: one that is not at rest has a saga, or gets one. A saga that is stuck stays, and is a violation.
        IReadOnlyList<ChaosRecord> active = [];
        var restless = "";
        await Eventually.True(
            async () =>
            {
                var servers = await client.List(ChaosKind.Server.List, "servers");
                restless = string.Join('\n', servers.Where(static server => !Rests(server)));
                active = await left.Records("saga");
                return restless.Length == 0 && active.All(static saga => saga.Status == "Stuck");
            },
            () => $"all servers rest, and no saga runs: {restless}\n{string.Join('\n', active)}",
            Patience);
        foreach (var stuck in active)
            violations.Enqueue($"a saga is stuck: {stuck}");
    }

    private async Task See(ChaosThing thing)
    {
        for (var gateway = 0; gateway < cluster.Gateways.Count; gateway++)
        {
            var known = thing.Begin();
            var answer = await client.Insist(gateway, "GET", thing.Path);
            if (answer.Status is null or >= 500)
                violations.Enqueue($"{thing.Name} ({thing.Id}) cannot be read after all has healed: {answer}");
            else if (thing.Deleted && answer.Status is not 404)
                violations.Enqueue($"{thing.Name} ({thing.Id}) was deleted, and is there: {answer}");
            else if (thing.Judge(known, answer) is { } violation)
                violations.Enqueue(violation);
        }
        thing.Buried = thing.Deleted;
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
            () => Task.FromResult((found = left.Guests()).Count == wanted.Count && wanted.SetEquals(found)),
            () => $"the nodes run the servers' guests and no others: wanted {string.Join(", ", wanted.Except(found))}, "
                + $"left over {string.Join(", ", found.Except(wanted))}, {found.Count} in all",
            Patience);
    }

    /// <summary>Waits until there is none; fails with those that are left.</summary>
    private static async Task None<T>(Func<Task<IReadOnlyList<T>>> find, string what)
    {
        IReadOnlyList<T> last = [];
        await Eventually.True(async () => (last = await find()).Count == 0,
            () => $"{what}: {last.Count} are left:\n{string.Join('\n', last.Take(Most))}", Patience);
    }

    private static IEnumerable<(string Network, string Address, string Port)> Fixed(JsonElement port) =>
        port.GetProperty("fixed_ips").EnumerateArray()
            .Select(each => (Text(port, "network_id"), Text(each, "ip_address"), Text(port, "id")));

    private static bool Rests(JsonElement server) =>
        Resting.Contains(Text(server, "status")) && server.GetProperty("OS-EXT-STS:task_state").ValueKind == JsonValueKind.Null;

    private static HashSet<string> Running(IEnumerable<JsonElement> servers) =>
        [.. servers.Where(static server => Text(server, "status") == "ACTIVE").Select(static server => Text(server, "id"))];

    private static string Text(JsonElement one, string property) => ChaosLists.Text(one, property);
}
