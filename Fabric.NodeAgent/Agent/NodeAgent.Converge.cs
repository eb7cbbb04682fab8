using Fabric.Grains.Kernel;
using Fabric.Grains.Nodes;

namespace Fabric.NodeAgent.Agent;

/// <summary>The part of the agent that its loop uses: making the host what the cloud said, and telling the cloud what changed.</summary>
internal sealed partial class NodeAgent
{
    /// <summary>A moment, to be taken before the cloud is asked what the node should have; see <see cref="Converge"/>.</summary>
    public long Moment() => Interlocked.Read(ref removals);

    /// <summary>Makes the host as the cloud said. One guest that cannot be had does not hold up the others: the next round tries
    /// again.</summary>
    /// <param name="desired">The answer.</param>
    /// <param name="askedAt">The moment before it was asked for.</param>
    /// <param name="orphansBefore">A guest that is not in the answer and was made before this time is removed.</param>
    /// <param name="parallel">How many guests are worked on at once.</param>
    public async Task Converge(DesiredNode desired, long askedAt, DateTimeOffset orphansBefore, int parallel, CancellationToken ct)
    {
        await Recover(ct);
        if (desired.Networking is { } networking)
            await ApplyNetworking(networking, ct);
        var options = new ParallelOptions { MaxDegreeOfParallelism = parallel, CancellationToken = ct };
        await Parallel.ForEachAsync(desired.Instances, options, async (instance, token) =>
            await Try("ensure", instance.Id, () => Ensure(instance, askedAt, token), token));
        if (desired.InstancesComplete)
            await RemoveOrphans(desired.Instances.Select(instance => instance.Id).ToHashSet(), orphansBefore, ct);
        foreach (var (id, at) in removed)
        {
            if (at <= askedAt)
                removed.TryRemove(KeyValuePair.Create(id, at));
        }
    }

    /// <summary>What differs from what the cloud was told or has itself asked for. A guest that a verb is at work on is left out: what the
    /// verb makes of it, its caller hears.</summary>
    /// <param name="everything">True: every guest, changed or not.</param>
    public async Task<Observation> Look(bool everything, CancellationToken ct)
    {
        await Recover(ct);
        var before = known.ToDictionary();
        var seen = new HashSet<InstanceId>();
        var told = new List<ObservedInstance>();
        var changes = new List<(InstanceId, Known Before, Known? After)>();
        foreach (var guest in await hypervisor.Observe(ct))
        {
            var now = guest.Instance;
            seen.Add(now.Id);
            if (before.TryGetValue(now.Id, out var last) && last.Power != now.Power && Untouched(now.Id, last))
                changes.Add((now.Id, last, last with { Power = now.Power }));
            else if (!everything)
                continue;
            told.Add(now);
        }
        foreach (var (id, last) in before)
        {
            // Somebody else took the guest off the host: to the cloud it is a guest without any state.
            if (!seen.Contains(id) && Untouched(id, last))
            {
                changes.Add((id, last, null));
                told.Add(new(id, PowerState.NoState, last.Generation));
            }
        }
        return new(told, () => Told(changes));
    }

    private bool Untouched(InstanceId id, Known last) =>
        !guests.InUse(id) && known.TryGetValue(id, out var now) && ReferenceEquals(now, last);

    private void Told(List<(InstanceId Id, Known Before, Known? After)> changes)
    {
        foreach (var (id, last, after) in changes)
        {
            if (after is null)
                known.TryRemove(KeyValuePair.Create(id, last));
            else
                known.TryUpdate(id, after, last);
        }
    }

    private async Task RemoveOrphans(HashSet<InstanceId> wanted, DateTimeOffset madeBefore, CancellationToken ct)
    {
        foreach (var guest in await hypervisor.Observe(ct))
        {
            var id = guest.Instance.Id;
            if (wanted.Contains(id) || guests.InUse(id))
                continue;
            var old = guest.DefinedAt < madeBefore;
            LogOrphan(NodeName, id, guest.DefinedAt, old ? "is removed" : "stays for now");
            if (old)
                await Try("ensure-absent", id, () => EnsureInstanceAbsent(id, ct), ct);
        }
    }

    private async Task Try(string verb, InstanceId id, Func<Task> run, CancellationToken ct)
    {
        try
        {
            await run();
        }
#pragma warning disable CA1031 // Whatever is wrong with one guest, the loop goes on with the others and comes back to it.
        catch (Exception failure) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogConvergeFailed(failure, NodeName, verb, id);
        }
    }
}

/// <summary>What a look at the host showed.</summary>
/// <param name="Instances">What to report.</param>
/// <param name="Told">To be called when the cloud has taken it; until then it is reported again.</param>
internal sealed record Observation(IReadOnlyList<ObservedInstance> Instances, Action Told);
