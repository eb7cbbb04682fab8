namespace Fabric.Grains.Storage;

/// <summary>
/// What happened to resources, in the order in which it became durable. Each consumer has a cursor of its own and sees every event at
/// least once: it reads, does its work, then advances. Events that every consumer has passed, or that are older than a week, are removed.
/// </summary>
public interface IOutbox
{
    /// <summary>The next events after the consumer's cursor, oldest first. A new consumer begins with the oldest that is kept.</summary>
    Task<IReadOnlyList<OutboxEvent>> Read(string consumer, int max, CancellationToken ct);

    /// <summary>Durably moves the cursor to the event: it and all before it are done. Never moves back.</summary>
    Task Advance(string consumer, long seq, CancellationToken ct);

    /// <summary>Removes some of what nobody needs any more; true when there may be more.</summary>
    Task<bool> Prune(CancellationToken ct);
}

/// <summary>One event with its place in the outbox, and the resource that it happened to.</summary>
public sealed record OutboxEvent(long Seq, string Kind, string Id, string? ProjectId, ResourceEvent Event);
