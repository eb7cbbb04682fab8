using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Fabric.Engine;

/// <summary>What the runtime knows of a grain class: read from its attributes once, before its first activation.</summary>
internal sealed class GrainClass
{
    private readonly ConstructorInvoker _constructor;
    private readonly Func<Activation, object?>[] _parameters;

    internal GrainClass(Type type, GrainType grainType, TimeSpan? configuredAge)
    {
        Type = type;
        GrainType = grainType;
        Figures = new GrainFigures(grainType);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        IsFilter = typeof(IIncomingGrainCallFilter).IsAssignableFrom(type);
        KeepAlive = type.IsDefined(typeof(KeepAliveAttribute), true);
        CollectionAge = type.GetCustomAttribute<CollectionAgeLimitAttribute>(true)?.AgeLimit ?? configuredAge;
        Strategy = type.GetCustomAttribute<PlacementAttribute>(true)?.PlacementStrategy;
        MaxLocalWorkers = (Strategy as StatelessWorkerPlacement)?.MaxLocalWorkers ?? 0;
        MayInterleave = type.GetCustomAttribute<MayInterleaveAttribute>(true) is { } may ? PredicateOf(type, may.CallbackMethodName) : null;
        var constructor = ConstructorOf(type);
        _constructor = ConstructorInvoker.Create(constructor);
        _parameters = [.. constructor.GetParameters().Select(ResolverOf)];
    }

    internal Type Type { get; }

    internal GrainType GrainType { get; }

    internal GrainFigures Figures { get; }

    internal bool IsReentrant { get; }

    internal bool IsFilter { get; }

    internal bool KeepAlive { get; }

    internal TimeSpan? CollectionAge { get; }

    internal int MaxLocalWorkers { get; }

    /// <summary>Null for the default: by rendezvous hash.</summary>
    internal PlacementStrategy? Strategy { get; }

    internal Func<IInvokable, bool>? MayInterleave { get; }

    /// <summary>Runs the constructor; facets and services come from the activation.</summary>
    internal object Create(Activation activation)
    {
        if (_parameters.Length == 0)
            return _constructor.Invoke();
        var arguments = new object?[_parameters.Length];
        for (var index = 0; index < arguments.Length; index++)
            arguments[index] = _parameters[index](activation);
        return _constructor.Invoke(arguments.AsSpan());
    }

    private static ConstructorInfo ConstructorOf(Type type)
    {
        var constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public);
        if (constructors.Length == 0)
            throw new OrleansConfigurationException($"Grain class {type} has no public constructor.");
        return constructors.FirstOrDefault(each => each.IsDefined(typeof(ActivatorUtilitiesConstructorAttribute)))
            ?? constructors.MaxBy(each => each.GetParameters().Length)!;
    }

    private static Func<Activation, object?> ResolverOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            return PersistentStateFactory.For(parameter, state);
        if (type == typeof(IGrainContext))
            return static activation => activation;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return activation => activation.ActivationServices.GetRequiredKeyedService(type, keyed.Key);
        if (parameter.HasDefaultValue)
            return activation => activation.ActivationServices.GetService(type) ?? parameter.DefaultValue;
        return activation => activation.ActivationServices.GetRequiredService(type);
    }

    private static Func<IInvokable, bool> PredicateOf(Type type, string name)
    {
        var method = type.GetMethod(name,
            BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy,
            [typeof(IInvokable)]);
        return method?.ReturnType == typeof(bool)
            ? method.CreateDelegate<Func<IInvokable, bool>>()
            : throw new OrleansConfigurationException($"{type} has no method static bool {name}(IInvokable), which [MayInterleave] names.");
    }
}
