using System.Collections.Concurrent;

namespace Fabric.NodeAgent.Hypervisor.Simulated;

/// <summary>The verbs that can be tampered with.</summary>
internal enum SimulatedVerb
{
    Probe,
    Ensure,
    Reboot,
    EnsureAbsent,
    Observe,
    ConsoleOutput,
}

/// <summary>What a test turns to make a played host misbehave. Nothing is turned by default, and then it costs nothing.</summary>
internal sealed class SimulatedDials
{
    private readonly ConcurrentDictionary<SimulatedVerb, ConcurrentQueue<Func<Exception>>> failures = new();
    private readonly ConcurrentDictionary<SimulatedVerb, int> losses = new();

    /// <summary>How long every verb takes before it does anything.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>True: guests move only when <see cref="SimulatedHypervisor.Step"/> is called, and verbs wait for that.</summary>
    public bool Manual { get; set; }

    /// <summary>The next call of the verb fails and changes nothing.</summary>
    public void FailNext(SimulatedVerb verb, Func<Exception>? exception = null, int times = 1)
    {
        var queue = failures.GetOrAdd(verb, _ => new());
        for (var i = 0; i < times; i++)
            queue.Enqueue(exception ?? (() => new IOException($"The played host was told to fail {verb}.")));
    }

    /// <summary>The next call of the verb does its work, and its answer is lost.</summary>
    public void Lose(SimulatedVerb verb, int times = 1) => losses.AddOrUpdate(verb, times, (_, before) => before + times);

    /// <summary>Before a verb: waits and fails as dialled.</summary>
    internal async ValueTask Enter(SimulatedVerb verb, TimeProvider time, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (Delay > TimeSpan.Zero)
            await Task.Delay(Delay, time, ct);
        if (!failures.IsEmpty && failures.TryGetValue(verb, out var queue) && queue.TryDequeue(out var make))
            throw make();
    }

    /// <summary>After a verb: loses the answer as dialled.</summary>
    internal void Leave(SimulatedVerb verb)
    {
        if (losses.IsEmpty || !losses.TryGetValue(verb, out var left) || left == 0)
            return;
        losses.AddOrUpdate(verb, 0, (_, before) => Math.Max(0, before - 1));
        throw new TimeoutException($"The answer to {verb} was lost.");
    }
}
