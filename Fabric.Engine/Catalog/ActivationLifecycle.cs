using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Subscribers by stage: started upwards, stopped downwards. Those of one stage run one after the other.</summary>
internal sealed class ActivationLifecycle : IGrainLifecycle, ISiloLifecycle
{
    private readonly List<Subscription> _subscriptions = [];

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var subscription = new Subscription(this, stage, observer);
        _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Starts the stages in [from, to).</summary>
    internal async Task Start(int from, int to, CancellationToken token)
    {
        // OrderBy is stable: within a stage the order of subscription holds.
        foreach (var subscription in _subscriptions.Where(each => each.Stage >= from && IsBelow(each.Stage, to))
            .OrderBy(each => each.Stage).ToArray())
        {
            subscription.Started = true;
            await subscription.Observer.OnStart(token);
        }
    }

    /// <summary>Stops the started stages from [to, from), highest first.</summary>
    internal async Task Stop(int from, int to, CancellationToken token)
    {
        foreach (var subscription in _subscriptions.Where(each => each.Started && each.Stage >= to && IsBelow(each.Stage, from))
            .OrderByDescending(each => each.Stage).ToArray())
        {
            subscription.Started = false;
            await subscription.Observer.OnStop(token);
        }
    }

    private static bool IsBelow(int stage, int bound) => stage < bound || bound == GrainLifecycleStage.Last;

    private sealed class Subscription(ActivationLifecycle owner, int stage, ILifecycleObserver observer) : IDisposable
    {
        internal int Stage { get; } = stage;

        internal ILifecycleObserver Observer { get; } = observer;

        internal bool Started { get; set; }

        public void Dispose() => owner._subscriptions.Remove(this);
    }
}
