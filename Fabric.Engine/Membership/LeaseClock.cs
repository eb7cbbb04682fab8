using System.Runtime.InteropServices;

namespace Fabric.Engine;

/// <summary>
/// The clock of leases. CLOCK_BOOTTIME goes on while the machine is suspended, as the database's clock does; the monotonic clock does
/// not, and a silo that trusts it would wake up believing in a lease that others saw end long ago.
/// </summary>
internal sealed partial class LeaseClock(TimeProvider time)
{
    private const int BootTime = 7;

    private readonly bool _isSystem = EngineClock.IsReal(time);
    private readonly long _origin = time.GetTimestamp();

    /// <summary>Milliseconds.</summary>
    internal long Now
    {
        get
        {
            if (!_isSystem)
                return (long)time.GetElapsedTime(_origin).TotalMilliseconds;
            var now = Read();
            return (now.Seconds * 1000) + (now.Nanoseconds / 1_000_000);
        }
    }

    /// <summary>The same, finer.</summary>
    internal long NowTicks
    {
        get
        {
            if (!_isSystem)
                return time.GetElapsedTime(_origin).Ticks;
            var now = Read();
            return (now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick);
        }
    }

    private static TimeSpec Read() => GetTime(BootTime, out var now) == 0
        ? now
        : throw new InvalidOperationException("This kernel has no CLOCK_BOOTTIME.");

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        internal long Seconds;
        internal long Nanoseconds;
    }
}
