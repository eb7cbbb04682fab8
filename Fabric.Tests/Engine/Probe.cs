using System.Collections.Concurrent;

namespace Fabric.Tests.Engine;

/// <summary>
/// What test grains share with their test: a log of what happened, and gates that hold a grain until the test opens them.
/// </summary>
public sealed class Probe
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _log = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _events = [];

    public string[] Log => [.. _log];

    /// <summary>Writes to the log and lets those go on that wait for this entry.</summary>
    public void Note(string entry)
    {
        _log.Enqueue(entry);
        Source(_events, entry).TrySetResult();
    }

    /// <summary>Called by a grain: notes that it stands here, and waits until the test opens.</summary>
    public Task Pass(string gate)
    {
        Note($"at {gate}");
        return Source(_gates, gate).Task;
    }

    public void Open(string gate) => Source(_gates, gate).TrySetResult();

    /// <summary>Waits until an entry is in the log; says which one did not come.</summary>
    public async Task Saw(string entry)
    {
        try
        {
            await Source(_events, entry).Task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Never saw \"{entry}\"; saw: {string.Join(", ", Log)}");
        }
    }

    /// <summary>Waits until a grain stands at a gate.</summary>
    public Task Reached(string gate) => Saw($"at {gate}");

    public int Count(string entry) => _log.Count(each => each == entry);

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> all, string name) =>
        all.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
