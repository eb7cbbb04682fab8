using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// The mailbox: decides which request may start. A request starts at once when nothing runs, or when it may interleave with what runs;
/// otherwise it waits in order of arrival. Waiting requests are looked at again when a running one ends. A request that interleaves with
/// everything blocks nobody either: only the others count as blocking.
/// </summary>
internal sealed partial class Activation
{
    private GrainRequest? _waitingHead;
    private GrainRequest? _waitingTail;
    private int _accepted;
    private int _running;
    private int _blocking;
    private int _blockingReadOnly;
    private Dictionary<Guid, int>? _reentrantChains;

    /// <summary>When a request last began or ended, on the engine's clock.</summary>
    internal long LastUsed { get; private set; }

    internal bool IsIdle
    {
        get
        {
            lock (_ready)
                return _state == LifeState.Valid && _accepted == 0 && _ready.Count == 0 && !_scheduled;
        }
    }

    /// <summary>Requests that wait or run.</summary>
    internal int QueueLength => Volatile.Read(ref _accepted);

    public bool Post(GrainRequest request)
    {
        bool wake;
        lock (_ready)
        {
            if (_state == LifeState.Gone)
                return false;
            if (_accepted < _silo.MailboxLimit || request.IsInternal)
            {
                _accepted++;
                request.RunsOn = this;
                if (MayStart(request))
                    Admit(request);
                else
                    Append(request);
                wake = Wake();
                request = null!;
            }
            else
            {
                wake = false;
            }
        }

        if (wake)
            Schedule();
        // Overload is refused at once: a queue without end only turns it into timeouts.
        request?.Fail(new LimitExceededException("mailbox", QueueLength, _silo.MailboxLimit, GrainId));
        return true;
    }

    public void EnterSection(Guid id)
    {
        lock (_ready)
        {
            _reentrantChains ??= [];
            _reentrantChains[id] = _reentrantChains.GetValueOrDefault(id) + 1;
        }
    }

    public void ExitSection(Guid id)
    {
        lock (_ready)
        {
            if (_reentrantChains is null || !_reentrantChains.TryGetValue(id, out var depth))
                return;
            if (depth == 1)
                _reentrantChains.Remove(id);
            else
                _reentrantChains[id] = depth - 1;
        }
    }

    void ICallSink.Finished(GrainRequest request, Exception? failure)
    {
        request.Activity?.Stop();
        request.IsDone = true;
        if (failure is not null && StorageConflict.IsOwn(failure))
            Deactivate(new Orleans.DeactivationReason(Orleans.DeactivationReasonCode.ApplicationError, failure,
                "Another writer changed the record."));
        bool wake;
        lock (_ready)
        {
            _accepted--;
            _running--;
            if (request.Blocks)
            {
                _blocking--;
                if (request.Method.IsReadOnly)
                    _blockingReadOnly--;
            }

            if (!request.IsInternal)
                LastUsed = _silo.Clock.Now;
            AdmitWaiting();
            EndWhenQuiet();
            wake = Wake();
        }

        if (wake)
            Schedule();
    }

    private bool MayStart(GrainRequest request)
    {
        if (_state != LifeState.Valid)
            return false;
        if (_blocking == 0 || !IsBlocking(request))
            return true;
        if (request.Method.IsReadOnly && _blockingReadOnly == _blocking)
            return true;
        if (_reentrantChains is { Count: > 0 } chains && request.Headers is { } headers
            && headers.TryGetValue(RequestContext.ReentrancyKey, out var id) && id is Guid chain && chains.ContainsKey(chain))
            return true;
        return false;
    }

    private bool IsBlocking(GrainRequest request) => !Class.IsReentrant && !request.Method.AlwaysInterleaves
        && !(Class.MayInterleave is { } predicate && predicate(request));

    private void Admit(GrainRequest request)
    {
        _running++;
        request.Blocks = IsBlocking(request);
        if (request.Blocks)
        {
            _blocking++;
            if (request.Method.IsReadOnly)
                _blockingReadOnly++;
        }

        _ready.Enqueue(request);
    }

    private void Append(GrainRequest request)
    {
        if (_waitingTail is null)
            _waitingHead = request;
        else
            _waitingTail.NextWaiting = request;
        _waitingTail = request;
        Class.Figures.Waits(1);
    }

    /// <summary>Starts what may start. Usually that is the head alone; only read-only requests and re-entering chains overtake.</summary>
    private void AdmitWaiting()
    {
        GrainRequest? previous = null;
        var request = _waitingHead;
        while (request is not null)
        {
            var next = request.NextWaiting;
            if (MayStart(request))
            {
                Unlink(previous, request);
                Admit(request);
            }
            else
            {
                previous = request;
                // Behind an ordinary request nobody further back can start either: who interleaves never came to wait here.
                if (_blockingReadOnly != _blocking && _reentrantChains is not { Count: > 0 })
                    return;
                if (_state != LifeState.Valid)
                    return;
            }

            request = next;
        }
    }

    private void Unlink(GrainRequest? previous, GrainRequest request)
    {
        if (previous is null)
            _waitingHead = request.NextWaiting;
        else
            previous.NextWaiting = request.NextWaiting;
        if (ReferenceEquals(_waitingTail, request))
            _waitingTail = previous;
        request.NextWaiting = null;
        Class.Figures.Waits(-1);
    }

    /// <summary>Takes all waiting requests out, to be refused or sent elsewhere.</summary>
    private List<GrainRequest> TakeWaiting()
    {
        var taken = new List<GrainRequest>();
        for (var request = _waitingHead; request is not null;)
        {
            var next = request.NextWaiting;
            request.NextWaiting = null;
            request.RunsOn = null;
            taken.Add(request);
            request = next;
        }

        _waitingHead = _waitingTail = null;
        _accepted -= taken.Count;
        Class.Figures.Waits(-taken.Count);
        return taken;
    }

    /// <summary>The silo's lease is over: somebody else may act in its place by now.</summary>
    private void Refuse(GrainRequest request)
    {
        if (request is TimerTick tick)
            tick.Postpone();
        else
            _silo.Router.Refuse(request);
        ((ICallSink)this).Finished(request, null);
    }

    private void RunRequest(GrainRequest request)
    {
        var now = _silo.Clock.Now;
        if (!_silo.Lease.MayAct(now) || !IsOfThisLife)
        {
            Refuse(request);
            return;
        }

        if (request.IsInternal)
        {
            request.Start(GrainInstance!, this);
            return;
        }

        LastUsed = now;
        if (request.Remote is ReceivedCall { IsStale: true })
        {
            // It waited here while its caller was declared dead, or this silo was; somebody else has gone on since.
            request.Fail(new SiloUnavailableException($"{request} comes from before a silo was declared dead."));
            ((ICallSink)this).Finished(request, null);
            return;
        }

        if (request.IsAnswered && !request.Method.IsOneWay || request.IsExpired(now))
        {
            // Its caller is gone: nobody wants the effect any more.
            request.Fail(new TimeoutException($"{request} expired in the mailbox."));
            ((ICallSink)this).Finished(request, null);
            return;
        }

        if (request.Headers is { } headers)
            RequestContext.Current = headers;
        CallChain.Enter(request, now + _silo.DefaultTimeout);
        EngineActivities.Enter(request);
        if (Class.IsFilter || _silo.IncomingFilters.Length > 0)
            IncomingCall.Start(this, request);
        else
            request.Start(GrainInstance!, this);
    }
}
