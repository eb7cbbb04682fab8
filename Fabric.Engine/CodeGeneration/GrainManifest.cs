namespace Fabric.Engine.CodeGeneration;

/// <summary>Names the generated class that lists the grain interfaces and classes of an assembly.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GrainManifestAttribute : Attribute
{
    public GrainManifestAttribute(Type manifest) => Manifest = manifest;

    public Type Manifest { get; }
}

/// <summary>The grain interfaces and classes of one assembly.</summary>
public interface IGrainManifest
{
    void Populate(GrainManifestBuilder builder);
}

/// <summary>Collects the manifests of all assemblies.</summary>
public sealed class GrainManifestBuilder
{
    internal List<(Type Interface, Type Proxy, Func<ProxyBinding, object>? Make)> Interfaces { get; } = [];

    internal List<Type> Classes { get; } = [];

    /// <summary>An interface and its proxy. Generic ones come open, without a factory.</summary>
    public void AddInterface(Type interfaceType, Type proxyType, Func<ProxyBinding, object>? make) =>
        Interfaces.Add((interfaceType, proxyType, make));

    public void AddClass(Type grainClass) => Classes.Add(grainClass);
}
