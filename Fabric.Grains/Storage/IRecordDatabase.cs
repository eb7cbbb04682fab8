namespace Fabric.Grains.Storage;

/// <summary>
/// The seam between what records mean and the database that holds them. Every implementation passes <c>GrainStorageContract</c>: a write
/// is durable when its task completes, and seen by every read that starts after that.
/// </summary>
internal interface IRecordDatabase
{
    /// <summary>Brings the schema up to date, under a lock. Called once, before anything else.</summary>
    Task Open(CancellationToken ct);

    /// <summary>The record, or null.</summary>
    ValueTask<StoredRecord?> Read(string kind, string id, CancellationToken ct);

    /// <summary>Writes a record, its row, references, unique keys and events, all or nothing, when its etag is the one expected. Gives
    /// the new etag. Throws <see cref="Orleans.Storage.InconsistentStateException"/> or <see cref="DuplicateKeyException"/>; then nothing
    /// changed. When the database goes away in the middle of it and nobody can tell, that is a
    /// <see cref="Orleans.Storage.InconsistentStateException"/> too, so that the activation reads its record anew.</summary>
    Task<long> Write(RecordWrite write, CancellationToken ct);

    /// <summary>Removes a record and all that hangs on it; its last events are kept. Throws as <see cref="Write"/> does.</summary>
    Task Clear(RecordKey key, long? expectedEtag, IReadOnlyList<ResourceEvent> events, CancellationToken ct);

    /// <summary>Shows the visitor each record that matches, in order, until it says no.</summary>
    /// <param name="query">The question; its <see cref="ResourceQuery.Where"/> is left to the visitor.</param>
    /// <param name="limit">At most so many; null for all.</param>
    /// <param name="withDocs">False when the ids are enough.</param>
    /// <param name="visit">Sees the id, or the etag and the document, which is gone when it returns.</param>
    /// <param name="ct">Stops.</param>
    ValueTask Visit(ResourceQuery query, int? limit, bool withDocs, RecordVisitor visit, CancellationToken ct);

    /// <summary>How many match; <see cref="ResourceQuery.Where"/> and paging aside.</summary>
    ValueTask<int> Count(ResourceQuery query, CancellationToken ct);

    /// <summary>The holder of a unique key, or null.</summary>
    ValueTask<RecordKey?> FindByUniqueKey(string key, CancellationToken ct);

    /// <summary>Grows with every committed write of the kind, by whatever process.</summary>
    ValueTask<long> Version(string kind, CancellationToken ct);

    /// <summary>The sum of the kinds' versions, by one read: it stays the same only as long as none of them is written.</summary>
    ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct);

    /// <summary>Whether no other process writes, so that versions are known without a read.</summary>
    bool VersionsAreAtHand { get; }

    /// <summary>Ends as a crash would: nothing that is not durable yet ever will be. For tests that crash a silo within their own
    /// process.</summary>
    Task Abandon();
}

/// <summary>Sees one record of a list; false ends the list. An etag names one content of one record for ever.</summary>
internal delegate bool RecordVisitor(string id, long etag, ReadOnlySpan<byte> doc);

/// <summary>What names a record: the state's name and the grain's key.</summary>
internal readonly record struct RecordKey(string Kind, string Id);

/// <summary>A record as the database has it.</summary>
internal sealed record StoredRecord(long Etag, byte[] Doc);

/// <summary>One write.</summary>
internal sealed record RecordWrite
{
    public required RecordKey Key { get; init; }

    /// <summary>Null: the record must not exist yet.</summary>
    public required long? ExpectedEtag { get; init; }
    public required ResourceRow Row { get; init; }

    /// <summary>The record as UTF-8 JSON.</summary>
    public required ReadOnlyMemory<byte> Doc { get; init; }
    public IReadOnlyList<ResourceEvent> Events { get; init; } = [];
}
