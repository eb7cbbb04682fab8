using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>
/// What is done to a cluster, in an order and for times that a seed draws. Kinds of faults are dealt like cards: all of them come before
/// one comes again more often than others, so that a short run meets each.
/// </summary>
internal sealed class ChaosFaults
{
    /// <summary>Longer than a silo's lease of 3.5 s: the others have declared it dead when it wakes up.</summary>
    internal const int LongerThanLease = 5_000;

    private readonly ProcessCluster cluster;
    private readonly Random random;
    private readonly Action<string> say;
    private readonly IReadOnlyList<Func<Task>> deck;

    internal ChaosFaults(ProcessCluster cluster, Random random, Action<string> say)
    {
        (this.cluster, this.random, this.say) = (cluster, random, say);
        List<Func<Task>> kinds = [Processes, Processes, Database];
        if (cluster.Network is not null)
        {
            var cuts = new ChaosCuts(cluster, cluster.Network, random, say);
            kinds.AddRange([cuts.Short, cuts.Long]);
        }
        if (cluster.HasClocks)
            kinds.Add(new ChaosClocks(cluster, random, say).Jump);
        deck = kinds;
    }

    /// <summary>Hurts and heals until all kinds were there and the time is over; all is healed at the end, but clocks stay as they
    /// are.</summary>
    internal async Task Run(TimeSpan length)
    {
        var begun = TimeProvider.System.GetTimestamp();
        do
        {
            var cards = deck.ToArray();
            random.Shuffle(cards);
            foreach (var fault in cards)
            {
                // The time between faults is part of what is drawn: too short to recover in, or long enough.
                await Task.Delay(random.Next(1_500));
                await fault();
            }
        }
        while (TimeProvider.System.GetElapsedTime(begun) < length);
    }

    private async Task Processes()
    {
        // A silo three times in four: it is where the records are.
        var hurt = Enumerable.Range(0, random.Next(3) == 0 ? 2 : 1)
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
