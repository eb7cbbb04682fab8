namespace Fabric.Grains.Storage;

/// <summary>How grains change their record.</summary>
public static class RecordWrites
{
    /// <summary>Makes <paramref name="next"/> the record, durably. When the write fails the record in memory is what it was, so that an
    /// activation never goes on from a state that nobody stored.</summary>
    public static async Task Save<T>(this IPersistentState<T> record, T next)
    {
        var before = record.State;
        record.State = next;
        try
        {
            await record.WriteStateAsync();
        }
        catch
        {
            record.State = before;
            throw;
        }
    }
}
