using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity;

/// <summary>
/// Hashes to be made: few at once, on threads of their own, so that whoever is logged in already does not wait for those who log in; a
/// bounded number waits. Those who come from one place wait behind each other and the places take turns: a flood from one of them leaves
/// the others theirs. When the queue is full, whoever waits last behind the most others from the same place is refused.
/// </summary>
internal sealed class HashQueue(int workers, int longest)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly Queue<Lane> turns = new();
    private int running;
    private long begun;
    private int waiting;

    /// <summary>How many were begun so far.</summary>
    internal long Begun => Interlocked.Read(ref begun);

    /// <summary>How many wait now.</summary>
    internal int Waiting
    {
        get
        {
            lock (gate)
                return waiting;
        }
    }

    /// <summary>The work's result. Whoever gives up while it waits leaves its place to others; what has begun is finished.</summary>
    /// <param name="from">The place it comes from.</param>
    /// <param name="work">What is to be done.</param>
    /// <param name="ct">The client has gone.</param>
    /// <exception cref="Fault">Too many wait already.</exception>
    internal async Task<T> Run<T>(string from, Func<T> work, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var job = new Job<T>(work);
        Job? refused;
        bool starts;
        lock (gate)
        {
            refused = waiting >= longest ? MakeRoom(from) : null;
            if (waiting >= longest)
                throw TooMany();
            Enqueue(from, job);
            starts = running < workers;
            if (starts)
                running++;
        }

        refused?.Fail(TooMany());
        if (starts)
            new Thread(Work) { IsBackground = true, Name = "Password hashes" }.Start();
        await using var gone = ct.UnsafeRegister(GiveUp, ((Job)job, ct));
        return await job.Result;
    }

    private static Fault TooMany() => Fault.Unavailable("Too many logins at once. Try again later.");

    private void Enqueue(string from, Job job)
    {
        if (!lanes.TryGetValue(from, out var lane))
            lanes[from] = lane = new(from);
        TakeTurn(lane);
        job.Place = lane.Jobs.AddLast(job);
        waiting++;
    }

    private void TakeTurn(Lane lane)
    {
        if (lane.HasTurn)
            return;
        lane.HasTurn = true;
        turns.Enqueue(lane);
    }

    // The last of the place that has the most waiting goes, unless that is where the new one comes from.
    private Job? MakeRoom(string from)
    {
        var most = lanes.Values.MaxBy(static lane => lane.Jobs.Count)!;
        var own = lanes.TryGetValue(from, out var lane) ? lane.Jobs.Count : 0;
        if (own + 1 >= most.Jobs.Count)
            return null;
        var last = most.Jobs.Last!.Value;
        Remove(last);
        return last;
    }

    private void GiveUp(object? state)
    {
        var (job, ct) = ((Job, CancellationToken))state!;
        lock (gate)
        {
            if (job.Place is null)
                return;
            Remove(job);
        }

        job.Cancel(ct);
    }

    private void Remove(Job job)
    {
        job.Place!.List!.Remove(job.Place);
        job.Place = null;
        waiting--;
    }

    // One thread's life: as long as somebody waits.
    private void Work()
    {
        while (Next() is { } job)
        {
            Interlocked.Increment(ref begun);
            job.Do();
        }
    }

    private Job? Next()
    {
        lock (gate)
        {
            while (turns.TryDequeue(out var lane))
            {
                lane.HasTurn = false;
                var next = lane.Jobs.First?.Value;
                if (next is not null)
                    Remove(next);
                if (lane.Jobs.Count > 0)
                    TakeTurn(lane);
                else
                    lanes.Remove(lane.From);
                // Else all who waited here have given up.
                if (next is not null)
                    return next;
            }

            running--;
            return null;
        }
    }

    private sealed record Lane(string From)
    {
        internal LinkedList<Job> Jobs { get; } = new();

        /// <summary>Whether it stands in the order of turns.</summary>
        internal bool HasTurn { get; set; }
    }

    private abstract class Job
    {
        /// <summary>Where it waits; null once it began, or was given up.</summary>
        internal LinkedListNode<Job>? Place { get; set; }

        internal abstract void Do();

        internal abstract void Fail(Exception error);

        internal abstract void Cancel(CancellationToken ct);
    }

    private sealed class Job<T>(Func<T> work) : Job
    {
        private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<T> Result => result.Task;

        internal override void Do()
        {
            try
            {
                result.SetResult(work());
            }
            catch (Exception error)
            {
                // Whoever waits for it decides what that means.
                result.SetException(error);
            }
        }

        internal override void Fail(Exception error) => result.SetException(error);

        internal override void Cancel(CancellationToken ct) => result.SetCanceled(ct);
    }
}
