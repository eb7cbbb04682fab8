using System.Globalization;
using System.Net;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Chaos;

/// <summary>What is done to a cluster is really done: a cut that cuts nothing would prove nothing.</summary>
[Collection(nameof(ChaosTests))]
public sealed class ChaosKitTests
{
    [SkippableFact]
    public async Task The_network_is_cut_where_it_is_said_to_be_and_whole_again_when_it_is_mended()
    {
        Skip.If(ClusterNetwork.Lacks is not null, $"this machine lacks {ClusterNetwork.Lacks}");
        Machine.Needs("ping");
        await using var network = await ClusterNetwork.Start();
        var (one, two, three) = (await network.Join(), await network.Join(), await network.Join());
        Assert.True(await Reaches(one.Namespace, two.Address));
        Assert.True(await Reaches(one.Namespace, network.Database));

        await network.Cut([new(one.Address, two.Address)]);
        Assert.False(await Reaches(one.Namespace, two.Address));
        Assert.True(await Reaches(one.Namespace, three.Address));
        Assert.True(await Reaches(two.Namespace, three.Address));

        // One way is enough: the question arrives, the answer does not.
        await network.Cut([new(network.Database, one.Address)]);
        Assert.False(await Reaches(one.Namespace, network.Database));
        Assert.True(await Reaches(one.Namespace, two.Address));

        await network.Cut();
        Assert.True(await Reaches(one.Namespace, network.Database));
    }

    [SkippableFact]
    public async Task A_clock_is_off_by_what_it_was_set_to()
    {
        Skip.If(ClusterClock.Lacks is not null, $"this machine lacks {ClusterClock.Lacks}");
        using var folder = new ScratchFolder();
        var clock = ClusterClock.Make(folder.File("clock"));
        foreach (var ahead in (TimeSpan[])[TimeSpan.Zero, TimeSpan.FromHours(3), TimeSpan.FromHours(-5)])
        {
            clock.Set(ahead);
            var before = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            var said = (await Command.Run("date", ["+%s"], TimeSpan.FromMinutes(3), clock.Environment)).Succeeded();
            var off = long.Parse(said, CultureInfo.InvariantCulture) - (long)ahead.TotalSeconds;
            Assert.InRange(off, before - 1, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1);
        }
    }

    private static async Task<bool> Reaches(string from, IPAddress to) => (await Command.Run("ip",
        "netns", "exec", from, "ping", "-c", "3", "-i", "0.2", "-W", "2", $"{to}")).Output.Contains("bytes from", StringComparison.Ordinal);
}
