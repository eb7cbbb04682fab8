using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Fabric.Engine.Generator;

/// <summary>What a grain interface may look like; the same rules that Orleans has.</summary>
internal static class ContractRules
{
    /// <summary>Null when the interface is in order.</summary>
    internal static string? Problem(INamedTypeSymbol type)
    {
        if (!Symbols.IsReachable(type))
            return $"Grain interface {type.Name} must be at least internal, and so must be the types around it";
        var isObserver = type.AllInterfaces.Any(each => Symbols.PlainName(each) == "Orleans.IGrainObserver");
        return Members(type).Select(member => Problem(type, member, isObserver)).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The interface's methods and those it inherits.</summary>
    internal static IEnumerable<IMethodSymbol> Methods(INamedTypeSymbol type) => Members(type).OfType<IMethodSymbol>();

    internal static ReturnKind KindOf(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
            return ReturnKind.Void;
        if (method.ReturnType is not INamedTypeSymbol { ContainingNamespace: { } space } type)
            return ReturnKind.Forbidden;
        return (space.ToDisplayString(), type.Name, type.TypeArguments.Length) switch
        {
            ("System.Threading.Tasks", "Task", 0) => ReturnKind.Task,
            ("System.Threading.Tasks", "Task", 1) => ReturnKind.TaskOfResult,
            ("System.Threading.Tasks", "ValueTask", 0) => ReturnKind.ValueTask,
            ("System.Threading.Tasks", "ValueTask", 1) => ReturnKind.ValueTaskOfResult,
            ("System.Collections.Generic", "IAsyncEnumerable", 1) => ReturnKind.AsyncEnumerable,
            _ => ReturnKind.Forbidden,
        };
    }

    private static IEnumerable<ISymbol> Members(INamedTypeSymbol type) =>
        new[] { type }.Concat(type.AllInterfaces).SelectMany(each => each.GetMembers())
            .Where(member => !member.IsStatic && member.IsAbstract);

    private static string? Problem(INamedTypeSymbol type, ISymbol member, bool isObserver)
    {
        if (member is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method)
            return $"{type.Name}.{member.Name}: a grain interface has methods only, no properties or events";
        if (method.Parameters.Any(parameter => parameter.RefKind != RefKind.None))
            return $"{type.Name}.{member.Name}: parameters of a grain method cannot be ref, in or out";
        if (method.Parameters.Count(IsToken) > 1)
            return $"{type.Name}.{member.Name}: a grain method takes at most one CancellationToken";
        return KindOf(method) switch
        {
            ReturnKind.Forbidden => $"{type.Name}.{member.Name}: a grain method returns Task, Task<T>, ValueTask, ValueTask<T> or "
                + $"IAsyncEnumerable<T>",
            ReturnKind.Void when !isObserver && Symbols.Attribute(method, "Orleans.Concurrency.OneWayAttribute") is null =>
                $"{type.Name}.{member.Name}: only one-way methods and observers return void",
            _ => Unserializable(type, method),
        };
    }

    private static string? Unserializable(INamedTypeSymbol type, IMethodSymbol method) =>
        method.Parameters.Select(each => each.Type).Append(method.ReturnType).Select(SerializerRules.Unserializable)
            .Where(problem => problem is not null).Select(problem => $"{type.Name}.{method.Name}: {problem}").FirstOrDefault();

    internal static bool IsToken(IParameterSymbol parameter) => Symbols.PlainName(parameter.Type) == "System.Threading.CancellationToken";
}

internal enum ReturnKind
{
    Forbidden,
    Void,
    Task,
    TaskOfResult,
    ValueTask,
    ValueTaskOfResult,
    AsyncEnumerable,
}
