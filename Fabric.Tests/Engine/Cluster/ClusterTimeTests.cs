using Fabric.Engine;

namespace Fabric.Tests.Engine.Cluster;

/// <summary>All members of a cluster have one time, whatever the clocks of their machines say.</summary>
public sealed class ClusterTimeTests
{
    private static readonly TimeSpan Hours = TimeSpan.FromHours(5);

    private readonly ClusterTime time = new();

    [Fact]
    public void Before_the_store_has_said_anything_it_is_the_time_of_the_machine()
    {
        var before = TimeProvider.System.GetUtcNow();
        var now = time.GetUtcNow();
        Assert.InRange(now, before, TimeProvider.System.GetUtcNow());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void It_is_the_store_s_time_as_exactly_as_its_quickest_answer(int sign)
    {
        var origin = DateTimeOffset.UnixEpoch + (sign * Hours) + TimeSpan.FromDays(20_000);
        var steady = time.Steady;
        DateTimeOffset Store(long at) => origin + TimeSpan.FromTicks(at - steady);

        // A slow answer that came from early on, then a quick one.
        time.Learn(steady, Store(steady + 1), steady + TimeSpan.FromSeconds(2).Ticks);
        time.Learn(steady + 100, Store(steady + 150), steady + 200);
        Assert.InRange(Error(), -100, 100);
        // Another slow one, from late, agrees with what is known, and spoils nothing.
        time.Learn(steady, Store(steady + TimeSpan.FromSeconds(2).Ticks), steady + TimeSpan.FromSeconds(2).Ticks);
        Assert.InRange(Error(), -100, 100);

        // How far off, in ticks, by a reading between two of the steady clock.
        long Error()
        {
            var from = time.Steady;
            var now = time.GetUtcNow();
            var to = time.Steady;
            return now < Store(from) ? (now - Store(from)).Ticks : now > Store(to) ? (now - Store(to)).Ticks : 0;
        }
    }

    [Fact]
    public void A_store_whose_clock_is_set_is_followed()
    {
        var at = time.Steady;
        time.Learn(at, DateTimeOffset.UnixEpoch, at);
        time.Learn(at, DateTimeOffset.UnixEpoch + Hours, at);
        Assert.True(time.GetUtcNow() >= DateTimeOffset.UnixEpoch + Hours);
    }
}
