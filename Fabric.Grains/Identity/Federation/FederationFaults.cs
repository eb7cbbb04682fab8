using Fabric.Grains.Kernel;

namespace Fabric.Grains.Identity.Federation;

/// <summary>Federation's refusals in the words its clients look for.</summary>
public static class FederationFaults
{
    public static Fault NoProvider(string id) =>
        Fault.NotFound("IdentityProviderNotFound", $"Could not find Identity Provider: {id}.");

    public static Fault NoServiceProvider(string id) =>
        Fault.NotFound("ServiceProviderNotFound", $"Could not find Service Provider: {id}.");

    public static Fault NoProtocol(string provider, string id) => Fault.NotFound("FederatedProtocolNotFound",
        $"Could not find federated protocol {id} for Identity Provider: {provider}.");

    public static Fault DuplicateProvider(string id) => IdentityFaults.Duplicate("identity_provider", "Duplicate entry: " + id);

    public static Fault DuplicateRemoteId(string id) => IdentityFaults.Duplicate("identity_provider", "Duplicate remote ID: " + id);

    /// <summary>Something that is not to be used now. As everywhere in identity the answer does not say what.</summary>
    public static Fault Forbidden() => Fault.Forbidden("You are not authorized to perform the requested action.");

    /// <summary>A protocol that names a mapping which is not there.</summary>
    public static Fault BadMappingId(string id) => Fault.BadRequest("ValidationError", "Invalid mapping id: " + id);
}
