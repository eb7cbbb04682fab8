namespace Fabric.Engine;

/// <summary>
/// What time it is in a cluster: the store's clock, which all members hear with each renewal of their lease, carried on by a clock that
/// nobody sets. The clocks of the members' own machines may stand apart by hours, or be put right while the members run: times that one
/// silo writes and another compares, such as when a node was heard of, a token ends or a saga moved last, stay comparable. Timers and
/// timestamps are the system's, which never jump. Until the first answer of the store this is the machine's own clock.
/// </summary>
internal sealed class ClusterTime : TimeProvider
{
    private const long Unknown = long.MinValue;

    private readonly LeaseClock _steady = new(System);

    // What the store's clock is ahead of the steady one, in ticks.
    private long _ahead = Unknown;

    /// <summary>The clock between two answers, in ticks since the machine started.</summary>
    internal long Steady => _steady.NowTicks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        var ahead = Volatile.Read(ref _ahead);
        return ahead == Unknown ? base.GetUtcNow() : new(_steady.NowTicks + ahead, TimeSpan.Zero);
    }

    /// <summary>
    /// The store said what time it was at some moment between a question and its answer. What is believed already stays when it agrees with
    /// that, and is else corrected by as little as it takes: a slow answer teaches less than a quick one, and cannot spoil it.
    /// </summary>
    internal void Learn(long asked, DateTimeOffset told, long answered)
    {
        var least = told.UtcTicks - answered;
        var most = told.UtcTicks - asked;
        var ahead = Volatile.Read(ref _ahead);
        Volatile.Write(ref _ahead, ahead == Unknown ? least + ((most - least) / 2) : Math.Clamp(ahead, least, most));
    }
}
