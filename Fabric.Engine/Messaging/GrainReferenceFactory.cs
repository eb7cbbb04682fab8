using System.Collections.Concurrent;
using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Makes references, and is what they send through. It is the IGrainFactory and IClusterClient of the silo's process.</summary>
internal sealed class GrainReferenceFactory(SiloRuntime silo) : IClusterClient, IGrainReferenceHost
{
    private readonly ConcurrentDictionary<(Type, string?), (GrainType Type, ProxyMaker Maker)> _known = [];

    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        (TGrainInterface)Make(typeof(TGrainInterface), GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        (TGrainInterface)Make(typeof(TGrainInterface), GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        (TGrainInterface)Make(typeof(TGrainInterface), TextKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey =>
        (TGrainInterface)Make(typeof(TGrainInterface), GrainIdKeyExtensions.CreateGuidKey(primaryKey, keyExtension), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey =>
        (TGrainInterface)Make(typeof(TGrainInterface), GrainIdKeyExtensions.CreateIntegerKey(primaryKey, keyExtension),
            grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable =>
        (TGrainInterface)Make(typeof(TGrainInterface), grainId);

    public IAddressable GetGrain(GrainId grainId) => Untyped(grainId);

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => silo.Types.Interface(interfaceType) is { } type
        ? (IAddressable)Make(type, grainId)
        : throw new ArgumentException($"No grain interface {interfaceType} is known here.", nameof(interfaceType));

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) =>
        (IGrain)Make(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) =>
        (IGrain)Make(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) =>
        (IGrain)Make(grainInterfaceType, TextKey(grainPrimaryKey), null);

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        (IGrain)Make(grainInterfaceType, GrainIdKeyExtensions.CreateGuidKey(grainPrimaryKey, keyExtension), null);

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        (IGrain)Make(grainInterfaceType, GrainIdKeyExtensions.CreateIntegerKey(grainPrimaryKey, keyExtension), null);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        (TGrainObserverInterface)Make(typeof(TGrainObserverInterface), silo.Observers.Add(obj));

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference reference)
            throw new ArgumentException("Pass the reference that CreateObjectReference returned.", nameof(obj));
        silo.Observers.Remove(reference.GrainId);
    }

    public TGrainInterface Cast<TGrainInterface>(GrainReference reference) =>
        reference is TGrainInterface already ? already : (TGrainInterface)Cast(reference, typeof(TGrainInterface));

    public object Cast(GrainReference reference, Type interfaceType) =>
        interfaceType.IsInstanceOfType(reference) ? reference : Make(interfaceType, reference.GrainId);

    public GrainReference Find(GrainId grainId, GrainInterfaceType interfaceType) =>
        !interfaceType.IsDefault && silo.Types.Interface(interfaceType) is { IsGenericTypeDefinition: false } type
            ? (GrainReference)Make(type, grainId)
            : Untyped(grainId);

    public void Send(GrainReference target, GrainRequest request) => silo.Send(target, request);

    internal GrainReference Untyped(GrainId grainId) => new(this, grainId, default);

    private static IdSpan TextKey(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return IdSpan.Create(key);
    }

    private object Make(Type interfaceType, IdSpan key, string? prefix)
    {
        if (!_known.TryGetValue((interfaceType, prefix), out var known))
        {
            known = (silo.Types.Resolve(interfaceType, prefix), silo.Types.Maker(interfaceType));
            _known[(interfaceType, prefix)] = known;
        }

        return known.Maker.Make(new ProxyBinding(this, new GrainId(known.Type, key), known.Maker.InterfaceId));
    }

    private object Make(Type interfaceType, GrainId grainId)
    {
        var maker = silo.Types.Maker(interfaceType);
        return maker.Make(new ProxyBinding(this, grainId, maker.InterfaceId));
    }
}
