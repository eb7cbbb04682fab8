using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>Somebody else who knows users: an identity provider, with the protocols by which it vouches for them. The protocols are few and
/// mean nothing without it, so they are part of its record.</summary>
[GenerateSerializer, Immutable, Alias("identity.identityprovider")]
public sealed record IdentityProviderState : IIndexedRecord
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>The user domain that its users are in.</summary>
    [Id(1)] public required UserDomainId DomainId { get; init; }
    [Id(2)] public bool Enabled { get; init; }
    [Id(3)] public string? Description { get; init; }

    /// <summary>By which names it signs what it says; no two providers share one.</summary>
    [Id(4)] public IReadOnlyList<string> RemoteIds { get; init; } = [];

    /// <summary>For how many minutes a user stays in the groups that a login put it into; null for the cloud's default.</summary>
    [Id(5)] public long? AuthorizationTtl { get; init; }
    [Id(6)] public IReadOnlyList<FederationProtocol> Protocols { get; init; } = [];
    [Id(7)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(8)] public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The key that keeps remote ids unique.</summary>
    public static string RemoteIdKey(string remoteId) => "identity_provider/remote_id/" + remoteId;

    /// <summary>For how long a user stays in the groups that a login put it into; nothing said is the cloud's default.</summary>
    public TimeSpan StayInGroups(FederationOptions options) =>
        TimeSpan.FromMinutes(AuthorizationTtl is { } minutes and > 0 ? minutes : options.DefaultAuthorizationTtl);

    /// <summary>The protocol of that id, or null.</summary>
    public FederationProtocol? Protocol(string id) => Protocols.FirstOrDefault(protocol => protocol.Id == id);

    /// <inheritdoc/>
    public ResourceRow ToRow() => new()
    {
        Name = Id,
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        Refs = [new("domain", DomainId.Text)],
        UniqueKeys = [.. RemoteIds.Select(RemoteIdKey)],
    };
}

/// <summary>One way in which an identity provider vouches for users.</summary>
[GenerateSerializer, Immutable, Alias("identity.federationprotocol")]
public sealed record FederationProtocol
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>The mapping that makes users of what the provider says.</summary>
    [Id(1)] public required string MappingId { get; init; }

    /// <summary>Which attribute names the provider; null for the cloud's default.</summary>
    [Id(2)] public string? RemoteIdAttribute { get; init; }
}
