using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Compute;

/// <summary>One key pair; the private half is never kept.</summary>
[GenerateSerializer, Immutable, Alias("compute.key-pair")]
public sealed record KeyPair
{
    /// <summary>Counts up per user, as old bodies show it.</summary>
    [Id(0)] public required int Number { get; init; }
    [Id(1)] public required string Name { get; init; }

    /// <summary><c>ssh</c> or <c>x509</c>.</summary>
    [Id(2)] public required string Type { get; init; }
    [Id(3)] public required string PublicKey { get; init; }
    [Id(4)] public required string Fingerprint { get; init; }
    [Id(5)] public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The key pairs of one user: one record, because names are unique and the quota counts within it.</summary>
[GenerateSerializer, Immutable, Alias("compute.key-pairs-state")]
public sealed record KeyPairsState : IIndexedRecord
{
    /// <summary>The kind of the record in the index.</summary>
    public const string Kind = "keypairs";

    /// <summary>By name.</summary>
    [Id(0)] public IReadOnlyList<KeyPair> KeyPairs { get; init; } = [];
    [Id(1)] public int LastNumber { get; init; }
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>The key pairs of one user; the key is the user's id. Each write is durable before the call returns.</summary>
[Alias("compute.key-pairs")]
public interface IKeyPairsGrain : IGrainWithStringKey
{
    /// <summary>All, by name.</summary>
    [Alias("List"), ReadOnly]
    Task<IReadOnlyList<KeyPair>> List();

    /// <summary>One; null when there is none of that name.</summary>
    [Alias("Find"), ReadOnly]
    Task<KeyPair?> Find(string name);

    /// <summary>Adds one. A name in use is a conflict; more than <paramref name="most"/> are over quota (negative: no limit).</summary>
    [Alias("Add")]
    Task<KeyPair> Add(string name, string type, string publicKey, string fingerprint, int most);

    /// <summary>Takes one away; false when there was none.</summary>
    [Alias("Remove")]
    Task<bool> Remove(string name);
}
