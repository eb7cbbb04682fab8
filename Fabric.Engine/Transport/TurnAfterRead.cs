using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Fabric.Engine;

/// <summary>
/// Spares a request from afar the way to another thread. The reading loop that took it from the socket asks for the next bytes first, and
/// then, if there are none yet, its thread runs the turn itself: nobody is woken for it, and nobody is held up, because whoever gets the
/// next bytes goes on with the loop. It keeps one activation at most; more that came together are for other threads.
/// </summary>
internal sealed class TurnAfterRead
{
    [ThreadStatic]
    private static TurnAfterRead? t_taking;

    private Activation? _kept;

    /// <summary>Runs what gives turns to activations on this thread, the reading loop's; the first of them may be kept.</summary>
    internal void Take(Action<byte[]> messages, byte[] plain)
    {
        t_taking = this;
        try
        {
            messages(plain);
        }
        finally
        {
            t_taking = null;
        }
    }

    /// <summary>True when the reading loop of this thread takes it over to run the turns of this activation.</summary>
    internal static bool TryKeep(Activation activation)
    {
        if (t_taking is not { _kept: null } taking)
            return false;
        taking._kept = activation;
        return true;
    }

    /// <summary>What is kept goes to another thread after all: the loop has more to do before it comes to it.</summary>
    internal void LetGo()
    {
        if (_kept is not { } kept)
            return;
        _kept = null;
        ThreadPool.UnsafeQueueUserWorkItem(kept, preferLocal: false);
    }

    /// <summary>The next bytes. While they are not there, the thread runs what was kept.</summary>
    internal Reading Before(ValueTask<ReadResult> read) => new(this, read);

    private static void Run(Activation kept)
    {
        try
        {
            ((IThreadPoolWorkItem)kept).Execute();
        }
        catch (Exception bug)
        {
            // It ends the process as on any other thread, and not the reading loop, which somebody else may be running by now.
            ThreadPool.UnsafeQueueUserWorkItem(static thrown => thrown.Throw(), ExceptionDispatchInfo.Capture(bug), preferLocal: false);
        }
    }

    /// <summary>Awaits a read.</summary>
    internal readonly struct Reading(TurnAfterRead turns, ValueTask<ReadResult> read) : ICriticalNotifyCompletion
    {
        private readonly ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _read =
            read.ConfigureAwait(false).GetAwaiter();

        public bool IsCompleted
        {
            get
            {
                if (!_read.IsCompleted)
                    return false;
                turns.LetGo();
                return true;
            }
        }

        public Reading GetAwaiter() => this;

        public ReadResult GetResult() => _read.GetResult();

        public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

        public void UnsafeOnCompleted(Action continuation)
        {
            // Taken first: as soon as the read has its continuation, another thread may run the loop and keep the next one.
            var kept = turns._kept;
            turns._kept = null;
            _read.UnsafeOnCompleted(continuation);
            if (kept is not null)
                Run(kept);
        }
    }
}
