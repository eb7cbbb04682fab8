using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Hypervisor;
using Fabric.NodeAgent.Network;

namespace Fabric.NodeAgent.Agent;

/// <summary>
/// One node, as the cloud talks to it. Order per guest, old intents dropped, networks before guests; the drivers do the work. What it
/// remembers of a guest is only what it last did to it or told of it, so that it need not report what the cloud itself has just asked for;
/// a new agent reads it from the host.
/// </summary>
internal sealed partial class NodeAgent : INodeAgent, IAsyncDisposable
{
    private readonly IHypervisorDriver hypervisor;
    private readonly INetworkDriver network;
    private readonly ILogger logger;
    private readonly KeyedLocks<InstanceId> guests = new();
    private readonly ConcurrentDictionary<InstanceId, Known> known = new();
    private readonly ConcurrentDictionary<InstanceId, long> removed = new();
    private readonly SemaphoreSlim recovering = new(1, 1);
    private long removals;
    private volatile bool recovered;

    /// <summary>Makes the agent of a node.</summary>
    public NodeAgent(string nodeName, IHypervisorDriver hypervisor, INetworkDriver network, ILogger logger)
    {
        NodeName = nodeName;
        this.hypervisor = hypervisor;
        this.network = network;
        this.logger = logger;
        hypervisor.GuestChanged += id =>
        {
            // What a verb does to a guest is no news to whoever asked for it.
            if (!guests.InUse(id))
                Changed?.Invoke(this);
        };
    }

    /// <summary>Something happened on the node that the loop should look at.</summary>
    public event Action<NodeAgent>? Changed;

    /// <summary>The node's name.</summary>
    public string NodeName { get; }

    /// <inheritdoc/>
    public Task<NodeInventory> Probe(CancellationToken ct) => Verb("probe", null, () => hypervisor.Probe(ct));

    /// <inheritdoc/>
    public Task EnsureInstance(DesiredInstance instance, CancellationToken ct) => Ensure(instance, askedAt: null, ct);

    /// <inheritdoc/>
    public async Task RebootInstance(DesiredInstance instance, RebootKind kind, CancellationToken ct)
    {
        await Recover(ct);
        using var held = await guests.Take(instance.Id, ct);
        if (IsOutdated(instance))
            return;
        await Verb("reboot", instance.Id.Text, async () =>
        {
            await EnsureBridges(instance, ct);
            await hypervisor.Reboot(instance, kind, ct);
            return true;
        });
        known[instance.Id] = new(instance.Generation, PowerState.Running);
    }

    /// <inheritdoc/>
    public async Task EnsureInstanceAbsent(InstanceId id, CancellationToken ct)
    {
        using var held = await guests.Take(id, ct);
        await Absent(id, ct);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ObservedInstance>> Observe(CancellationToken ct)
    {
        var observed = await hypervisor.Observe(ct);
        return [.. observed.Select(guest => guest.Instance)];
    }

    /// <inheritdoc/>
    public Task<string> ConsoleOutput(InstanceId id, int? lines, CancellationToken ct) =>
        Verb("console-output", id.Text, () => hypervisor.ConsoleOutput(id, lines, ct));

    /// <inheritdoc/>
    public Task ApplyNetworking(DesiredNetworking networking, CancellationToken ct) => Verb("apply-networking", null, async () =>
    {
        await network.Apply(networking, ct);
        return true;
    });

    /// <summary>Nothing of ours runs on the host any more: no guest, no network. Disks stay.</summary>
    public Task Cleanup(CancellationToken ct) => Verb("cleanup", null, async () =>
    {
        await hypervisor.Cleanup(ct);
        await network.Cleanup(ct);
        return true;
    });

    /// <summary>The drivers end; guests and networks stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        if (hypervisor is IAsyncDisposable disposable)
            await disposable.DisposeAsync();
        await network.DisposeAsync();
        recovering.Dispose();
    }

    /// <param name="instance">The guest wanted.</param>
    /// <param name="askedAt">For a guest out of an answer of the cloud: when the question was asked. A guest removed since is not brought
    /// back by an answer that did not know of it yet.</param>
    private async Task Ensure(DesiredInstance instance, long? askedAt, CancellationToken ct)
    {
        await Recover(ct);
        using var held = await guests.Take(instance.Id, ct);
        if (IsOutdated(instance) || (askedAt is { } asked && removed.TryGetValue(instance.Id, out var at) && at > asked))
            return;
        await Verb("ensure", instance.Id.Text, async () =>
        {
            await EnsureBridges(instance, ct);
            await hypervisor.Ensure(instance, ct);
            return true;
        });
        known[instance.Id] = new(instance.Generation, instance.Power.WhenDone());
    }

    /// <summary>libvirt plugs a guest's taps into bridges that must be there.</summary>
    private async Task EnsureBridges(DesiredInstance instance, CancellationToken ct)
    {
        foreach (var nic in instance.Nics.DistinctBy(nic => nic.NetworkId))
            await network.EnsureBridge(nic.NetworkId, nic.Mtu, ct);
    }

    private async Task Absent(InstanceId id, CancellationToken ct)
    {
        await Verb("ensure-absent", id.Text, async () =>
        {
            await hypervisor.EnsureAbsent(id, ct);
            return true;
        });
        known.TryRemove(id, out _);
        removed[id] = Interlocked.Increment(ref removals);
    }

    private bool IsOutdated(DesiredInstance instance)
    {
        if (!known.TryGetValue(instance.Id, out var last) || last.Generation <= instance.Generation)
            return false;
        LogOutdated(NodeName, instance.Id, instance.Generation, last.Generation);
        return true;
    }

    /// <summary>Before the first verb: which intents an earlier agent has applied stands on the host.</summary>
    private async Task Recover(CancellationToken ct)
    {
        if (recovered)
            return;
        await recovering.WaitAsync(ct);
        try
        {
            if (recovered)
                return;
            foreach (var guest in await hypervisor.Observe(ct))
                known.TryAdd(guest.Instance.Id, new(guest.Instance.Generation, guest.Instance.Power));
            recovered = true;
        }
        finally
        {
            recovering.Release();
        }
    }

    private Task<T> Verb<T>(string verb, string? subject, Func<Task<T>> run) => AgentTelemetry.Verb(verb, NodeName, subject, run);

    /// <summary>What was last done to a guest, or told of it. A class, since being the same object is how a newer deed is told from an
    /// older.</summary>
    private sealed record Known(long Generation, PowerState Power);
}
