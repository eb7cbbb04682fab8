using Fabric.Grains.Kernel;

namespace Fabric.Grains.Placement;

/// <summary>
/// Who may hold what, and how a change of several providers is made as one. A provider first promises its part: from then on it holds
/// nothing that would not fit after the change, and when the word comes it does the change without asking again. So a change is refused
/// before anything of it is done, and what is done is never taken back.
/// </summary>
public sealed partial record ProviderState
{
    /// <summary>The consumer holds exactly this, or nothing when it is empty; null when it does not fit.</summary>
    public ProviderState? Hold(string consumer, Allocation allocation, DateTimeOffset now)
    {
        var change = One(consumer, allocation);
        return Refusal(change) is null ? After(change).Changed(now) : null;
    }

    /// <summary>Why the consumer cannot hold this, in placement's words; null when it can.</summary>
    public string? Refusal(string consumer, Allocation allocation) => Refusal(One(consumer, allocation));

    /// <summary>Promises a change.</summary>
    public ProviderState Prepare(ProviderChange change, DateTimeOffset now)
    {
        if (Pending?.ChangeId == change.ChangeId)
            return this;
        RequireUnchanging();
        if (change.Generation is { } given && given != Generation)
        {
            throw Fault.Conflict("placement.concurrent_update",
                $"resource provider generation conflict for provider {Id}: actual: {Generation}, given: {given}");
        }

        if (Refusal(change) is { } refusal)
            throw Fault.Conflict("InvalidInventory", refusal);
        if (change.Inventories is not null)
            After(change).RequireClassesInUse();
        return this with { Pending = change, UpdatedAt = now };
    }

    /// <summary>Does what was promised.</summary>
    public ProviderState Commit(string changeId, DateTimeOffset now) =>
        Pending?.ChangeId == changeId ? (After(Pending) with { Pending = null }).Changed(now) : this;

    /// <summary>Takes the promise back.</summary>
    public ProviderState Abort(string changeId, DateTimeOffset now) =>
        Pending?.ChangeId == changeId ? this with { Pending = null, UpdatedAt = now } : this;

    /// <summary>Throws while a change is promised: what it rests on must stay.</summary>
    internal void RequireUnchanging()
    {
        if (Pending is not null)
            throw ConcurrentUpdate();
    }

    internal static Fault ConcurrentUpdate() => Fault.Conflict("ConcurrentUpdateDetected",
        "Another thread concurrently updated the data. Please retry your update");

    private static ProviderChange One(string consumer, Allocation allocation) =>
        new() { ChangeId = "", Allocations = new Dictionary<string, Allocation> { [consumer] = allocation } };

    private string? Refusal(ProviderChange change)
    {
        if (Pending is not null && change.Allocations.Keys.Any(Pending.Allocations.ContainsKey))
            throw ConcurrentUpdate();
        var after = After(change);

        // A class that is to go is still there for the change itself: what holds it may go in the same change.
        var refusal = Overfull(after, change, name => after.Inventories.GetValueOrDefault(name) ?? Inventories.GetValueOrDefault(name));
        if (refusal is not null || Pending is null)
            return refusal;
        var later = after.After(Pending);
        return Overfull(later, change, name => later.Inventories.GetValueOrDefault(name));
    }

    /// <summary>What of a change its provider cannot give.</summary>
    private string? Overfull(ProviderState after, ProviderChange change, Func<string, Inventory?> find)
    {
        var used = after.Used();
        foreach (var (name, amount) in change.Allocations.Values.SelectMany(static allocation => allocation.Resources))
        {
            if (find(name) is not { } inventory)
                return $"Inventory for '{name}' on resource provider '{Id}' invalid.";
            var cannot = !inventory.Allows(amount) ? "violate inventory constraints"
                : used[name] > inventory.Capacity ? "exceed the capacity" : null;
            if (cannot is not null)
                return $"Unable to create allocation for '{name}' on resource provider '{Id}'. The requested amount would {cannot}.";
        }

        return null;
    }

    private ProviderState After(ProviderChange change)
    {
        var held = new Dictionary<string, Allocation>(Allocations, StringComparer.Ordinal);
        foreach (var (consumer, allocation) in change.Allocations)
        {
            if (allocation.Resources.Count > 0)
                held[consumer] = allocation;
            else
                held.Remove(consumer);
        }

        return this with { Allocations = held, Inventories = change.Inventories ?? Inventories };
    }

    private void RequireClassesInUse()
    {
        var lost = Used().Keys.FirstOrDefault(name => !Inventories.ContainsKey(name));
        if (lost is not null)
            throw Fault.Conflict("placement.inventory.inuse", $"Inventory for '{lost}' on resource provider '{Id}' in use.");
    }
}
