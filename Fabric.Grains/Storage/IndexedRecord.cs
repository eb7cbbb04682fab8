using System.Text.Json.Serialization;

namespace Fabric.Grains.Storage;

/// <summary>A grain's record that is also a row to list by. The storage provider writes the record, its row, its references, its unique
/// keys and its events in one transaction, so a list shows a write as soon as its caller was answered.</summary>
public interface IIndexedRecord
{
    /// <summary>The columns to list by.</summary>
    ResourceRow ToRow();
}

/// <summary>A record that also tells others what happened. The events leave with the record's next write, exactly once, through the outbox;
/// the record in memory is then replaced by <see cref="WithoutEvents"/>.</summary>
public interface IEventSource<TSelf>
    where TSelf : IEventSource<TSelf>
{
    /// <summary>What happened since the last write. Mark the property <see cref="JsonIgnoreAttribute"/>.</summary>
    IReadOnlyList<ResourceEvent> Events { get; }

    /// <summary>The same record with no events.</summary>
    TSelf WithoutEvents();
}

/// <summary>The columns of a record's row in the table <c>resource</c>. Kind and id are those of the grain: the state's name and the
/// grain's key.</summary>
public sealed record ResourceRow
{
    /// <summary>The owner, for lists of a project; null for what belongs to nobody.</summary>
    public string? ProjectId { get; init; }
    public string? Name { get; init; }
    public string? Status { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Secondary keys to find the record by: node, network, image, …</summary>
    public IReadOnlyList<ResourceRef> Refs { get; init; } = [];

    /// <summary>Texts that no other record may hold, e.g. <c>user/default/alice</c>. A write that would make a second one fails with
    /// <see cref="DuplicateKeyException"/> and changes nothing.</summary>
    public IReadOnlyList<string> UniqueKeys { get; init; } = [];
}

/// <summary>One secondary key.</summary>
/// <param name="Name">What it is, e.g. <c>node</c>.</param>
/// <param name="Value">Its value, e.g. the node's name.</param>
public readonly record struct ResourceRef(string Name, string Value);

/// <summary>Something that happened to a resource, for the outbox.</summary>
/// <param name="Type">OpenStack's event type, e.g. <c>compute.instance.create.end</c>.</param>
/// <param name="At">When.</param>
/// <param name="Payload">JSON.</param>
public sealed record ResourceEvent(string Type, DateTimeOffset At, string Payload);

/// <summary>A unique key is taken by another record. Services turn it into their own conflict fault.</summary>
public sealed class DuplicateKeyException(string key) : Exception($"The key '{key}' is taken.")
{
    /// <summary>The first key that was taken.</summary>
    public string Key { get; } = key;
}
