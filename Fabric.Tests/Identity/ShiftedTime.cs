namespace Fabric.Tests.Identity;

/// <summary>The real clock, some days ahead: what lasts days passes at once, and timers go as ever.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private long ahead;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref ahead));

    /// <summary>From now on it is later.</summary>
    internal void Pass(TimeSpan time) => Interlocked.Add(ref ahead, time.Ticks);
}
