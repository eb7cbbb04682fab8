using System.Globalization;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>A cluster of real processes that is hurt while clients use it, and checked when it has healed.</summary>
internal static class ChaosRun
{
    private const int Silos = 3;
    private const int Gateways = 2;
    private const int Nodes = 4;

    /// <summary>One cluster, and for each seed a time of faults and a check. Fails with all that is wrong and where the logs are.</summary>
    internal static async Task Run(IReadOnlyList<int> seeds, TimeSpan length, Action<string> say)
    {
        await using var cluster = await ProcessCluster.Start(Silos, Gateways, Nodes);
        say($"{Silos} silos, {Gateways} gateways and a process with {Nodes} nodes are ready");
        var password = (await File.ReadAllTextAsync(Path.Combine(cluster.Shared, "admin-password"))).Trim();
        using var client = await ChaosClient.LogIn([.. cluster.Gateways.Select(static gateway => gateway.Address)], password);
        var ground = await ChaosGround.Make(client);
        foreach (var seed in seeds)
        {
            say($"seed {seed}: to see it again, FABRIC_CHAOS_SEED={seed}");
            try
            {
                await Hurt(cluster, client, ground, seed, length, say);
            }
            catch (Exception)
            {
                var logs = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"fabric-chaos-{seed}"));
                await cluster.KeepLogs(logs);
                say($"the logs are in {logs}");
                throw;
            }
        }
    }

    /// <summary>The same for a long time: a check after each minute of faults, the seeds one after the other from the first.</summary>
    internal static Task Long(int minutes, int seed, Action<string> say) =>
        Run([.. Enumerable.Range(seed, minutes)], TimeSpan.FromMinutes(1), say);

    private static async Task Hurt(
        ProcessCluster cluster, ChaosClient client, ChaosGround ground, int seed, TimeSpan length, Action<string> say)
    {
        var begun = TimeProvider.System.GetTimestamp();
        void Tell(string what) => say(string.Create(CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetElapsedTime(begun).TotalSeconds,6:0.0} s  {what}"));

        var load = new ChaosLoad(client, ground, seed);
        using var stop = new CancellationTokenSource();
        var clients = load.Run(stop.Token);
        try
        {
            await new ChaosFaults(cluster, new(seed), Tell).Run(length);
        }
        finally
        {
            await stop.CancelAsync();
            await clients;
        }
        await cluster.Heal();
        Tell($"healed; {load.Things.Count} things were made; answers: "
            + string.Join(", ", client.Counts.OrderBy(static each => each.Key).Select(static each => $"{each.Value} x {each.Key}")));

        var check = new ChaosCheck(cluster, client, ground, load.Violations);
        var (servers, errors) = await check.Run(load.Things);
        Tell($"checked; {servers} servers are left, {errors} of them in error");
        // Before anything is removed: what is wrong here shows there as something that never ends.
        Judge(seed, [.. load.Violations, .. client.Bugs]);
        await check.CleanUp();
        Tell("cleaned up");
        foreach (var member in cluster.Members.Where(static member => member.EndedByItself))
            load.Violations.Enqueue($"{member.Name} ended by itself");
        Judge(seed, [.. load.Violations, .. client.Bugs]);
    }

    private static void Judge(int seed, string[] wrong) =>
        Assert.True(wrong.Length == 0, $"seed {seed}: {wrong.Length} things are wrong:\n{string.Join('\n', wrong.Take(40))}");
}
