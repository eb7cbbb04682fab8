using System.Diagnostics;

namespace Fabric.Engine;

/// <summary>
/// How long turns took: so many up to each bound, and all together. A turn costs two additions in a cell that its processor has nearly to
/// itself, and the clock's reading; nothing is allocated.
/// </summary>
internal sealed class TurnHistogram
{
    /// <summary>Upper bounds of the buckets, in seconds. Above the last one a turn is long-running, by Orleans' own measure.</summary>
    internal static readonly double[] Bounds = [0.000_01, 0.000_1, 0.001, 0.01, 0.1, 1];

    // Two cache lines: processors fetch them in pairs.
    private const int CellLongs = 16;

    private static readonly long[] Ticks = [.. Bounds.Select(static bound => (long)(bound * Stopwatch.Frequency))];
    private static readonly int Cells = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);

    private readonly long[] _counts = new long[(Cells + 1) * CellLongs];

    /// <summary>How many buckets there are, the one without a bound included.</summary>
    internal static int Buckets => Bounds.Length + 1;

    /// <summary>A turn that began then has ended. Gives the time now, at which the next one begins.</summary>
    internal long Ended(long began)
    {
        var now = Stopwatch.GetTimestamp();
        var took = now - began;
        var bucket = 0;
        while (bucket < Ticks.Length && took > Ticks[bucket])
            bucket++;
        var cell = ((Thread.GetCurrentProcessorId() & (Cells - 1)) + 1) * CellLongs;
        Interlocked.Increment(ref _counts[cell + bucket]);
        Interlocked.Add(ref _counts[cell + Buckets], took);
        return now;
    }

    /// <summary>Turns in one bucket.</summary>
    internal long InBucket(int bucket) => Sum(bucket);

    /// <summary>Turns up to a bucket's bound, as Prometheus counts.</summary>
    internal long UpTo(int bucket) => Enumerable.Range(0, bucket + 1).Sum(Sum);

    internal double Seconds => (double)Sum(Buckets) / Stopwatch.Frequency;

    private long Sum(int place)
    {
        var sum = 0L;
        for (var cell = 1; cell <= Cells; cell++)
            sum += Volatile.Read(ref _counts[(cell * CellLongs) + place]);
        return sum;
    }
}
