using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>What many of identity's grains share: the only writer of one record that is made once, changed in part, and removed.</summary>
/// <param name="record">The record.</param>
/// <param name="time">The clock.</param>
/// <param name="type">What it is called in faults.</param>
internal abstract class IdentityRecordGrain<TState>(IPersistentState<TState> record, TimeProvider time, string type) : Grain
    where TState : class, IIndexedRecord
{
    /// <summary>The record, or null before it was made.</summary>
    protected TState? Current => record.RecordExists ? record.State : null;

    public async Task Delete()
    {
        Existing();
        await Remove();
    }

    /// <summary>Makes the record, as it is at this moment.</summary>
    protected Task<TState> Add(Func<DateTimeOffset, TState> made) => record.RecordExists
        ? throw IdentityFaults.Duplicate(type, $"Duplicate ID, {this.GetPrimaryKeyString()}.")
        : Write(made(time.GetUtcNow()));

    /// <summary>Changes the record, at this moment.</summary>
    protected Task<TState> Change(Func<TState, DateTimeOffset, TState> changed) => Write(changed(Existing(), time.GetUtcNow()));

    /// <summary>The record, or the fault that there is none.</summary>
    protected TState Existing() => Current ?? throw IdentityFaults.NotFound(type, this.GetPrimaryKeyString());

    /// <summary>Removes the record if it is there.</summary>
    protected async Task Remove()
    {
        if (record.RecordExists)
            await record.ClearStateAsync();
        DeactivateOnIdle();
    }

    /// <summary>What a caller reads when another record holds what must be unique.</summary>
    protected virtual Fault Taken(TState next) => IdentityFaults.Duplicate(type, "Duplicate entry");

    private async Task<TState> Write(TState next)
    {
        await record.Write(next, () => Taken(next));
        return next;
    }
}
