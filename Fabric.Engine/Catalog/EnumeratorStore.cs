using Fabric.Engine.CodeGeneration;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>The enumerations that readers have open on one activation. All of it runs in the activation's turns, so it needs no
/// lock.</summary>
internal sealed class EnumeratorStore(Activation activation)
{
    // A page without elements goes back after so long, so that the reader's call does not time out while nothing happens.
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Guid, Running> _running = [];

    internal static EnumeratorStore Of(Activation activation)
    {
        if (activation.GetComponent<EnumeratorStore>() is { } store)
            return store;
        store = new EnumeratorStore(activation);
        activation.SetComponent(store);
        return store;
    }

    internal Task<EnumerationPage<T>> Start<T>(Guid id, IAsyncEnumerable<T> source, int batchSize)
    {
        var cancellation = new CancellationTokenSource();
        var running = new Running<T>(source.GetAsyncEnumerator(cancellation.Token), cancellation);
        _running[id] = running;
        return Page(id, running, batchSize);
    }

    internal Task<EnumerationPage<T>> Next<T>(Guid id, int batchSize) => _running.TryGetValue(id, out var running)
        ? Page(id, (Running<T>)running, batchSize)
        : throw new EnumerationAbortedException("The enumerator is gone: the activation that held it was deactivated.");

    internal async Task Stop(Guid id)
    {
        if (_running.Remove(id, out var running))
            await running.DisposeAsync();
    }

    internal async Task StopAll()
    {
        foreach (var id in _running.Keys.ToArray())
            await Stop(id);
    }

    private async Task<EnumerationPage<T>> Page<T>(Guid id, Running<T> running, int batchSize)
    {
        var items = new List<T>();
        try
        {
            while (items.Count < batchSize)
            {
                var moving = running.Moving ?? running.Source.MoveNextAsync().AsTask();
                running.Moving = moving;
                // What is there goes to the reader now; what is not there yet is asked for with the next page.
                if (!moving.IsCompleted && (items.Count > 0 || !await CompletesSoon(moving)))
                    return new EnumerationPage<T>(items, isLast: false);
                running.Moving = null;
                if (!await moving)
                {
                    await Stop(id);
                    return new EnumerationPage<T>(items, isLast: true);
                }

                items.Add(running.Source.Current);
            }
        }
        catch
        {
            await Stop(id);
            throw;
        }

        return new EnumerationPage<T>(items, isLast: false);
    }

    private async Task<bool> CompletesSoon(Task moving)
    {
        using var stop = new CancellationTokenSource();
        var heartbeat = Task.Delay(Heartbeat, activation.Silo.Clock.Time, stop.Token);
        var first = await Task.WhenAny(moving, heartbeat);
        await stop.CancelAsync();
        return first == moving;
    }

    private abstract class Running(CancellationTokenSource cancellation) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await cancellation.CancelAsync();
            await DisposeSource();
            cancellation.Dispose();
        }

        protected abstract Task DisposeSource();
    }

    private sealed class Running<T>(IAsyncEnumerator<T> source, CancellationTokenSource cancellation) : Running(cancellation)
    {
        internal IAsyncEnumerator<T> Source { get; } = source;

        /// <summary>A step that was begun and whose end no page has waited for yet.</summary>
        internal Task<bool>? Moving { get; set; }

        protected override async Task DisposeSource()
        {
            // An iterator cannot be disposed in the middle of a step. The cancelled token ends the step if the grain heeds it.
            if (Moving is { } moving)
                await ((Task)moving).ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await Source.DisposeAsync();
        }
    }
}
