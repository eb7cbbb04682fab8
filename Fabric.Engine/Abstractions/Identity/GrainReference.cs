namespace Orleans.Runtime;

/// <summary>
/// How code speaks of a grain it does not hold: a pure value of grain id and interface. Making one calls nobody and never fails.
/// The generated proxies derive from it.
/// </summary>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    internal GrainReference(Fabric.Engine.IGrainReferenceHost host, GrainId grainId, GrainInterfaceType interfaceType)
    {
        Host = host;
        GrainId = grainId;
        InterfaceType = interfaceType;
    }

    public GrainId GrainId { get; }

    public GrainInterfaceType InterfaceType { get; }

    /// <summary>The silo or client whose calls these are.</summary>
    internal Fabric.Engine.IGrainReferenceHost Host { get; }

    public virtual string InterfaceName => InterfaceType.ToString();

    public virtual TGrainInterface Cast<TGrainInterface>() where TGrainInterface : IAddressable => Host.Cast<TGrainInterface>(this);

    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    public bool Equals(GrainReference? other) => other is not null && GrainId == other.GrainId && InterfaceType == other.InterfaceType;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1?.Equals(reference2) ?? reference2 is null;

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);
}
