using System.Globalization;
using System.Net;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>The network between a silo and another silo, a gateway, the nodes or the database is cut, both ways or one, and
/// mended.</summary>
internal sealed class ChaosCuts(ProcessCluster cluster, ClusterNetwork network, Random random, Action<string> say)
{
    /// <summary>Shorter than a lease: connections outlive it, and nobody may be taken for dead.</summary>
    internal Task Short() => Cut(random.Next(200, 3_000));

    /// <summary>Longer than a lease: who is cut off from the database gives itself up, the others go on.</summary>
    internal Task Long() => Cut(random.Next(ChaosFaults.LongerThanLease, 2 * ChaosFaults.LongerThanLease));

    private async Task Cut(int milliseconds)
    {
        var silo = cluster.Silos[random.Next(cluster.Silos.Count)];
        var (other, name) = Other(silo);
        var (there, back) = (new CutWay(silo.Address, other), new CutWay(other, silo.Address));
        // One way is worse than both: one side is heard, and hears nothing.
        var (ways, how) = random.Next(4) switch
        {
            0 => ((CutWay[])[there], $"what {silo.Name} sends to {name}"),
            1 => ([back], $"what {name} sends to {silo.Name}"),
            _ => ([there, back], $"{silo.Name} and {name}"),
        };
        say(string.Create(CultureInfo.InvariantCulture, $"cut {how} for {milliseconds / 1000.0:0.0} s"));
        var dies = random.Next(4) == 0;
        await network.Cut(ways);
        await Task.Delay(dies ? milliseconds / 2 : milliseconds);
        if (dies)
        {
            // As a machine that loses its power: nothing tells the other side that its connections are gone.
            say($"and kill -9 {silo.Name}");
            await silo.Kill();
            await Task.Delay(milliseconds / 2);
        }
        await network.Cut();
        if (!dies)
            return;
        await silo.Start();
        await silo.Ready();
    }

    private (IPAddress Address, string Name) Other(ClusterProcess silo)
    {
        if (random.Next(3) == 0)
            return (network.Database, "the database");
        var others = cluster.Members.Where(member => member != silo).ToList();
        var other = others[random.Next(others.Count)];
        return (other.Address, other.Name);
    }
}
