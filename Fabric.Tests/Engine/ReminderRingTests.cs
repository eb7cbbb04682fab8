using System.Net;
using Fabric.Engine;

namespace Fabric.Tests.Engine;

/// <summary>Who rings what, as a pure function of who is there.</summary>
public sealed class ReminderRingTests
{
    private static readonly SiloAddress[] Silos = [.. Enumerable.Range(1, 7).Select(number =>
        SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11000 + number), 1000 + number))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void The_ranges_of_all_silos_are_the_whole_ring_without_gap_or_overlap(int count)
    {
        var ring = new ReminderRing(Silos[..count]);
        var ranges = Silos[..count].ToDictionary(silo => silo, silo => ring.RangesOf(silo));
        var draw = new Random(5);
        foreach (var hash in Enumerable.Range(0, 5_000).Select(_ => (uint)draw.NextInt64(1L << 32)).Append(0u).Append(uint.MaxValue)
            .Concat(ranges.Values.SelectMany(each => each).SelectMany(range => new[] { range.Begin, range.End, range.End + 1 })))
        {
            var owners = ranges.Where(each => each.Value.Exists(range => range.Contains(hash))).Select(each => each.Key).ToList();
            Assert.Equal([ring.Owner(hash)!], owners);
        }

        Assert.Equal(100, Silos[..count].Sum(ring.PercentageOf), 6);
    }

    [Fact]
    public void Alone_a_silo_has_one_range_and_among_seven_none_has_more_than_twice_its_share()
    {
        Assert.Equal([new HashRange(5, 5).Length], new ReminderRing(Silos[..1]).RangesOf(Silos[0]).Select(range => range.Length));
        var ring = new ReminderRing(Silos);
        Assert.All(Silos, silo => Assert.InRange(ring.PercentageOf(silo), 100d / 7 / 2, 100d / 7 * 2));
    }

    [Fact]
    public void When_a_silo_comes_only_what_it_takes_changes_hands_and_it_has_just_that_to_read()
    {
        var (before, after) = (new ReminderRing(Silos[..3]), new ReminderRing(Silos[..4]));
        Assert.All(Silos[..3], silo => Assert.Empty(after.RangesOf(silo, before)));
        Assert.Equal(after.RangesOf(Silos[3]), after.RangesOf(Silos[3], before));
        // And back: each of the others reads what it had not, and together they read what the leaving one had.
        var gained = Silos[..3].SelectMany(silo => before.RangesOf(silo, after)).ToList();
        Assert.Equal(after.PercentageOf(Silos[3]), gained.Sum(range => range.Length) / HashRange.WholeRing * 100, 6);
    }

    [Fact]
    public void The_order_in_which_silos_are_named_does_not_matter()
    {
        var (one, other) = (new ReminderRing(Silos), new ReminderRing([.. Silos.Reverse()]));
        Assert.All(Silos, silo => Assert.Equal(one.RangesOf(silo), other.RangesOf(silo)));
        Assert.Null(new ReminderRing([]).Owner(7));
    }
}
