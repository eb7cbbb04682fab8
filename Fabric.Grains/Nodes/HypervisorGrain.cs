using Fabric.Grains.Kernel;
using Fabric.Grains.Placement;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Nodes;

/// <summary>The record of one node, and its voice in the cloud: it passes what the node observed on to the services that asked for
/// it.</summary>
[GrainType("nodes.hypervisor")]
internal sealed class HypervisorGrain(
    [PersistentState(HypervisorState.Kind)] IPersistentState<HypervisorState> record,
    IEnumerable<IDesiredStateSource> sources,
    IEnumerable<IObservedStateSink> sinks,
    TimeProvider time) : Grain, IHypervisorGrain
{
    private string NodeName => this.GetPrimaryKeyString();

    public async Task<DesiredNode> Register(NodeInventory inventory)
    {
        var now = time.GetUtcNow();
        var state = record.RecordExists
            ? record.State with { Inventory = inventory, LastSeenAt = now, UpdatedAt = now }
            : new HypervisorState
            {
                Inventory = inventory,
                ProviderId = ResourceProviderId.New(),
                ServiceId = Guid.NewGuid(),
                LastSeenAt = now,
                CreatedAt = now,
                UpdatedAt = now,
            };

        // The record comes first: it holds the provider's id, so that a crash here does not leave a provider that nobody knows.
        await record.Save(state);
        await GrainFactory.GetGrain<IResourceProviderGrain>(state.ProviderId).Ensure(
            NodeName, NodeResources.Of(inventory), inventory.Traits);
        var desired = new DesiredNode();
        foreach (var source in sources)
            desired = await source.Complete(NodeName, desired, CancellationToken.None);
        return desired;
    }

    public async Task<bool> Report(ObservedNode observed)
    {
        if (!record.RecordExists)
            return false;
        var now = time.GetUtcNow();
        var before = record.State;
        if (Changed(before.Inventory, observed.Inventory) || (now - before.LastSeenAt).Duration() >= HypervisorState.HeartbeatWritePeriod)
            await record.Save(before with { Inventory = observed.Inventory, LastSeenAt = now, UpdatedAt = now });
        if (NodeResources.Of(observed.Inventory).Any(entry => NodeResources.Of(before.Inventory)[entry.Key] != entry.Value))
        {
            await GrainFactory.GetGrain<IResourceProviderGrain>(before.ProviderId)
                .Ensure(NodeName, NodeResources.Of(observed.Inventory), observed.Inventory.Traits);
        }

        foreach (var sink in sinks)
            await sink.Observed(NodeName, observed, CancellationToken.None);
        return true;
    }

    public async Task SetService(bool? disabled, string? reason, bool? forcedDown)
    {
        if (!record.RecordExists)
            throw Fault.NotFound("ComputeHostNotFound", $"Compute host {NodeName} could not be found.");
        var state = record.State with { UpdatedAt = time.GetUtcNow() };
        if (disabled is { } off)
            state = state with { Disabled = off, DisabledReason = off ? reason : null };
        if (forcedDown is { } down)
            state = state with { ForcedDown = down };
        await record.Save(state);
    }

    /// <summary>What moves all the time (free disk, load, uptime) is not worth a write of its own.</summary>
    private static bool Changed(NodeInventory before, NodeInventory now) =>
        before.Vcpus != now.Vcpus || before.MemoryMiB != now.MemoryMiB || before.DiskGiB != now.DiskGiB || before.HostIp != now.HostIp
        || before.HypervisorVersion != now.HypervisorVersion || !before.Traits.SequenceEqual(now.Traits);
}
