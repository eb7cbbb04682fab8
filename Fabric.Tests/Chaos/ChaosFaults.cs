using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>What is done to a cluster, in an order and for times that a seed draws.</summary>
internal sealed class ChaosFaults(ProcessCluster cluster, Random random, Action<string> say)
{
    /// <summary>Longer than a silo's lease of 3.5 s: the others have declared it dead when it wakes up.</summary>
    private const int LongerThanLease = 5_000;

    /// <summary>Hurts and heals until the time is over; all is healed at the end.</summary>
    internal async Task Run(TimeSpan length)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)(length.TotalSeconds * TimeProvider.System.TimestampFrequency);
        while (TimeProvider.System.GetTimestamp() < end)
        {
            // The time between faults is part of what is drawn: too short to recover in, or long enough.
            await Task.Delay(random.Next(2_000));
            if (random.Next(4) == 0)
                await Database();
            else
                await Processes(random.Next(3) == 0 ? 2 : 1);
        }
    }

    private async Task Processes(int count)
    {
        // A silo three times in four: it is where the records are.
        var hurt = Enumerable.Range(0, count)
            .Select(_ => random.Next(4) == 0 ? Any([.. cluster.Gateways, cluster.Node]) : Any([.. cluster.Silos]))
            .Distinct().ToList();
        var longest = 0;
        foreach (var member in hurt)
            longest = Math.Max(longest, await Hurt(member));
        await Task.Delay(random.Next(longest / 10, longest));
        foreach (var member in hurt)
            await member.Start();
        foreach (var member in hurt)
            await member.Ready();
    }

    /// <summary>Hurts one; for how long at most.</summary>
    private async Task<int> Hurt(ClusterProcess member)
    {
        switch (random.Next(3))
        {
            case 0:
                say($"kill -9 {member.Name}");
                await member.Kill();
                return 3_000;
            case 1:
                say($"pause {member.Name}");
                await member.Pause();
                return 2 * LongerThanLease;
            default:
                say($"stop {member.Name}");
                await member.Stop();
                return 2_000;
        }
    }

    private async Task Database()
    {
        if (random.Next(2) == 0)
        {
            say("kill -9 the database");
            await cluster.Database.Kill();
            await Task.Delay(random.Next(4_000));
            await cluster.Database.Restart();
        }
        else
        {
            say("freeze the database");
            cluster.Database.Freeze();
            await Task.Delay(random.Next(LongerThanLease));
            cluster.Database.Thaw();
        }
    }

    private ClusterProcess Any(IReadOnlyList<ClusterProcess> members) => members[random.Next(members.Count)];
}
