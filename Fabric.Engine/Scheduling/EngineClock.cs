namespace Fabric.Engine;

/// <summary>
/// Milliseconds that only grow. Deadlines and idle times are counted on it, as coarse as the system tick but nearly free to read.
/// </summary>
internal sealed class EngineClock(TimeProvider time)
{
    private readonly bool _isSystem = IsReal(time);
    private readonly long _origin = time.GetTimestamp();

    internal TimeProvider Time { get; } = time;

    /// <summary>Its steady clocks are the system's, which can be read for less.</summary>
    internal static bool IsReal(TimeProvider time) => ReferenceEquals(time, TimeProvider.System) || time is ClusterTime;

    internal long Now => _isSystem ? Environment.TickCount64 : (long)Time.GetElapsedTime(_origin).TotalMilliseconds;

    internal long After(TimeSpan span) => span == Timeout.InfiniteTimeSpan || span.TotalMilliseconds >= long.MaxValue / 2
        ? long.MaxValue
        : Now + (long)span.TotalMilliseconds;
}
