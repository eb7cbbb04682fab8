using System.Collections.Concurrent;
using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;
using Fabric.NodeAgent.Storage;

namespace Fabric.NodeAgent.Hypervisor.Simulated;

/// <summary>
/// A node whose guests are played. It ships with the agent (<c>--driver simulated</c>), so that the loop, the reports and all above them
/// are the real ones. No thread, timer or file of its own: thousands fit into one process. Its guests outlive the process, as those of a
/// real host do: they stand in a journal that all nodes of the process share.
/// </summary>
internal sealed class SimulatedHypervisor(string nodeName, SimulatedJournal journal, TimeProvider time) : IHypervisorDriver
{
    private readonly ConcurrentDictionary<InstanceId, SimulatedGuest> guests = new(journal.Guests(nodeName));
    private readonly DateTimeOffset started = time.GetUtcNow();
    private TaskCompletionSource stepped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public event Action<InstanceId>? GuestChanged;

    /// <summary>What a test turns.</summary>
    public SimulatedDials Dials { get; } = new();

    /// <summary>The node's name.</summary>
    public string NodeName { get; } = nodeName;

    /// <summary>The guests as they are now.</summary>
    public IReadOnlyCollection<SimulatedGuest> Guests => [.. guests.Values];

    /// <inheritdoc/>
    public async Task<NodeInventory> Probe(CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.Probe, time, ct);
        Dials.Leave(SimulatedVerb.Probe);
        return SimulatedInventory.Of(NodeName, time.GetUtcNow() - started);
    }

    /// <inheritdoc/>
    public async Task Ensure(DesiredInstance instance, CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.Ensure, time, ct);
        Request(instance);
        await Settled(instance.Id, ct);
        Dials.Leave(SimulatedVerb.Ensure);
    }

    /// <inheritdoc/>
    public async Task Reboot(DesiredInstance instance, RebootKind kind, CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.Reboot, time, ct);
        var before = guests.GetValueOrDefault(instance.Id);
        var ran = before is { IsActive: true };

        // A restart starts anew, whatever was kept.
        if (before is { IsSaved: true } && before.RebootedFor < instance.Generation)
            Set(before with { IsSaved = false });
        var guest = Request(instance with { Power = DesiredPower.Running });
        if (guest.RebootedFor < instance.Generation)
            Set(guest with { RebootedFor = instance.Generation, Boots = ran ? guest.Boots + 1 : guest.Boots });
        await Settled(instance.Id, ct);
        Dials.Leave(SimulatedVerb.Reboot);
    }

    /// <inheritdoc/>
    public async Task EnsureAbsent(InstanceId id, CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.EnsureAbsent, time, ct);
        if (guests.TryRemove(id, out _))
            journal.Remove(NodeName, id);
        Dials.Leave(SimulatedVerb.EnsureAbsent);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ObservedGuest>> Observe(CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.Observe, time, ct);
        Dials.Leave(SimulatedVerb.Observe);
        return [.. guests.Values.Select(guest => new ObservedGuest(new(guest.Id, guest.Current, guest.Generation), guest.DefinedAt))];
    }

    /// <inheritdoc/>
    public async Task<string> ConsoleOutput(InstanceId id, int? lines, CancellationToken ct)
    {
        await Dials.Enter(SimulatedVerb.ConsoleOutput, time, ct);
        if (!guests.TryGetValue(id, out var guest))
            throw Fault.NotFound("InstanceNotFound", $"Instance {id} could not be found.");
        Dials.Leave(SimulatedVerb.ConsoleOutput);
        var all = Enumerable.Range(1, guest.Boots).SelectMany(boot => new[]
        {
            $"{guest.DomainName}: simulated guest with {guest.Vcpus} CPU(s) and {guest.MemoryMiB} MiB",
            $"{guest.DomainName}: network is up",
            $"{guest.DomainName}: ready, boot {boot}",
        });
        var text = string.Concat(all.Select(static line => line + "\n"));
        return lines is { } count ? GuestFiles.LastLines(text, count) : text;
    }

    /// <inheritdoc/>
    public Task Cleanup(CancellationToken ct)
    {
        foreach (var id in guests.Keys)
        {
            if (guests.TryRemove(id, out _))
                journal.Remove(NodeName, id);
        }
        return Task.CompletedTask;
    }

    /// <summary>With <see cref="SimulatedDials.Manual"/>: moves every guest once towards what is wanted, and wakes the verbs that
    /// wait.</summary>
    public void Step()
    {
        foreach (var guest in guests.Values.Where(guest => !guest.IsSettled))
            Set(guest.Settle());
        Interlocked.Exchange(ref stepped, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    /// <summary>A guest does something nobody asked for: powers itself off, crashes, …</summary>
    public void Happen(InstanceId id, PowerState power)
    {
        Set(guests[id] with { Current = power });
        GuestChanged?.Invoke(id);
    }

    /// <summary>A guest disappears without a trace, as by an operator's hand.</summary>
    public void Vanish(InstanceId id)
    {
        if (guests.TryRemove(id, out _))
            journal.Remove(NodeName, id);
        GuestChanged?.Invoke(id);
    }

    private SimulatedGuest Request(DesiredInstance instance)
    {
        var before = guests.GetValueOrDefault(instance.Id);
        var guest = (before ?? new()
        {
            Id = instance.Id,
            DomainName = instance.DomainName,
            DefinedAt = time.GetUtcNow(),
            Generation = instance.Generation,
            Requested = instance.Power,
        }) with
        {
            Generation = instance.Generation,
            Requested = instance.Power,
            Vcpus = instance.Vcpus,
            MemoryMiB = instance.MemoryMiB,
        };
        if (guest != before)
            Set(Dials.Manual ? guest : guest.Settle());
        else if (!guest.IsSettled && !Dials.Manual)
            Set(guest.Settle());
        return guests[instance.Id];
    }

    private async Task Settled(InstanceId id, CancellationToken ct)
    {
        while (guests.TryGetValue(id, out var guest) && !guest.IsSettled)
        {
            var step = Volatile.Read(ref stepped).Task;
            if (guests.TryGetValue(id, out guest) && !guest.IsSettled)
                await step.WaitAsync(ct);
        }
    }

    private void Set(SimulatedGuest guest)
    {
        guests[guest.Id] = guest;
        journal.Put(NodeName, guest);
    }
}
