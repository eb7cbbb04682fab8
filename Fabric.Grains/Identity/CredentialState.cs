using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A credential of a user: an EC2 key pair, the secret of one-time passwords, a certificate, or anything else that a service
/// wants kept for it.</summary>
[GenerateSerializer, Immutable, Alias("identity.credential")]
public sealed record CredentialState : ISecretRecord
{
    /// <summary>Of an EC2 credential the SHA-256 of its access key.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required UserId UserId { get; init; }
    [Id(2)] public ProjectId? ProjectId { get; init; }

    /// <summary><c>ec2</c>, <c>totp</c>, <c>cert</c> or any other.</summary>
    [Id(3)] public required string Type { get; init; }

    /// <summary>The blob.</summary>
    [Id(4)] public required SealedSecret Secret { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(5)] public string? Extra { get; init; }
    [Id(6)] public DateTimeOffset CreatedAt { get; init; }
    [Id(7)] public DateTimeOffset UpdatedAt { get; init; }

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId?.Text,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("user", UserId.Text), new("type", Type), new(ISecretRecord.KeyRef, Secret.KeyHash)],
    };
}
