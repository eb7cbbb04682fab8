using System.Collections.Concurrent;
using Fabric.NodeAgent.Hypervisor.Simulated;
using Fabric.Tests.Kit;
using Xunit.Abstractions;

namespace Fabric.Tests.Silo;

/// <summary>The process is killed in the middle of builds and deletes of many servers, at a moment that is drawn, and started again: what
/// it had promised, it keeps.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Servers = 40;
    private const int Nodes = 3;
    private const int Rounds = 3;

    [Fact]
    public async Task What_was_killed_in_the_middle_of_builds_and_deletes_is_resumed_and_nothing_is_orphaned()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var cloud = await KillCloud.Start(new byte[4096], "--nodes", $"{Nodes}");
        for (var round = 0; round < Rounds; round++)
        {
            await Build(cloud, random);
            await Delete(cloud, random);
        }

        await cloud.Stop();
        AssertNothingIsRecorded(cloud);
        Assert.Equal(0, Guests(cloud));
        await cloud.Restart();
        await cloud.NothingIsHeld();
    }

    private async Task Build(KillCloud cloud, Random random)
    {
        var promised = new ConcurrentDictionary<string, (string Name, string Note, string? Later)>();
        var numbers = new ConcurrentQueue<int>(Enumerable.Range(0, Servers));
        await KillAfter(cloud, random.Next(1, Servers), async () =>
        {
            if (!numbers.TryDequeue(out var number))
                return null;
            var (name, note, later) = ($"server-{number}", $"note {number}", $"later {number}");
            using var answer = await cloud.TrySend("POST", "/compute/v2.1/servers", cloud.NewServer(name, note));
            if (answer is null)
                return false;
            var id = (await answer.Json(202)).GetProperty("server").GetProperty("id").GetString()!;
            promised[id] = (name, note, null);
            var more = new { metadata = new { later } };
            using var written = await cloud.TrySend("POST", $"/compute/v2.1/servers/{id}/metadata", more);
            if (written is not null && written.IsSuccessStatusCode)
                promised[id] = (name, note, later);
            return true;
        });
        await Resume(cloud, random, "builds");

        await cloud.Rest();
        var servers = (await cloud.Servers()).ToDictionary(server => server.GetProperty("id").GetString()!);
        foreach (var (id, (name, note, later)) in promised)
        {
            Assert.True(servers.TryGetValue(id, out var server), $"{name} was promised");
            Assert.Equal("ACTIVE", server.GetProperty("status").GetString());
            Assert.Equal(name, server.GetProperty("name").GetString());
            Assert.Equal(note, server.GetProperty("metadata").GetProperty("note").GetString());
            Assert.Single(server.GetProperty("addresses").GetProperty("private").EnumerateArray());
            if (later is not null)
                Assert.Equal(later, server.GetProperty("metadata").GetProperty("later").GetString());
        }
        output.WriteLine($"{promised.Count} servers were promised, {servers.Count} are there");
    }

    private async Task Delete(KillCloud cloud, Random random)
    {
        var ids = (await cloud.Servers()).Select(server => server.GetProperty("id").GetString()!).ToList();
        var left = new ConcurrentQueue<string>(ids);
        var promised = new ConcurrentBag<string>();
        await KillAfter(cloud, random.Next(1, ids.Count + 1), async () =>
        {
            if (!left.TryDequeue(out var id))
                return null;
            using var answer = await cloud.TrySend("DELETE", $"/compute/v2.1/servers/{id}");
            if (answer is null)
                return false;
            await answer.Json(204);
            promised.Add(id);
            return true;
        });
        await Resume(cloud, random, "deletes");

        foreach (var id in promised)
            await cloud.Gone(id);
        foreach (var server in await cloud.Servers())
        {
            using var answer = await cloud.TrySend("DELETE", $"/compute/v2.1/servers/{server.GetProperty("id").GetString()}");
            Assert.True(answer is not null && (int)answer.StatusCode is 204 or 404, $"{server} can be deleted: {answer}");
        }
        await cloud.NoServers();
        await cloud.NothingIsHeld();
        foreach (var id in ids)
            Assert.Empty((await cloud.Do(200, "GET", $"/placement/allocations/{id}")).GetProperty("allocations").EnumerateObject());
    }

    /// <summary>Starts again; one time in two it is killed again while it takes up what was left.</summary>
    private async Task Resume(KillCloud cloud, Random random, string what)
    {
        output.WriteLine($"killed with {cloud.Records("saga")} sagas of {what} under way");
        await cloud.Restart();
        if (random.Next(2) == 0)
            return;
        await cloud.Kill();
        output.WriteLine($"killed again with {cloud.Records("saga")}");
        await cloud.Restart();
    }

    /// <summary>Does things from several hands, and kills the process when so many were done; the others are under way then.</summary>
    /// <param name="cloud">Whose process.</param>
    /// <param name="count">When to kill.</param>
    /// <param name="next">Does the next thing: true when it was done, false when the process had died, null when there is none.</param>
    private static async Task KillAfter(KillCloud cloud, int count, Func<Task<bool?>> next)
    {
        const int Hands = 8;
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = 0;
        var hands = Enumerable.Range(0, Hands).Select(async _ =>
        {
            while (await next() == true)
            {
                if (Interlocked.Increment(ref done) == count)
                    reached.SetResult();
            }
        }).ToList();
        var all = Task.WhenAll(hands);
        // A hand that failed says so at once; one that has nothing left to do does not end the wait.
        if (await Task.WhenAny(reached.Task, all) == all)
            await all;
        await reached.Task;
        await cloud.Kill();
        await all;
    }

    private static void AssertNothingIsRecorded(KillCloud cloud)
    {
        foreach (var kind in (string[])["saga", "consumer", "instance"])
            Assert.Equal((kind, 0), (kind, cloud.Records(kind)));
    }

    /// <summary>How many guests the played nodes run.</summary>
    private static int Guests(KillCloud cloud)
    {
        using var journal = new SimulatedJournal(Path.Combine(cloud.Data, "sim"));
        return Enumerable.Range(1, Nodes).Sum(node => journal.Guests($"sim-{node:0000}").Count);
    }
}
