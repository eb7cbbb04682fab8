using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>Which federated users are looked for; null for whatever.</summary>
/// <param name="ProviderId">The identity provider that knows them.</param>
/// <param name="ProtocolId">The protocol by which it does.</param>
/// <param name="UniqueId">What it calls them.</param>
public sealed record FederatedFilter(string? ProviderId, string? ProtocolId, string? UniqueId)
{
    /// <summary>Whether a user who is known so is meant. All must be true of one and the same identity.</summary>
    public bool Fits(FederatedIdentity who) => (ProviderId is null || ProviderId == who.ProviderId)
        && (ProtocolId is null || ProtocolId == who.ProtocolId) && (UniqueId is null || UniqueId == who.UniqueId);

    /// <summary>The query for those who may fit.</summary>
    internal ResourceQuery Narrow(ResourceQuery query) =>
        UniqueId is not null ? query.WithRef(FederatedIdentity.UniqueRef, UniqueId)
        : ProviderId is not null ? query.WithRef(FederatedIdentity.ProviderRef, ProviderId)
        : ProtocolId is not null ? query.WithRef(FederatedIdentity.ProtocolRef, ProtocolId)
        : query;
}
