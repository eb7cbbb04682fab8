using System.Globalization;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>A cluster of real processes that clients use while something is done to it, and that is checked afterwards.</summary>
internal sealed class ChaosRun : IAsyncDisposable
{
    private const int Silos = 3;
    private const int Gateways = 2;
    private const int Nodes = 4;

    private readonly ProcessCluster cluster;
    private readonly ChaosClient client;
    private readonly ChaosGround ground;
    private readonly string password;

    private ChaosRun(ProcessCluster cluster, ChaosClient client, ChaosGround ground, string password) =>
        (this.cluster, this.client, this.ground, this.password) = (cluster, client, ground, password);

    /// <summary>Starts the cluster, and says what cannot be done to it on this machine.</summary>
    internal static async Task<ChaosRun> Start(Action<string> say)
    {
        var cluster = await ProcessCluster.Start(Silos, Gateways, Nodes, apart: true);
        try
        {
            say($"{Silos} silos, {Gateways} gateways and a process with {Nodes} nodes are ready");
            if (ClusterNetwork.Lacks is { } first)
                say($"the network is not cut: this machine lacks {first}");
            if (ClusterClock.Lacks is { } second)
                say($"clocks are not set: this machine lacks {second}");
            var password = (await File.ReadAllTextAsync(Path.Combine(cluster.Shared, "admin-password"))).Trim();
            var client = await ChaosClient.LogIn([.. cluster.Gateways.Select(static gateway => gateway.Url)], password);
            return new(cluster, client, await ChaosGround.Make(client), password);
        }
        catch (Exception)
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Each kind of fault, a check, and another after cleaning up; fails with all that is wrong and where the logs are.</summary>
    internal async Task Hurt(int seed, Action<string> say)
    {
        say($"seed {seed}: to see it again, FABRIC_CHAOS_SEED={seed}");
        var load = new ChaosLoad(client, ground, ChaosScale.Small);
        await Round(load, seed, tell => new ChaosFaults(cluster, new(seed), tell).Run(TimeSpan.Zero), last: true, say);
    }

    /// <summary>The same for a long time with thousands of resources, which stay: a check after each minute of faults, the seeds one after
    /// the other from the first.</summary>
    internal async Task Long(int minutes, int seed, Action<string> say)
    {
        var load = new ChaosLoad(client, ground, ChaosScale.Large);
        await load.Fill(seed);
        say($"{load.Told()}; now they are hurt");
        for (var minute = 0; minute < minutes; minute++)
        {
            var (now, last) = (seed + minute, minute == minutes - 1);
            say($"seed {now}");
            await client.LogIn(password);
            await Round(load, now, tell => new ChaosFaults(cluster, new(now), tell).Run(TimeSpan.FromMinutes(1)), last, say);
        }
    }

    /// <summary>Each process is told to end and started again, one after the other, and no request may fail.</summary>
    internal async Task Roll(Action<string> say)
    {
        client.NothingMayFail = true;
        try
        {
            var restart = new ChaosRestart(cluster, client, say);
            await Round(new(client, ground, ChaosScale.Gentle), 0, _ => restart.Run(), last: true, say);
            Assert.Empty(restart.Failed());
        }
        finally
        {
            client.NothingMayFail = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await cluster.DisposeAsync();
    }

    private async Task Round(ChaosLoad load, int seed, Func<Action<string>, Task> act, bool last, Action<string> say)
    {
        try
        {
            await Watch(load, seed, act, last, say);
        }
        catch (Exception)
        {
            var logs = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"fabric-chaos-{seed}"));
            await cluster.KeepLogs(logs);
            say($"the logs are in {logs}");
            throw;
        }
    }

    private async Task Watch(ChaosLoad load, int seed, Func<Action<string>, Task> act, bool last, Action<string> say)
    {
        var begun = TimeProvider.System.GetTimestamp();
        void Tell(string what) => say(string.Create(CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetElapsedTime(begun).TotalSeconds,6:0.0} s  {what}"));

        using var stop = new CancellationTokenSource();
        client.Counts.Clear();
        var check = new ChaosCheck(cluster, client, ground, load);
        var clients = load.Run(seed, stop.Token);
        try
        {
            await act(Tell);
        }
        finally
        {
            await stop.CancelAsync();
            await clients;
        }
        await cluster.Heal();
        Tell($"healed; {load.Told()}; answers: "
            + string.Join(", ", client.Counts.OrderBy(static each => each.Key).Select(static each => $"{each.Value} x {each.Key}")));
        var (servers, errors) = await check.Run();
        Tell($"checked; {servers} servers are left, {errors} of them in error");
        // Before anything is removed: what is wrong here shows there as something that never ends.
        Judge(load, seed);
        if (!last)
            return;
        await check.CleanUp();
        Tell("cleaned up");
        Judge(load, seed);
    }

    private void Judge(ChaosLoad load, int seed)
    {
        foreach (var member in cluster.Members.Where(static member => member.EndedByItself))
            load.Violations.Enqueue($"{member.Name} ended by itself");
        string[] wrong = [.. load.Violations, .. client.Bugs];
        Assert.True(wrong.Length == 0, $"seed {seed}: {wrong.Length} things are wrong:\n{string.Join('\n', wrong.Take(40))}");
    }
}
