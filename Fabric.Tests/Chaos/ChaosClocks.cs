using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>Somebody sets the clocks of two machines. They stay as they are until they are set again: the clocks of a cluster that is well
/// may stand apart.</summary>
internal sealed class ChaosClocks(ProcessCluster cluster, Random random, Action<string> say)
{
    private const double Least = 2;
    private const double Most = 6 * 3600;

    /// <summary>Sets that of a silo and that of another member, forward or back, by seconds to hours; one in four is put right.</summary>
    internal Task Jump()
    {
        var silo = cluster.Silos[random.Next(cluster.Silos.Count)];
        var others = cluster.Members.Where(member => member != silo).ToList();
        Set(silo);
        Set(others[random.Next(others.Count)]);
        return Task.CompletedTask;
    }

    private void Set(ClusterProcess member)
    {
        // As many of seconds as of minutes as of hours.
        var seconds = Least * Math.Pow(Most / Least, random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1);
        var ahead = random.Next(4) == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Round(seconds));
        say($"the clock of {member.Name} is now off by {ahead}");
        member.Clock!.Set(ahead);
    }
}
