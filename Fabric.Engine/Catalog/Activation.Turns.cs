using System.Diagnostics;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The turn scheduler. Ready work (requests that were admitted, continuations, timers' and lifecycle's actions) stands in one queue; at
/// most one thread drains it, so two turns never overlap. The drain runs inside a task of this very TaskScheduler: that makes
/// TaskScheduler.Current point here, and awaits in grain code come back. After each item the thread's execution context is put back, so
/// what a request set in an AsyncLocal never leaks into the next one.
/// </summary>
internal sealed partial class Activation
{
    // After so many turns the activation goes to the end of the pool's queue, so that one busy grain does not starve the others.
    private const int TurnsPerDrain = 64;

    private readonly Queue<object> _ready = new(4);
    private bool _scheduled;

    public override int MaximumConcurrencyLevel => 1;

    public void QueueAction(Action action) => Ready(action);

    public void QueueAction(Action<object> action, object state) => Ready(new StatefulAction(action, state));

    void IWorkItemScheduler.QueueTask(Task task) => Ready(task);

    void IThreadPoolWorkItem.Execute()
    {
        var drain = new Drain(this);
        drain.Start(this);
        TryExecuteTask(drain);
        drain.Rethrow();
    }

    protected override void QueueTask(Task task)
    {
        if (task is Drain)
            return;
        Ready(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, this) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_ready)
            return _ready.OfType<Task>().ToArray();
    }

    private void Ready(object work)
    {
        bool wake;
        lock (_ready)
        {
            _ready.Enqueue(work);
            wake = Wake();
        }

        if (wake)
            Schedule();
    }

    /// <summary>Call under the lock; true when the caller must then schedule the drain.</summary>
    private bool Wake()
    {
        if (_scheduled || _ready.Count == 0)
            return false;
        return _scheduled = true;
    }

    private void Schedule() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

    private void DrainReady()
    {
        var clean = ExecutionContext.Capture()!;
        RuntimeContext.Current = this;
        var began = _silo.Metrics.TurnBegins;
        try
        {
            for (var turn = 0; turn < TurnsPerDrain; turn++)
            {
                object? work;
                lock (_ready)
                {
                    if (!_ready.TryDequeue(out work))
                    {
                        _scheduled = false;
                        return;
                    }
                }

                Run(work);
                ExecutionContext.Restore(clean);
                if (began != 0)
                    began = Class.Figures.Turns.Ended(began);
            }
        }
        finally
        {
            RuntimeContext.Current = null;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void Run(object work)
    {
        switch (work)
        {
            case GrainRequest request:
                RunRequest(request);
                break;
            case Task task:
                TryExecuteTask(task);
                break;
            case StatefulAction action:
                action.Invoke();
                break;
            case StartLife:
                BeginLife();
                break;
            case EndLife end:
                BeginEnd(end);
                break;
            case Action action:
                action();
                break;
            default:
                throw new UnreachableException($"No such work: {work.GetType()}");
        }
    }

    private sealed class Drain(Activation activation) : Task(static state => ((Activation)state!).DrainReady(), activation)
    {
        /// <summary>A failure here is ours, not a grain's: it must not vanish in an unobserved task.</summary>
        internal void Rethrow()
        {
            if (IsFaulted)
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(Exception!.InnerExceptions[0]);
        }
    }

    private sealed class StatefulAction(Action<object> action, object state)
    {
        internal void Invoke() => action(state);
    }

    private sealed record StartLife(Activation Activation);

    private sealed record EndLife(Orleans.DeactivationReason Reason);
}
