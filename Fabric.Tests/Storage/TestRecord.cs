using Fabric.Grains.Storage;

namespace Fabric.Tests.Storage;

internal enum Colour
{
    Red,
    Green,
}

/// <summary>A record with all that a record can have.</summary>
internal sealed record TestRecord : IIndexedRecord, IEventSource<TestRecord>
{
    public string? Project { get; init; }
    public string? Name { get; init; }
    public string? Status { get; init; }
    public Colour Colour { get; init; }
    public DateTimeOffset Created { get; init; } = DateTimeOffset.UnixEpoch;
    public DateTimeOffset Updated { get; init; } = DateTimeOffset.UnixEpoch;
    public IReadOnlyDictionary<string, string> Nodes { get; init; } = new Dictionary<string, string>();
    public IReadOnlyList<string> Keys { get; init; } = [];
    public IReadOnlyList<ResourceEvent> Events { get; init; } = [];
    public string Computed => throw new InvalidOperationException("Nobody asks for what is computed.");

    public ResourceRow ToRow() => new()
    {
        ProjectId = Project,
        Name = Name,
        Status = Status,
        CreatedAt = Created,
        UpdatedAt = Updated,
        Refs = [.. Nodes.Select(node => new ResourceRef(node.Key, node.Value))],
        UniqueKeys = Keys,
    };

    public TestRecord WithoutEvents() => this with { Events = [] };
}

/// <summary>A record that is no row to list by.</summary>
internal sealed record PlainRecord(string Text);
