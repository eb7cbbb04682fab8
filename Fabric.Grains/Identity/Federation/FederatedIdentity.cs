using System.Security.Cryptography;
using System.Text;
using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity.Federation;

/// <summary>As whom an identity provider knows a user.</summary>
/// <param name="ProviderId">The identity provider.</param>
/// <param name="ProtocolId">The protocol by which it vouches for the user.</param>
/// <param name="UniqueId">What it calls the user.</param>
[GenerateSerializer, Immutable, Alias("identity.federatedidentity")]
public sealed record FederatedIdentity(
    [property: Id(0)] string ProviderId, [property: Id(1)] string ProtocolId, [property: Id(2)] string UniqueId)
{
    /// <summary>The key that finds the user. The user domain is part of it: a provider that was removed and made anew, with another domain,
    /// does not get the old one's users.</summary>
    public string Key(UserDomainId domain) => $"federated_user/{domain}/{ProviderId}/{ProtocolId}/{UniqueId}";

    /// <summary>The id of the user's shadow here: always the same one, as Keystone makes it (source:
    /// <c>keystone/identity/id_generators/sha256.py</c>).</summary>
    public UserId ShadowId(UserDomainId domain) =>
        new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(domain.Text + "user" + UniqueId))));
}
