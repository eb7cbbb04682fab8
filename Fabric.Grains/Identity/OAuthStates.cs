using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A program that users may let act for them, by OAuth1.</summary>
[GenerateSerializer, Immutable, Alias("identity.consumer")]
public sealed record ConsumerState : ISecretRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required SealedSecret Secret { get; init; }
    [Id(2)] public string? Description { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(3)] public string? Extra { get; init; }
    [Id(4)] public DateTimeOffset CreatedAt { get; init; }
    [Id(5)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new(ISecretRecord.KeyRef, Secret.KeyHash)],
    };
}

/// <summary>A consumer's wish to act for somebody on a project, until somebody grants it.</summary>
[GenerateSerializer, Immutable, Alias("identity.requesttoken")]
public sealed record RequestTokenState : ISecretRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required SealedSecret Secret { get; init; }
    [Id(2)] public required string ConsumerId { get; init; }
    [Id(3)] public required ProjectId ProjectId { get; init; }
    [Id(4)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Who granted it, with which roles, and the SHA-256 of what the consumer must show to prove that; null until then.</summary>
    [Id(5)] public UserId? AuthorizerId { get; init; }
    [Id(6)] public IReadOnlyList<RoleId> Roles { get; init; } = [];
    [Id(7)] public string? VerifierHash { get; init; }
    [Id(8)] public DateTimeOffset CreatedAt { get; init; }
    [Id(9)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The access token that was made of it: a request token is used once.</summary>
    [Id(10)] public string? AccessTokenId { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("consumer", ConsumerId), new("project", ProjectId.Text), new(ISecretRecord.KeyRef, Secret.KeyHash)],
    };
}

/// <summary>What a consumer acts with for the user who granted it.</summary>
[GenerateSerializer, Immutable, Alias("identity.accesstoken")]
public sealed record AccessTokenState : ISecretRecord
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required SealedSecret Secret { get; init; }
    [Id(2)] public required string ConsumerId { get; init; }
    [Id(3)] public required ProjectId ProjectId { get; init; }
    [Id(4)] public required UserId AuthorizerId { get; init; }
    [Id(5)] public IReadOnlyList<RoleId> Roles { get; init; } = [];
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }
    [Id(7)] public DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        CreatedAt = CreatedAt,
        UpdatedAt = CreatedAt,
        Refs =
        [
            new("consumer", ConsumerId), new("user", AuthorizerId.Text), new("project", ProjectId.Text),
            new(ISecretRecord.KeyRef, Secret.KeyHash),
        ],
    };
}
