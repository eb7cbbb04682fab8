using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>Rules that make a user, groups and projects of what an identity provider says about somebody.</summary>
[GenerateSerializer, Immutable, Alias("identity.mapping")]
public sealed record MappingState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>The rules as their maker wrote them: the text of a JSON array.</summary>
    [Id(1)] public required string Rules { get; init; }
    [Id(2)] public DateTimeOffset CreatedAt { get; init; }
    [Id(3)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Id, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}

/// <summary>A cloud that takes this one's word for its users.</summary>
[GenerateSerializer, Immutable, Alias("identity.serviceprovider")]
public sealed record ServiceProviderState : IIndexedRecord
{
    /// <summary>What stands before the random part of a relay state unless the provider says otherwise.</summary>
    public const string DefaultRelayStatePrefix = "ss:mem:";

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public bool Enabled { get; init; }
    [Id(2)] public string? Description { get; init; }

    /// <summary>Where a client logs in there.</summary>
    [Id(3)] public required string AuthUrl { get; init; }

    /// <summary>Where an assertion is sent.</summary>
    [Id(4)] public required string SpUrl { get; init; }
    [Id(5)] public string RelayStatePrefix { get; init; } = DefaultRelayStatePrefix;
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new() { Name = Id, CreatedAt = CreatedAt, UpdatedAt = UpdatedAt };
}
