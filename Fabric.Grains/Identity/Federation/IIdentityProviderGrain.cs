using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity.Federation;

/// <summary>One identity provider with its protocols. Its key is the provider's id, which its maker chooses.</summary>
[Alias("identity.IIdentityProviderGrain")]
public interface IIdentityProviderGrain : IGrainWithStringKey
{
    /// <summary>Makes the provider. Durable when it returns; a conflict when it is there already or one of its remote ids is another's.
    /// </summary>
    Task<IdentityProviderState> Create(NewIdentityProvider provider);

    /// <summary>Changes the provider; not found, or a conflict when a remote id is another's.</summary>
    Task<IdentityProviderState> Update(IdentityProviderChange change);

    /// <summary>Adds a protocol; not found without the provider, a conflict when the protocol is there already.</summary>
    Task<FederationProtocol> AddProtocol(FederationProtocol protocol);

    /// <summary>Changes a protocol; null leaves as it is. Not found when there is none.</summary>
    Task<FederationProtocol> ChangeProtocol(string id, string? mappingId, string? remoteIdAttribute);

    /// <summary>Removes a protocol; not found when there is none.</summary>
    Task RemoveProtocol(string id);

    /// <summary>Removes the provider and its protocols; not found when there is none. Its user domain stays.</summary>
    Task Delete();
}

/// <summary>An identity provider to make.</summary>
[GenerateSerializer, Immutable, Alias("identity.newidentityprovider")]
public sealed record NewIdentityProvider
{
    [Id(0)] public required UserDomainId DomainId { get; init; }
    [Id(1)] public bool Enabled { get; init; }
    [Id(2)] public string? Description { get; init; }
    [Id(3)] public IReadOnlyList<string> RemoteIds { get; init; } = [];
    [Id(4)] public long? AuthorizationTtl { get; init; }
}

/// <summary>What to change of an identity provider; null leaves as it is, unless a switch says that nothing is what is meant.</summary>
[GenerateSerializer, Immutable, Alias("identity.identityproviderchange")]
public sealed record IdentityProviderChange
{
    [Id(0)] public bool? Enabled { get; init; }
    [Id(1)] public string? Description { get; init; }
    [Id(2)] public bool ClearDescription { get; init; }
    [Id(3)] public IReadOnlyList<string>? RemoteIds { get; init; }
    [Id(4)] public long? AuthorizationTtl { get; init; }
    [Id(5)] public bool ClearAuthorizationTtl { get; init; }
}
