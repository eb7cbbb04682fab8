using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>The one way identity's grains write. When a write fails, the state is again what it was.</summary>
internal static class RecordWrites
{
    /// <summary>Writes the next state. When another record holds one of its names, the caller reads the fault.</summary>
    internal static async Task Write<T>(this IPersistentState<T> record, T next, Func<Fault> taken)
    {
        try
        {
            await record.Write(next);
        }
        catch (DuplicateKeyException)
        {
            throw taken();
        }
    }

    /// <summary>Writes the next state of a record without unique names.</summary>
    internal static async Task Write<T>(this IPersistentState<T> record, T next)
    {
        var before = record.State;
        var written = false;
        record.State = next;
        try
        {
            await record.WriteStateAsync();
            written = true;
        }
        finally
        {
            if (!written)
                record.State = before;
        }
    }
}
