using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fabric.Grains.Identity;

/// <summary>How many hashes of passwords and secrets were made, and how long they took without the wait for their turn.</summary>
internal static class HashMetrics
{
    /// <summary>The histogram's name.</summary>
    internal const string DurationName = "fabric.identity.password_hash.duration";

    private static readonly Meter Meter = new("Fabric.Identity");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        DurationName, "s", "How long hashes of passwords and secrets took.");

    /// <summary>Does the work, and counts it.</summary>
    internal static T Timed<T>(Func<T> work)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            return work();
        }
        finally
        {
            Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    }
}
