using System.Collections.Concurrent;
using System.Reflection;
using Fabric.Engine.CodeGeneration;
using Orleans;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Fabric.Engine;

/// <summary>Which grain interfaces and classes there are, and which class an interface means.</summary>
internal sealed class GrainTypes
{
    private readonly Dictionary<Type, (Type Proxy, Func<ProxyBinding, object>? Make)> _proxies = [];
    private readonly Dictionary<string, Type> _interfacesById = new(StringComparer.Ordinal);
    private readonly List<Type> _classes;
    private readonly ConcurrentDictionary<GrainType, GrainClass?> _classesByType = [];
    private readonly Dictionary<GrainType, Type> _typesByName = [];
    private readonly ConcurrentDictionary<(Type Interface, string? Prefix), GrainType> _resolved = [];
    private readonly ConcurrentDictionary<Type, ProxyMaker> _makers = [];
    private readonly IReadOnlyDictionary<string, TimeSpan> _collectionAges;

    internal GrainTypes(GrainManifestBuilder manifest, IReadOnlyDictionary<string, TimeSpan> collectionAges)
    {
        _collectionAges = collectionAges;
        foreach (var (interfaceType, proxy, make) in manifest.Interfaces)
        {
            _proxies[interfaceType] = (proxy, make);
            _interfacesById[InterfaceIdOf(interfaceType).ToString()] = interfaceType;
        }

        _classes = manifest.Classes;
        foreach (var type in _classes.Where(type => !type.IsGenericTypeDefinition))
        {
            var name = NameOf(type);
            if (!_typesByName.TryAdd(name, type))
                throw new OrleansConfigurationException($"{type} and {_typesByName[name]} are both the grain type \"{name}\": give "
                    + $"one a [GrainType].");
        }
    }

    /// <summary>Null when no class has this name.</summary>
    internal GrainClass? Class(GrainType grainType) => _classesByType.TryGetValue(grainType, out var known)
        ? known
        : _classesByType.GetOrAdd(grainType, name => _typesByName.TryGetValue(name, out var type)
            ? new GrainClass(type, name, _collectionAges.TryGetValue(type.FullName!, out var age) ? age : null)
            : ConstructedGrainType.Parse(name, _classes) is { } constructed ? new GrainClass(constructed, name, null) : null);

    /// <summary>The figures of every class that was asked for so far.</summary>
    internal IEnumerable<GrainFigures> Figures => _classesByType.Select(static each => each.Value?.Figures).OfType<GrainFigures>();

    internal ProxyMaker Maker(Type interfaceType) => _makers.GetOrAdd(interfaceType, MakeMaker);

    internal Type? Interface(GrainInterfaceType id) => _interfacesById.GetValueOrDefault(id.ToString());

    /// <summary>The grain type that an interface means.</summary>
    internal GrainType Resolve(Type interfaceType, string? classNamePrefix) =>
        _resolved.GetOrAdd((interfaceType, classNamePrefix), key => Find(key.Interface, key.Prefix));

    internal static GrainInterfaceType InterfaceIdOf(Type type) => GrainInterfaceType.Create(
        (type.GetCustomAttribute<GrainInterfaceTypeAttribute>()?.GetGrainInterfaceType(null!, type) ?? default).IsDefault
            ? type.GetCustomAttribute<AliasAttribute>()?.Alias ?? type.ToString()
            : type.GetCustomAttribute<GrainInterfaceTypeAttribute>()!.GetGrainInterfaceType(null!, type).ToString());

    internal static GrainType NameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } named)
            return named.GetGrainType(null!, type);
        var name = type.Name.ToLowerInvariant();
        var arity = name.IndexOf('`', StringComparison.Ordinal);
        var stem = arity < 0 ? name : name[..arity];
        if (stem.Length > 5 && stem.EndsWith("grain", StringComparison.Ordinal))
            stem = stem[..^5];
        return GrainType.Create(arity < 0 ? stem : stem + name[arity..]);
    }

    private ProxyMaker MakeMaker(Type interfaceType)
    {
        var id = InterfaceIdOf(interfaceType);
        if (_proxies.TryGetValue(interfaceType, out var known) && known.Make is { } make)
            return new ProxyMaker(id, make);
        if (interfaceType.IsGenericType && _proxies.TryGetValue(interfaceType.GetGenericTypeDefinition(), out var open))
        {
            var proxy = ConstructorInvoker.Create(open.Proxy.MakeGenericType(interfaceType.GetGenericArguments()).GetConstructors()[0]);
            return new ProxyMaker(id, binding => proxy.Invoke(binding));
        }

        throw new ArgumentException($"{interfaceType} has no generated proxy: it must derive from IGrain or IGrainObserver, be at "
            + $"least internal, "
            + "and its project must use the generator (Engine.props).", nameof(interfaceType));
    }

    private GrainType Find(Type interfaceType, string? prefix)
    {
        var candidates = _classes.Select(type => Close(type, interfaceType)).OfType<Type>()
            .Where(type => prefix is null || type.FullName!.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (candidates.Count > 1 && interfaceType.GetCustomAttribute<DefaultGrainTypeAttribute>() is { } preferred)
            return GrainType.Create(preferred.GrainType);
        // Several classes: the one named like the interface (IFoo: Foo or FooGrain).
        if (candidates.Count > 1)
        {
            var stem = interfaceType.Name.TrimStart('I');
            var named = candidates.Where(type => type.Name == stem || type.Name == stem + "Grain").ToList();
            candidates = named.Count == 1 ? named : candidates;
        }

        return candidates.Count switch
        {
            1 => candidates[0].IsConstructedGenericType ? ConstructedGrainType.Name(candidates[0]) : NameOf(candidates[0]),
            0 => throw new ArgumentException($"Could not find an implementation for interface {interfaceType}", nameof(interfaceType)),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {interfaceType}. "
                + $"Candidates: {string.Join(", ", candidates.Select(type => type.Name))}", nameof(interfaceType)),
        };
    }

    private static Type? Close(Type type, Type interfaceType)
    {
        if (!type.IsGenericTypeDefinition)
            return interfaceType.IsAssignableFrom(type) ? type : null;
        if (!interfaceType.IsConstructedGenericType || type.GetGenericArguments().Length != interfaceType.GetGenericArguments().Length)
            return null;
        var offered = type.GetInterfaces()
            .Any(each => each.IsGenericType && each.GetGenericTypeDefinition() == interfaceType.GetGenericTypeDefinition());
        return offered ? type.MakeGenericType(interfaceType.GetGenericArguments()) : null;
    }
}

/// <summary>Makes references of one interface.</summary>
internal sealed record ProxyMaker(GrainInterfaceType InterfaceId, Func<ProxyBinding, object> Make);
