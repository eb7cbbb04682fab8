using System.Collections.Concurrent;
using System.Text.Json;

namespace Fabric.Grains.Storage;

/// <summary>
/// Records read lately, as objects: making them from their documents is most of what a list costs. An etag names one content of one record
/// for ever, so nothing here is ever wrong, only unused; records are immutable, so all may share them. Two generations: what is read moves
/// to the young one, and when that is full the old one goes.
/// </summary>
internal sealed class RecordCache
{
    /// <summary>Documents of so many bytes in one generation; as objects they are a few times as large.</summary>
    private const long MostBytes = 6 * 1024 * 1024;

    /// <summary>Larger ones are rare and would push out many small ones.</summary>
    private const int LargestBytes = 16 * 1024;

    private readonly Lock turnover = new();
    private volatile ConcurrentDictionary<long, object> young = new();
    private volatile ConcurrentDictionary<long, object> old = new();
    private long bytes;

    /// <summary>The record with that etag, made from its document unless it is known.</summary>
    public T Get<T>(long etag, ReadOnlySpan<byte> doc)
        where T : class
    {
        if (young.TryGetValue(etag, out var known) && known is T record)
            return record;
        record = old.TryGetValue(etag, out known) && known is T before ? before : JsonSerializer.Deserialize<T>(doc, RecordJson.Options)!;
        if (doc.Length <= LargestBytes)
            Keep(etag, record, doc.Length);
        return record;
    }

    private void Keep(long etag, object record, int size)
    {
        if (!young.TryAdd(etag, record) || Interlocked.Add(ref bytes, size) <= MostBytes)
            return;
        lock (turnover)
        {
            if (Interlocked.Read(ref bytes) <= MostBytes)
                return;
            old = young;
            young = new();
            Interlocked.Exchange(ref bytes, 0);
        }
    }
}
