using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;
using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity.Federation;

/// <summary>As whom an identity provider knows a user.</summary>
/// <param name="ProviderId">The identity provider.</param>
/// <param name="ProtocolId">The protocol by which it vouches for the user.</param>
/// <param name="UniqueId">What it calls the user.</param>
[GenerateSerializer, Immutable, Alias("identity.federatedidentity")]
public sealed record FederatedIdentity(
    [property: Id(0)] string ProviderId, [property: Id(1)] string ProtocolId, [property: Id(2)] string UniqueId)
{
    internal const string ProviderRef = "federated_idp";
    internal const string ProtocolRef = "federated_protocol";
    internal const string UniqueRef = "federated_unique";

    /// <summary>The key that finds the user: nobody else is known so.</summary>
    public string LinkKey => $"federated_user/{ProviderId}/{ProtocolId}/{UniqueId}";

    /// <summary>The columns by which users are looked for.</summary>
    internal IEnumerable<ResourceRef> ToRefs() =>
        [new(ProviderRef, ProviderId), new(ProtocolRef, ProtocolId), new(UniqueRef, UniqueId)];

    /// <summary>The key that found a shadow before <see cref="LinkKey"/> did.</summary>
    public string Key(UserDomainId domain) => $"federated_user/{domain}/{ProviderId}/{ProtocolId}/{UniqueId}";

    /// <summary>The id of the user's shadow here: always the same one, as Keystone makes it (source:
    /// <c>keystone/identity/id_generators/sha256.py</c>).</summary>
    public UserId ShadowId(UserDomainId domain) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(domain.Text + "user" + UniqueId))));
}
