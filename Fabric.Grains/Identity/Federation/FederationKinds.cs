namespace Fabric.Grains.Identity.Federation;

/// <summary>The kinds under which the records of federation stand in the index: the names of the grains' states.</summary>
public static class FederationKinds
{
    public const string Provider = "identity_provider";
    public const string Mapping = "identity_mapping";
    public const string ServiceProvider = "service_provider";
    public const string Groups = "federated_groups";
    public const string UsedAssertion = "used_assertion";
}
