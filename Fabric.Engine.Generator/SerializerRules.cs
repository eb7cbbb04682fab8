using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Fabric.Engine.Generator;

/// <summary>What a type that travels may look like.</summary>
internal static class SerializerRules
{
    private static readonly string[] ReadOnlyCollections =
    [
        "System.Collections.Generic.IReadOnlyList", "System.Collections.Generic.IReadOnlyCollection",
        "System.Collections.Generic.IReadOnlyDictionary", "System.Collections.Generic.IReadOnlySet",
        "System.Collections.Immutable.ImmutableArray", "System.Collections.Immutable.ImmutableList",
        "System.Collections.Immutable.ImmutableDictionary", "System.Collections.Immutable.ImmutableHashSet",
        "System.Nullable", "System.ReadOnlyMemory", "System.Collections.Generic.KeyValuePair", "System.ValueTuple",
    ];

    /// <summary>Null when the type is in order.</summary>
    internal static string? Problem(INamedTypeSymbol type)
    {
        if (!Symbols.IsReachable(type))
            return $"{type.Name} travels in calls: it must be at least internal, and so must be the types around it";
        if (type.TypeKind == TypeKind.Enum)
            return null;
        var members = SerializerMembers.Numbered(type);
        if (members.GroupBy(each => each.Id).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"{type.Name} has the number {twice.Key} twice: {string.Join(", ", twice.Select(each => each.Symbol.Name))}";
        return members.Select(each => Problem(type, each.Symbol)).FirstOrDefault(problem => problem is not null);
    }

    /// <summary>The base whose fields are a level of their own in messages; null when there is none.</summary>
    internal static string? SerializedBase(INamedTypeSymbol type)
    {
        if (type.IsValueType || type.BaseType is not { SpecialType: not SpecialType.System_Object } parent)
            return null;
        if (IsMarked(parent))
            return Symbols.Name(parent);
        return IsException(parent) ? "global::System.Exception" : null;
    }

    internal static bool IsException(ITypeSymbol type)
    {
        for (var each = type; each is not null; each = each.BaseType)
        {
            if (Symbols.PlainName(each) == "System.Exception")
                return true;
        }

        return false;
    }

    /// <summary>
    /// Whether objects of the type can be told apart by their content alone, and hold nothing that could lead back to themselves. Then
    /// one that stands twice in a message may be written twice: it is the same to who reads it, and cannot grow without end.
    /// </summary>
    internal static bool IsTreeOfValues(ITypeSymbol type, HashSet<string> within)
    {
        if (type.TypeKind == TypeKind.Enum || type.SpecialType is not SpecialType.None and not SpecialType.System_Object
            and not SpecialType.System_Nullable_T && (type.IsValueType || type.SpecialType == SpecialType.System_String))
            return true;
        if (type is not INamedTypeSymbol named)
            return false;
        var name = Symbols.PlainName(named);
        if (ReadOnlyCollections.Contains(name))
            return named.TypeArguments.All(each => IsTreeOfValues(each, within));
        if (named.TypeKind == TypeKind.Interface)
            return Symbols.IsGrainInterface(named);
        if (!IsMarked(named))
            return named.IsValueType && !named.IsGenericType && name.StartsWith("System.", System.StringComparison.Ordinal);
        if (IsException(named) || (named.IsReferenceType && (!named.IsSealed || SerializedBase(named) is not null
            || Symbols.Attribute(named, "Orleans.ImmutableAttribute") is null)))
            return false;
        var key = Symbols.Name(named);
        if (!within.Add(key))
            return false;
        var all = SerializerMembers.Numbered(named).All(each => IsTreeOfValues(TypeOf(each.Symbol), within));
        within.Remove(key);
        return all;
    }

    internal static ITypeSymbol TypeOf(ISymbol member) => member is IFieldSymbol field ? field.Type : ((IPropertySymbol)member).Type;

    internal static bool IsMarked(INamedTypeSymbol type) => Symbols.Attribute(type, "Orleans.GenerateSerializerAttribute") is not null;

    /// <summary>
    /// Null when values of the type can travel. Types of other assemblies are left to runtime, which may have codecs or converters for
    /// them; a type of the code's own must be marked.
    /// </summary>
    internal static string? Unserializable(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return Unserializable(array.ElementType);
        if (type is not INamedTypeSymbol named)
            return null;
        if (named.TypeArguments.Select(Unserializable).FirstOrDefault(problem => problem is not null) is { } inner)
            return inner;
        if (named.TypeKind is not (TypeKind.Class or TypeKind.Struct) || IsMarked(named) || named.IsAbstract
            || named.AllInterfaces.Any(each => Symbols.PlainName(each) == "Orleans.Runtime.IAddressable"))
            return null;
        // A tuple has a place in source too; and the engine has codecs of its own for its ids.
        var name = Symbols.PlainName(named);
        var isBuiltIn = name.StartsWith("System.", System.StringComparison.Ordinal)
            || name.StartsWith("Orleans.", System.StringComparison.Ordinal);
        return !isBuiltIn && named.Locations.Any(each => each.IsInSource) ? $"{named.Name} has no [GenerateSerializer]" : null;
    }

    private static string? Problem(INamedTypeSymbol type, ISymbol member)
    {
        if (member is IPropertySymbol { SetMethod: null } property && SerializerMembers.BackingField(property) is null)
            return $"{type.Name}.{member.Name} has an [Id] but can never be set";
        return Unserializable(TypeOf(member)) is { } problem ? $"{type.Name}.{member.Name} travels in calls, but {problem}" : null;
    }
}
