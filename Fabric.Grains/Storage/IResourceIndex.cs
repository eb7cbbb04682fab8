using Fabric.Grains.Kernel;

namespace Fabric.Grains.Storage;

/// <summary>Reads records by their rows. Never calls a grain; shows every write that was answered.</summary>
public interface IResourceIndex
{
    /// <summary>The record of that kind and id, or null.</summary>
    Task<T?> Find<T>(string kind, string id, CancellationToken ct)
        where T : class;

    /// <summary>The records that match, in the order asked for. A marker that names no record of the query's kind is a bad-request
    /// <see cref="Fault"/> of type <c>MarkerNotFound</c>.</summary>
    Task<IReadOnlyList<T>> List<T>(ResourceQuery query, CancellationToken ct)
        where T : class;

    /// <summary>How many records match, marker and limit aside.</summary>
    Task<int> Count(ResourceQuery query, CancellationToken ct);

    /// <summary>The ids that match, in the order asked for.</summary>
    Task<IReadOnlyList<string>> ListIds(ResourceQuery query, CancellationToken ct);

    /// <summary>Finds the holder of a unique key; null when nobody holds it.</summary>
    Task<(string Kind, string Id)?> FindByUniqueKey(string key, CancellationToken ct);

    /// <summary>A number that grows with every committed write of the kind, by whatever process. Equal numbers mean that a list made
    /// earlier is still true: what caches of small, hot lists (catalog, flavors, roles) hang on. Cheap: no read of the database in the
    /// all-in-one.</summary>
    ValueTask<long> Version(string kind, CancellationToken ct);

    /// <summary>The same for several kinds at once: a number that stays the same only as long as no record of any of them
    /// changes.</summary>
    ValueTask<long> Version(IReadOnlyList<string> kinds, CancellationToken ct);

    /// <summary>Whether a version is known in the process, and asking for it costs nothing.</summary>
    bool VersionsAreAtHand { get; }
}

/// <summary>The columns a list can be ordered by.</summary>
public enum ResourceSort
{
    CreatedAt,
    UpdatedAt,
    Name,
    Status,
    Id,
}

/// <summary>A question to the index. Every condition set must hold.</summary>
public sealed record ResourceQuery(string Kind)
{
    public string? ProjectId { get; init; }

    /// <summary>Any of these; null for all. At most 1,000.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Any of these names; null for all.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Any of these; null for all.</summary>
    public IReadOnlyList<string>? Statuses { get; init; }

    /// <summary>The record has at least one of the values under each name given here.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<string> Values)> Refs { get; init; } = [];

    /// <summary>Only records changed at or after this time.</summary>
    public DateTimeOffset? ChangedSince { get; init; }

    /// <summary>Only records last changed before this time.</summary>
    public DateTimeOffset? UnchangedSince { get; init; }

    /// <summary>What the rows cannot say: looked at on the record itself, after all else, before the limit.</summary>
    public Func<object, bool>? Where { get; init; }
    public ResourceSort Sort { get; init; } = ResourceSort.CreatedAt;
    public bool Descending { get; init; } = true;

    /// <summary>Null for all that match. Ties are ordered by id, in the same direction.</summary>
    public Paging? Paging { get; init; }

    /// <summary>The same question with one more reference to hold.</summary>
    public ResourceQuery WithRef(string name, params IReadOnlyList<string> values) => this with { Refs = [.. Refs, (name, values)] };
}
