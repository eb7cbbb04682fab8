namespace Fabric.Engine;

/// <summary>
/// Milliseconds that only grow. Deadlines and idle times are counted on it, as coarse as the system tick but nearly free to read.
/// </summary>
internal sealed class EngineClock(TimeProvider time)
{
    private readonly bool _isSystem = ReferenceEquals(time, TimeProvider.System);
    private readonly long _origin = time.GetTimestamp();

    internal TimeProvider Time { get; } = time;

    internal long Now => _isSystem ? Environment.TickCount64 : (long)Time.GetElapsedTime(_origin).TotalMilliseconds;

    internal long After(TimeSpan span) => span == Timeout.InfiniteTimeSpan || span.TotalMilliseconds >= long.MaxValue / 2
        ? long.MaxValue
        : Now + (long)span.TotalMilliseconds;
}
