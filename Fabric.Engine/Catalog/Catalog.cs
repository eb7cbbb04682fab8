using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The activations of this silo by grain id. Look-ups take no lock; making and forgetting lock one of many stripes.</summary>
internal sealed class Catalog(SiloRuntime silo)
{
    // More stripes than cores, so that creating activations in a storm does not queue up on one.
    private readonly ConcurrentDictionary<GrainId, IMessageTarget> _targets = new(Environment.ProcessorCount * 8, 4096);
    private long _created;
    private long _destroyed;

    internal long Created => Volatile.Read(ref _created);

    internal long Destroyed => Volatile.Read(ref _destroyed);

    internal int Count => _targets.Count;

    /// <summary>All activations, those of stateless workers included.</summary>
    internal IEnumerable<Activation> All => _targets.Values.SelectMany(target => target switch
    {
        Activation activation => [activation],
        WorkerPool pool => pool.Workers,
        _ => Enumerable.Empty<Activation>(),
    });

    internal bool TryGet(GrainId id, [NotNullWhen(true)] out IMessageTarget? target) => _targets.TryGetValue(id, out target);

    internal IMessageTarget GetOrCreate(GrainId id, GrainClass grainClass, MembershipVersion placedIn)
    {
        if (_targets.TryGetValue(id, out var target))
            return target;
        // The factory may run twice under a race; an activation that loses was never started and costs nothing.
        return _targets.GetOrAdd(id, static (key, arguments) => arguments.grainClass.MaxLocalWorkers > 0
            ? new WorkerPool(arguments.silo, arguments.grainClass, key)
            : new Activation(arguments.silo, arguments.grainClass, key, arguments.placedIn), (silo, grainClass, placedIn));
    }

    internal void AddTarget(GrainId id, IMessageTarget target) => _targets[id] = target;

    internal void RemoveTarget(GrainId id) => _targets.TryRemove(id, out _);

    internal void Remove(Activation activation)
    {
        if (activation.Owner is WorkerPool pool)
            pool.Remove(activation);
        else
            _targets.TryRemove(KeyValuePair.Create<GrainId, IMessageTarget>(activation.GrainId, activation));
    }

    /// <summary>Forgets all activations at once; what they still do is nobody's any more.</summary>
    internal void Abandon()
    {
        foreach (var (id, target) in _targets)
        {
            if (target is Activation or WorkerPool)
                _targets.TryRemove(KeyValuePair.Create(id, target));
        }
    }

    internal void CountCreated() => Interlocked.Increment(ref _created);

    internal void CountDestroyed() => Interlocked.Increment(ref _destroyed);
}
