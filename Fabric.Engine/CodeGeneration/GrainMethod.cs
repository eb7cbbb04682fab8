using System.Reflection;

namespace Fabric.Engine.CodeGeneration;

/// <summary>How calls of a grain method behave, from its attributes.</summary>
[Flags]
public enum GrainMethodOptions
{
    None = 0,
    OneWay = 1,
    ReadOnly = 2,
    AlwaysInterleave = 4,
}

/// <summary>One method of a grain interface. One object per method, made by generated code; calls point to it.</summary>
public sealed class GrainMethod
{
    private readonly Type[]? _parameterTypes;
    private MethodInfo? _reflected;

    /// <param name="interfaceType">The interface that declares the method.</param>
    /// <param name="name">Its name in code.</param>
    /// <param name="id">Its name on the wire: the alias, or the name, with parameter types where it is overloaded.</param>
    /// <param name="options">What its attributes say.</param>
    /// <param name="timeoutMilliseconds">From [ResponseTimeout]; 0 for the silo's default.</param>
    /// <param name="parameterTypes">Null for a generic method, which is then found by name.</param>
    public GrainMethod(Type interfaceType, string name, string id, GrainMethodOptions options, long timeoutMilliseconds,
        Type[]? parameterTypes)
    {
        InterfaceType = interfaceType;
        Name = name;
        Id = id;
        Options = options;
        TimeoutMilliseconds = timeoutMilliseconds;
        _parameterTypes = parameterTypes;
        InterfaceName = interfaceType.Name;
        ActivityName = $"{InterfaceName}/{name}";
    }

    public Type InterfaceType { get; }

    public string InterfaceName { get; }

    public string Name { get; }

    public string Id { get; }

    public string ActivityName { get; }

    public GrainMethodOptions Options { get; }

    public long TimeoutMilliseconds { get; }

    internal bool IsOneWay => (Options & GrainMethodOptions.OneWay) != 0;

    internal bool IsReadOnly => (Options & GrainMethodOptions.ReadOnly) != 0;

    internal bool AlwaysInterleaves => (Options & GrainMethodOptions.AlwaysInterleave) != 0;

    /// <summary>Reflection is for filters only; the call path never needs it.</summary>
    internal MethodInfo Reflected => _reflected ??= (_parameterTypes is null
        ? InterfaceType.GetMethods().FirstOrDefault(method => method.Name == Name && method.IsGenericMethod)
        : InterfaceType.GetMethod(Name, _parameterTypes)) ?? throw new MissingMethodException(InterfaceType.FullName, Name);
}

/// <summary>The result of methods that return none.</summary>
public readonly struct Nothing;
