using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>What one silo counts of one type of grains.</summary>
internal sealed class GrainFigures(GrainType type)
{
    private long _created;
    private long _destroyed;
    private long _failed;
    private long _waiting;

    /// <summary>The tag of its measurements, under Orleans' own name.</summary>
    internal KeyValuePair<string, object?> Tag { get; } = new("grain_type", type.ToString());

    internal long Created => Volatile.Read(ref _created);

    internal long Destroyed => Volatile.Read(ref _destroyed);

    /// <summary>Activations that never came to life.</summary>
    internal long Failed => Volatile.Read(ref _failed);

    internal long Active => Created - Destroyed;

    /// <summary>Requests in mailboxes that may not start yet.</summary>
    internal long Waiting => Volatile.Read(ref _waiting);

    internal TurnHistogram Turns { get; } = new();

    internal void CountCreated() => Interlocked.Increment(ref _created);

    internal void CountDestroyed() => Interlocked.Increment(ref _destroyed);

    internal void CountFailed() => Interlocked.Increment(ref _failed);

    internal void Waits(int more) => Interlocked.Add(ref _waiting, more);
}
