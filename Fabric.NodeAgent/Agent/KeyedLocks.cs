namespace Fabric.NodeAgent.Agent;

/// <summary>One asynchronous lock per key, kept only while somebody holds or awaits it.</summary>
internal sealed class KeyedLocks<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Entry> entries = [];

    /// <summary>Waits until nobody else holds the key. Disposing gives it back.</summary>
    public async ValueTask<IDisposable> Take(TKey key, CancellationToken ct)
    {
        Entry entry;
        lock (entries)
        {
            if (!entries.TryGetValue(key, out entry!))
                entries[key] = entry = new();
            entry.Users++;
        }
        try
        {
            await entry.Gate.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            Leave(key, entry);
            throw;
        }
        return new Holder(this, key, entry);
    }

    /// <summary>Whether somebody holds or awaits the key at this moment.</summary>
    public bool InUse(TKey key)
    {
        lock (entries)
            return entries.ContainsKey(key);
    }

    private void Leave(TKey key, Entry entry)
    {
        lock (entries)
        {
            if (--entry.Users == 0)
                entries.Remove(key);
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public int Users { get; set; }
    }

    private sealed class Holder(KeyedLocks<TKey> locks, TKey key, Entry entry) : IDisposable
    {
        private int disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 1)
                return;
            entry.Gate.Release();
            locks.Leave(key, entry);
        }
    }
}
