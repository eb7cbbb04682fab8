using System.Collections.Concurrent;
using System.Threading.Channels;
using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// Objects of this process that grains can call. They are held weakly: an observer lives as long as its owner keeps it. Calls to one
/// observer run one at a time in order of arrival, on the pool. Its id names the silo, so that calls from other silos find the way.
/// </summary>
internal sealed class ObserverDirectory(SiloRuntime silo)
{
    private static readonly GrainType ObserverType = GrainType.Create("sys.client");

    internal static bool IsObserver(GrainId id) => id.Type == ObserverType;

    /// <summary>The silo or client whose object it is.</summary>
    internal static SiloAddress HomeOf(GrainId id)
    {
        var key = id.Key.ToString();
        var end = key.LastIndexOf('+');
        return SiloAddress.FromParsableString(end < 0 ? key : key[..end]);
    }

    internal GrainId Add(IGrainObserver observer)
    {
        if (observer is GrainReference)
            throw new ArgumentException("This is a reference already.", nameof(observer));
        var id = new GrainId(ObserverType, IdSpan.Create($"{silo.Address.ToParsableString()}+{Guid.NewGuid():N}"));
        silo.Catalog.AddTarget(id, new ObserverTarget(silo, id, observer));
        return id;
    }

    internal void Remove(GrainId id) => silo.Catalog.RemoveTarget(id);
}

/// <summary>The mailbox of one observer.</summary>
internal sealed class ObserverTarget : IMessageTarget, ICallSink
{
    // An observer that does not keep up loses calls: delivery is best effort anyway.
    private const int MaximumQueue = 10_000;

    private readonly SiloRuntime _silo;
    private readonly GrainId _id;
    private readonly WeakReference<IGrainObserver> _observer;
    private readonly Channel<GrainRequest> _queue = Channel.CreateBounded<GrainRequest>(MaximumQueue);
    private int _draining;

    internal ObserverTarget(SiloRuntime silo, GrainId id, IGrainObserver observer)
    {
        _silo = silo;
        _id = id;
        _observer = new WeakReference<IGrainObserver>(observer);
    }

    public bool Post(GrainRequest request)
    {
        if (!_queue.Writer.TryWrite(request))
            request.Fail(new LimitExceededException("observer", MaximumQueue, MaximumQueue, _id));
        if (Interlocked.Exchange(ref _draining, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(static target => _ = target.Drain(), this, preferLocal: false);
        return true;
    }

    public void Finished(GrainRequest request, Exception? failure)
    {
        request.Activity?.Stop();
        if (failure is not null && request.Method.IsOneWay)
            _silo.Log.ObserverFailed(failure, _id);
    }

    private async Task Drain()
    {
        do
        {
            while (_queue.Reader.TryRead(out var request))
                await Deliver(request).ConfigureAwait(false);
            Volatile.Write(ref _draining, 0);
            // One may have come after the last read and before the flag was put back.
        }
        while (_queue.Reader.TryPeek(out _) && Interlocked.Exchange(ref _draining, 1) == 0);
    }

    private async Task Deliver(GrainRequest request)
    {
        if (!_observer.TryGetTarget(out var observer))
        {
            _silo.Observers.Remove(_id);
            request.Fail(new ClientNotAvailableException(_id));
            return;
        }

        if (request.Headers is { } headers)
            RequestContext.Current = headers;
        EngineActivities.Enter(request);
        request.Start(observer, this);
        await request.MethodDone.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
