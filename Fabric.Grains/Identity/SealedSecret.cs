using Fabric.Grains.Storage;

namespace Fabric.Grains.Identity;

/// <summary>A secret as it is kept: sealed with a key of the credentials' key repository, which only gateways open. A type of its own so
/// that printing a record never prints it.</summary>
/// <param name="Text">The sealed text.</param>
/// <param name="KeyHash">Names the key that sealed it, so that it is known when a rotation has passed it by.</param>
[GenerateSerializer, Immutable, Alias("identity.sealedsecret")]
public readonly record struct SealedSecret([property: Id(0)] string Text, [property: Id(1)] string KeyHash)
{
    /// <inheritdoc/>
    public override string ToString() => "(hidden)";
}

/// <summary>A record that holds a sealed secret.</summary>
public interface ISecretRecord : IIndexedRecord
{
    /// <summary>The name of the reference to the key's hash.</summary>
    const string KeyRef = "key";

    /// <summary>The grain's key.</summary>
    string Id { get; }

    /// <summary>The secret.</summary>
    SealedSecret Secret { get; }
}

/// <summary>A grain whose record holds a sealed secret.</summary>
[Alias("identity.ISecretGrain")]
public interface ISecretGrain : IGrainWithStringKey
{
    /// <summary>Replaces the secret by the same one under a newer key, if it is still the one expected; else nothing.</summary>
    Task Reseal(SealedSecret expected, SealedSecret next);
}
