using Fabric.Engine.Serialization;
using Orleans;

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

    internal List<CodecEntry> Codecs { get; } = [];

    internal List<RequestEntry> Requests { get; } = [];

    /// <summary>An interface and its proxy. Generic ones come open, without a factory.</summary>
    public void AddInterface(Type interfaceType, Type proxyType, Func<ProxyBinding, object>? make) =>
        Interfaces.Add((interfaceType, proxyType, make));

    public void AddClass(Type grainClass) => Classes.Add(grainClass);

    /// <summary>A type marked [GenerateSerializer] and its codec. Generic ones come open, without a factory.</summary>
    public void AddCodec(Type type, string name, Type codecType, Func<Codec>? make) => Codecs.Add(new(type, name, codecType, make));

    /// <summary>An enum: it is written as its number, and has a name for where it stands as an object.</summary>
    public void AddEnum<T>(string name) where T : struct, Enum =>
        Codecs.Add(new(typeof(T), name, typeof(EnumCodec<T>), static () => new EnumCodec<T>()));

    /// <summary>A converter marked [RegisterConverter] and the type that it makes travel.</summary>
    public void AddConverter<TValue, TSurrogate>(string name, Func<IConverter<TValue, TSurrogate>> make) where TSurrogate : struct =>
        Codecs.Add(new(typeof(TValue), name, typeof(ConverterCodec<TValue, TSurrogate>),
            () => new ConverterCodec<TValue, TSurrogate>(make())));

    /// <summary>A method of an interface, its message class and the codec of that. Generic ones come open, without a factory.</summary>
    public void AddRequest(Type interfaceType, string method, Type requestType, Type codecType, Func<RequestCodec>? make) =>
        Requests.Add(new(GrainTypes.InterfaceIdOf(interfaceType).ToString(), method, requestType, codecType, make));
}
