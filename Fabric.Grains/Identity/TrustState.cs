using System.Globalization;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>Roles that one user lends another on a project.</summary>
[GenerateSerializer, Immutable, Alias("identity.trust")]
public sealed record TrustState : IIndexedRecord
{
    /// <summary>Deepest chain of trusts made from trusts (Keystone's <c>max_redelegation_count</c>).</summary>
    public const int MostRedelegations = 3;

    /// <summary>Names of the references to those it binds.</summary>
    public const string TrustorRef = "trustor", TrusteeRef = "trustee", ParentRef = "redelegated";

    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required UserId TrustorId { get; init; }
    [Id(2)] public required UserId TrusteeId { get; init; }
    [Id(3)] public ProjectId? ProjectId { get; init; }

    /// <summary>Whether the trustee acts in the trustor's name.</summary>
    [Id(4)] public bool Impersonation { get; init; }
    [Id(5)] public IReadOnlyList<RoleId> Roles { get; init; } = [];
    [Id(6)] public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>How many tokens may still be had; null for any number.</summary>
    [Id(7)] public int? RemainingUses { get; init; }

    /// <summary>The trust that this one was made from.</summary>
    [Id(8)] public string? RedelegatedTrustId { get; init; }

    /// <summary>How many levels of trusts may be made from it.</summary>
    [Id(9)] public int RedelegationCount { get; init; }

    /// <summary>See <see cref="ExtraAttributes"/>.</summary>
    [Id(10)] public string? Extra { get; init; }
    [Id(11)] public DateTimeOffset CreatedAt { get; init; }
    [Id(12)] public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A trust that is there already, as far as a new one may be the same.</summary>
    public static Fault Taken(string id) => IdentityFaults.Duplicate("trust", $"Duplicate entry found with ID {id}");

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExpired(DateTimeOffset now) => ExpiresAt is { } end && now > end;

    /// <summary>Whether a token may be had from it.</summary>
    public bool CanBeUsed(DateTimeOffset now) => !HasExpired(now) && RemainingUses is not <= 0;

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        ProjectId = ProjectId?.Text,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = RedelegatedTrustId is { } parent ? [.. Ends, new(ParentRef, parent)] : Ends,
        // As in Keystone's database, two trusts without an end never are the same.
        UniqueKeys = ExpiresAt is { } end
            ? [string.Create(CultureInfo.InvariantCulture,
                $"trust/{TrustorId}/{TrusteeId}/{ProjectId?.Text}/{Impersonation}/{end.UtcTicks}")]
            : [],
    };

    private IReadOnlyList<ResourceRef> Ends => [new(TrustorRef, TrustorId.Text), new(TrusteeRef, TrusteeId.Text)];
}
