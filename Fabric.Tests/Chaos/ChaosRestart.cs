using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>A rolling restart, as an operator does it for an upgrade: each process is told to end, and the next one's turn is when it is
/// back and ready.</summary>
internal sealed class ChaosRestart(ProcessCluster cluster, ChaosClient client, Action<string> say)
{
    /// <summary>So long clients work with the cluster before the first, and after each.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    /// <summary>What a member says that lost its lease, or waited too long for the database: there the machine was too slow.</summary>
    private static readonly string[] Signs =
    [
        "fences itself: its lease is over", "fences itself: it was declared dead", "cannot be reached: The operation has timed out",
    ];

    private readonly Dictionary<string, int> said = cluster.Members.ToDictionary(member => member.Name, member => member.Log.Length);

    /// <summary>What failed for no reason but the restart. A machine that is too slow to keep leases, and says so, has one.</summary>
    internal IEnumerable<string> Failed()
    {
        var slow = cluster.Members.Where(member => Signs.Any(sign =>
            member.Log.AsSpan(said[member.Name]).Contains(sign, StringComparison.Ordinal))).Select(static member => member.Name).ToList();
        if (slow.Count > 0 && !client.Failures.IsEmpty)
            say($"this machine is too slow for a verdict on {client.Failures.Count} requests: {string.Join(", ", slow)} could not renew");
        return slow.Count > 0 ? [] : client.Failures;
    }

    /// <summary>Restarts all of them.</summary>
    internal async Task Run()
    {
        foreach (var member in cluster.Members)
        {
            await Task.Delay(Between);
            say($"restart {member.Name}");
            client.Going = cluster.Gateways.ToList().IndexOf(member);
            await member.Stop();
            await member.Start();
            await member.Ready();
            client.Going = -1;
        }
        await Task.Delay(Between);
        say($"{client.Failures.Count} requests failed, {client.Broken} met the end of their connection");
    }
}
