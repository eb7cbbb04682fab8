using System.Threading.Channels;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Agent;

/// <summary>
/// Beats the hearts of all nodes of this process, one loop for any number: a queue of what is due when, a channel of nodes on which
/// something happened, and a bound on how many are served at once. A node whose cloud does not answer is asked again, soon at first, then
/// less often.
/// </summary>
internal sealed partial class AgentLoop : BackgroundService
{
    private const int AtOnce = 16;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);

    private readonly NodeAgents agents;
    private readonly NodeAgentOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<AgentLoop> logger;
    private readonly PriorityQueue<Entry, TimeSpan> due = new();
    private readonly Channel<Entry> finished = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly Dictionary<NodeAgent, Entry> entries;
    private readonly long started;

    /// <summary>Makes the loop of all nodes of this process.</summary>
    public AgentLoop(NodeAgents agents, IGrainFactory grains, NodeAgentOptions options, TimeProvider time, ILogger<AgentLoop> logger)
    {
        this.agents = agents;
        this.options = options;
        this.time = time;
        started = time.GetTimestamp();
        this.logger = logger;
        entries = agents.All.ToDictionary(agent => agent, agent => new Entry(new(
            agent, grains.GetGrain<IHypervisorGrain>(agent.NodeName), options, time, logger)));
    }

    /// <summary>Since the start: hearts must not stop while a clock that was set back catches up.</summary>
    private TimeSpan Now => time.GetElapsedTime(started);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        foreach (var (agent, entry) in entries)
        {
            agent.Changed += Wake;
            Schedule(entry);
        }
        try
        {
            await Run(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; guests and networks stay as they are.
        }
        foreach (var agent in entries.Keys)
            agent.Changed -= Wake;
    }

    private async Task Run(CancellationToken ct)
    {
        var running = 0;
        while (true)
        {
            while (running < AtOnce && due.TryPeek(out var entry, out var at) && at <= Now)
            {
                due.Dequeue();
                // A node that was woken stands in the queue twice; the later place is stale.
                if (entry.Busy || entry.DueAt != at)
                    continue;
                entry.Busy = true;
                entry.Woken = false;
                running++;
                _ = Serve(entry, ct);
            }
            foreach (var entry in await Next(running < AtOnce, ct))
            {
                if (entry.Busy && entry.Served)
                {
                    entry.Busy = entry.Served = false;
                    running--;
                }
                if (!entry.Busy)
                    Schedule(entry);
            }
        }
    }

    /// <summary>Waits until a node is served or woken, or, if there is room, until the next is due.</summary>
    private async Task<List<Entry>> Next(bool room, CancellationToken ct)
    {
        var ready = finished.Reader.WaitToReadAsync(ct).AsTask();
        if (room && due.TryPeek(out _, out var at))
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var wait = at - Now;
            await Task.WhenAny(ready, Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time, stop.Token));
            await stop.CancelAsync();
        }
        else
        {
            await ready;
        }
        ct.ThrowIfCancellationRequested();
        var entries = new List<Entry>();
        while (finished.Reader.TryRead(out var entry))
            entries.Add(entry);
        return entries;
    }

    private void Schedule(Entry entry)
    {
        entry.DueAt = entry.Woken ? Now : Now + entry.Pause;
        due.Enqueue(entry, entry.DueAt);
    }

    private async Task Serve(Entry entry, CancellationToken ct)
    {
        await Task.Yield();
        try
        {
            var before = entry.Beat.Registered;
            await entry.Beat.Beat(ct);
            entry.Pause = entry.Beat.Registered ? options.HeartbeatInterval : FirstRetry;
            entry.Failures = 0;
            if (!before && entry.Beat.Registered)
                agents.Registered(entry.Beat.Agent);
        }
#pragma warning disable CA1031 // Whatever keeps a node from its cloud, its heart must go on beating.
        catch (Exception failure) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            entry.Failures++;
            var pause = FirstRetry * Math.Pow(2, Math.Min(entry.Failures - 1, 8));
            entry.Pause = pause < options.HeartbeatInterval ? pause : options.HeartbeatInterval;
            LogBeatFailed(failure, entry.Beat.Agent.NodeName, entry.Pause.TotalSeconds);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        entry.Served = true;
        finished.Writer.TryWrite(entry);
    }

    /// <summary>On any thread. One wake-up stands for all that come before the node is served.</summary>
    private void Wake(NodeAgent agent)
    {
        var entry = entries[agent];
        if (Interlocked.Exchange(ref entry.WokenFlag, 1) == 0)
            finished.Writer.TryWrite(entry);
    }

    [LoggerMessage(20, LogLevel.Warning, "Node {NodeName} could not beat; again in {Seconds} s")]
    private partial void LogBeatFailed(Exception failure, string nodeName, double seconds);

    /// <summary>A node in the loop. Only <see cref="WokenFlag"/> is written by others than the loop and, while it is busy, its
    /// server.</summary>
    private sealed class Entry(NodeBeat beat)
    {
        public int WokenFlag;

        public NodeBeat Beat { get; } = beat;

        public TimeSpan DueAt { get; set; }

        public TimeSpan Pause { get; set; }

        public int Failures { get; set; }

        public bool Busy { get; set; }

        public volatile bool Served;

        public bool Woken
        {
            get => Volatile.Read(ref WokenFlag) == 1;
            set => Volatile.Write(ref WokenFlag, value ? 1 : 0);
        }
    }
}
