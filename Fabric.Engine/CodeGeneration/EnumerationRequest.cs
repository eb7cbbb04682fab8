using Orleans.Runtime;

namespace Fabric.Engine.CodeGeneration;

/// <summary>
/// A call of a method that returns IAsyncEnumerable&lt;T&gt;. Calling it sends nothing yet; each enumeration sends a copy of this
/// message, which starts the grain's enumerator and brings the first page, and then asks for page after page. The enumerator lives in the
/// activation (<see cref="EnumeratorStore"/>) and its pages interleave with other requests, so a slow reader blocks nobody.
/// </summary>
public abstract class EnumerationRequest<T> : TaskRequest<EnumerationPage<T>>, IAsyncEnumerable<T>
{
    internal int BatchSize { get; set; } = 100;

    /// <summary>Names the enumeration that this message starts; empty before it is sent.</summary>
    internal Guid EnumerationId { get; set; }

    /// <summary>Calls the grain's method.</summary>
    protected abstract IAsyncEnumerable<T> Enumerate(object target);

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var start = (EnumerationRequest<T>)CopyForSending();
        start.EnumerationId = Guid.NewGuid();
        if (cancellationToken.CanBeCanceled && IsCancellable)
            start.TokenArgument = cancellationToken;
        return new RemoteEnumerator<T>(start, start.EnumerationId, BatchSize, cancellationToken);
    }

    internal EnumerationRequest<T> WithBatchSize(int size)
    {
        var copy = (EnumerationRequest<T>)CopyForSending();
        copy.BatchSize = size;
        return copy;
    }

    internal Task<EnumerationPage<T>> SendTo(GrainReference target)
    {
        target.Host.Send(target, this);
        return Answer;
    }

    protected sealed override Task<EnumerationPage<T>> InvokeOn(object target)
    {
        var store = EnumeratorStore.Of(RunsOn!);
        return store.Start(EnumerationId, Enumerate(target), BatchSize);
    }
}

/// <summary>Some elements, and whether they are the last.</summary>
public readonly struct EnumerationPage<T>
{
    internal EnumerationPage(IReadOnlyList<T> items, bool isLast)
    {
        Items = items;
        IsLast = isLast;
    }

    internal IReadOnlyList<T> Items { get; }

    internal bool IsLast { get; }
}

/// <summary>Asks a running enumeration for its next page.</summary>
internal sealed class NextPage<T> : TaskRequest<EnumerationPage<T>>
{
    private static readonly GrainMethod Descriptor =
        new(typeof(IGrainExtension), "MoveNext", "$enumerable.next", GrainMethodOptions.AlwaysInterleave, 0, []);

    public override GrainMethod Method => Descriptor;

    internal Guid EnumerationId { get; set; }

    internal int BatchSize { get; set; }

    protected override Task<EnumerationPage<T>> InvokeOn(object target) =>
        EnumeratorStore.Of(RunsOn!).Next<T>(EnumerationId, BatchSize);
}

/// <summary>Ends an enumeration whose reader stopped early.</summary>
internal sealed class StopEnumeration : TaskRequest
{
    private static readonly GrainMethod Descriptor =
        new(typeof(IGrainExtension), "DisposeAsync", "$enumerable.stop", GrainMethodOptions.AlwaysInterleave, 0, []);

    public override GrainMethod Method => Descriptor;

    internal Guid EnumerationId { get; set; }

    protected override Task InvokeOn(object target) => EnumeratorStore.Of(RunsOn!).Stop(EnumerationId);
}

/// <summary>The reader's side of an enumeration.</summary>
internal sealed class RemoteEnumerator<T>(EnumerationRequest<T> start, Guid id, int batchSize, CancellationToken token)
    : IAsyncEnumerator<T>
{
    private EnumerationPage<T> _page;
    private int _position = -1;
    private bool _started;

    public T Current => _page.Items[_position];

    public async ValueTask<bool> MoveNextAsync()
    {
        token.ThrowIfCancellationRequested();
        if (_started && ++_position < _page.Items.Count)
            return true;
        // A page may be empty: the grain says that it is still there, though nothing has come yet.
        while (!_started || !_page.IsLast)
        {
            _page = await Fetch();
            _position = 0;
            if (_page.Items.Count > 0)
                return true;
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started || _page.IsLast)
            return;
        try
        {
            var stop = new StopEnumeration { EnumerationId = id };
            start.Target.Host.Send(start.Target, stop);
            await stop.Answer;
        }
        catch (Exception failure) when (failure is TimeoutException or OrleansException)
        {
            // The grain is gone or too busy; its enumerator goes with the activation.
        }
    }

    private Task<EnumerationPage<T>> Fetch()
    {
        if (!_started)
        {
            _started = true;
            return start.SendTo(start.Target).WaitAsync(token);
        }

        var next = new NextPage<T> { EnumerationId = id, BatchSize = batchSize };
        start.Target.Host.Send(start.Target, next);
        return next.Answer.WaitAsync(token);
    }
}
