using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>
/// What one silo has to do with another over one way: messages that wait to be written, calls that wait for their answers. To a silo that
/// this one dials the exchange outlives connections: what was not written yet goes out over the next one, because it was surely not
/// executed; what was written and not answered fails when the connection breaks, because nobody can say.
/// </summary>
internal sealed partial class Exchange(SiloTransport transport, SiloAddress other, int life)
{
    // Requests that wait for the socket. More would only wait for their deadlines.
    private const int MaxQueuedRequests = 10_000;

    // So many answers may wait for the socket before no more requests are read from it: who does not take answers gets none.
    private const int MaxQueuedAnswers = 10_000;

    private static long _lastCorrelation;

    private readonly Channel<object> _queue = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<ulong, GrainRequest> _sent = [];
    private readonly ConcurrentDictionary<ulong, GrainRequest> _received = [];
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _releases = [];
    private readonly ArrayBufferWriter<byte> _body = new(4096);
    private int _queuedRequests;
    private int _queuedAnswers;
    private TaskCompletionSource? _answersDrained;
    private readonly Lock _taking = new();
    private long _viewWritten = -1;
    private volatile bool _closed;
    private volatile bool _ofTheDead;

    internal SiloAddress Other => other;

    /// <summary>What came over it does not begin any more: the other side is dead in our view, or it was this silo's earlier life that it
    /// was sent to. Whoever sent it has been told, or will be, that nobody knows; and others may have acted on that.</summary>
    internal bool IsStale => _ofTheDead || life != transport.Silo.Epoch;

    internal ChannelReader<object> Queue => _queue.Reader;

    /// <summary>Something waits to be written.</summary>
    internal bool HasQueued => _queue.Reader.TryPeek(out _);

    /// <summary>Takes a request to send; false when too many wait already.</summary>
    internal bool TryPost(GrainRequest request)
    {
        if (Interlocked.Increment(ref _queuedRequests) > MaxQueuedRequests)
        {
            Interlocked.Decrement(ref _queuedRequests);
            return false;
        }

        if (!_queue.Writer.TryWrite(request))
            transport.Unsent(request);
        return true;
    }

    internal void Post(ControlMessage message) => _queue.Writer.TryWrite(message);

    internal void PostAnswer(GrainRequest answered, ulong correlation)
    {
        _received.TryRemove(correlation, out _);
        Interlocked.Increment(ref _queuedAnswers);
        _queue.Writer.TryWrite(new AnswerMessage(answered, correlation));
    }

    internal void Forget(ulong correlation) => _sent.TryRemove(correlation, out _);

    internal void ForgetReceived(ulong correlation) => _received.TryRemove(correlation, out _);

    /// <summary>Asks the other side to let go of a grain; done when it has, failed when it cannot say.</summary>
    internal async Task Release(GrainId grain, CancellationToken token)
    {
        var correlation = NextCorrelation();
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _releases[correlation] = released;
        try
        {
            Post(new ControlMessage(MessageKind.Release, correlation, output => Wire.Grain(output, grain)));
            if (_closed)
                throw new SiloUnavailableException($"Silo {other} cannot be asked.");
            await released.Task.WaitAsync(token);
        }
        finally
        {
            _releases.TryRemove(correlation, out _);
        }
    }

    /// <summary>Waits until the other side has taken enough of its answers.</summary>
    internal ValueTask AnswersTaken()
    {
        if (Volatile.Read(ref _queuedAnswers) < MaxQueuedAnswers)
            return ValueTask.CompletedTask;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _answersDrained, drained);
        if (Volatile.Read(ref _queuedAnswers) < MaxQueuedAnswers)
            drained.TrySetResult();
        return new ValueTask(drained.Task);
    }

    /// <summary>The connection is gone: what was sent over it is not answered any more.</summary>
    internal void Broken(string why)
    {
        // Another connection starts with a view of its own.
        _viewWritten = -1;
        foreach (var (correlation, request) in _sent)
        {
            if (_sent.TryRemove(correlation, out _))
                request.Fail(new SiloUnavailableException($"Silo {other} is gone ({why}) and may have run {request}."));
        }

        foreach (var (_, released) in _releases)
            released.TrySetException(new SiloUnavailableException($"Silo {other} is gone ({why})."));
        _answersDrained?.TrySetResult();
    }

    /// <summary>No connection will come any more; what was not sent is the caller's to send elsewhere.</summary>
    internal List<GrainRequest> Close(string why)
    {
        _closed = true;
        _queue.Writer.TryComplete();
        Broken(why);
        var unsent = new List<GrainRequest>();
        while (_queue.Reader.TryRead(out var item))
        {
            if (item is GrainRequest request)
                unsent.Add(request);
        }

        return unsent;
    }

    /// <summary>The other side is dead in our view. When this returns, nothing that it sent begins here any more: who acts in its place
    /// must not be followed by what it had on its way.</summary>
    internal void Disown()
    {
        lock (_taking)
            _ofTheDead = true;
    }

    private static ulong NextCorrelation() => (ulong)Interlocked.Increment(ref _lastCorrelation);

    private sealed record AnswerMessage(GrainRequest Request, ulong Correlation);
}
