namespace Fabric.Grains.Storage;

/// <summary>Lists records from the database, and shapes them.</summary>
internal sealed class ResourceIndex(IRecordDatabase database) : IResourceIndex
{
    private readonly RecordCache cache = new();

    /// <inheritdoc/>
    public async Task<T?> Find<T>(string kind, string id, CancellationToken ct)
        where T : class =>
        await database.Read(kind, id, ct) is { } stored ? cache.Get<T>(stored.Etag, stored.Doc) : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<T>> List<T>(ResourceQuery query, CancellationToken ct)
        where T : class =>
        Collect(query, withDocs: true, (_, etag, doc) => cache.Get<T>(etag, doc), ct);

    /// <inheritdoc/>
    public async Task<int> Count(ResourceQuery query, CancellationToken ct)
    {
        if (query.Where is null)
            return await database.Count(query, ct);
        throw new ArgumentException("Only a list can look at the records themselves: count it.", nameof(query));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListIds(ResourceQuery query, CancellationToken ct) =>
        query.Where is null
            ? Collect(query, withDocs: false, (id, _, _) => id, ct)
            : throw new ArgumentException("Only a list can look at the records themselves: list them.", nameof(query));

    /// <inheritdoc/>
    public async Task<(string Kind, string Id)?> FindByUniqueKey(string key, CancellationToken ct) =>
        await database.FindByUniqueKey(key, ct) is { } holder ? (holder.Kind, holder.Id) : null;

    /// <inheritdoc/>
    public ValueTask<long> Version(string kind, CancellationToken ct) => database.Version(kind, ct);

    /// <inheritdoc/>
    public ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct) => database.Version(kinds, ct);

    /// <inheritdoc/>
    public bool VersionsAreAtHand => database.VersionsAreAtHand;

    private async Task<IReadOnlyList<T>> Collect<T>(ResourceQuery query, bool withDocs, Shape<T> shape, CancellationToken ct)
        where T : class
    {
        var limit = query.Paging?.Limit;
        if (limit is 0)
            return [];
        List<T> found = [];
        // Without a predicate the database counts; with one it can't know how many rows a full page takes.
        await database.Visit(query, query.Where is null ? limit : null, withDocs, (id, etag, doc) =>
        {
            var item = shape(id, etag, doc);
            if (query.Where is null || query.Where(item))
                found.Add(item);
            return found.Count != limit;
        }, ct);
        if (query.Paging is { Reverse: true })
            found.Reverse();
        return found;
    }

    private delegate T Shape<out T>(string id, long etag, ReadOnlySpan<byte> doc);
}
