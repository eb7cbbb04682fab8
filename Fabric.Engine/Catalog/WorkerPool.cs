using System.Collections.Immutable;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The local activations of one stateless worker: a request goes to an idle one, else to a new one, else to the shortest queue.
/// </summary>
internal sealed class WorkerPool(SiloRuntime silo, GrainClass grainClass, GrainId id) : IMessageTarget
{
    private readonly Lock _gate = new();
    private ImmutableArray<Activation> _workers = [];

    internal ImmutableArray<Activation> Workers
    {
        get
        {
            lock (_gate)
                return _workers;
        }
    }

    public bool Post(GrainRequest request)
    {
        while (!Choose().Post(request))
        {
            // The chosen worker left in the meantime and has removed itself: choose again.
        }

        return true;
    }

    internal void Remove(Activation worker)
    {
        lock (_gate)
            _workers = _workers.Remove(worker);
    }

    private Activation Choose()
    {
        lock (_gate)
        {
            var best = _workers.Where(worker => !worker.IsGone).MinBy(worker => worker.QueueLength);
            if (best is not null && (best.QueueLength == 0 || _workers.Length >= grainClass.MaxLocalWorkers))
                return best;
            var fresh = new Activation(silo, grainClass, id, silo.Membership.Current.Version, this);
            _workers = _workers.Add(fresh);
            return fresh;
        }
    }
}
