using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;

namespace Fabric.Engine.Generator;

/// <summary>The numbered members of a type, and how generated code gets at them: what it may not touch by name it reaches by an
/// accessor.</summary>
internal static class SerializerMembers
{
    private const string Unsafe = "global::System.Runtime.CompilerServices.UnsafeAccessor";

    internal static List<Member> Of(INamedTypeSymbol type) => Numbered(type)
        .OrderBy(each => each.Id).Select(each => Make(type, each.Id, each.Symbol)).ToList();

    /// <summary>The members that have an [Id]. If none has, the parameters of a record's primary constructor have their position.</summary>
    internal static List<(uint Id, ISymbol Symbol)> Numbered(INamedTypeSymbol type)
    {
        var positional = PrimaryParameters(type);
        var found = new List<(uint, ISymbol)>();
        foreach (var member in type.GetMembers().Where(each => !each.IsStatic && each is IPropertySymbol or IFieldSymbol))
        {
            var parameter = positional.FirstOrDefault(each => each.Name == member.Name);
            if (Id(member) is { } id || Id(parameter) is { } ofParameter && Set(ofParameter, out id))
                found.Add((id, member));
        }

        if (found.Count == 0 && type.IsRecord)
        {
            foreach (var parameter in positional)
            {
                if (type.GetMembers(parameter.Name).OfType<IPropertySymbol>().FirstOrDefault() is { } property)
                    found.Add(((uint)parameter.Ordinal, property));
            }
        }

        return found;
    }

    /// <summary>The field behind a property that has no code of its own.</summary>
    internal static IFieldSymbol? BackingField(IPropertySymbol property) => property.ContainingType.GetMembers().OfType<IFieldSymbol>()
        .FirstOrDefault(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool Set(uint value, out uint id)
    {
        id = value;
        return true;
    }

    private static uint? Id(ISymbol? symbol) => symbol is not null && Symbols.Attribute(symbol, "Orleans.IdAttribute") is
        { ConstructorArguments.Length: 1 } attribute && attribute.ConstructorArguments[0].Value is uint id ? id : null;

    private static IReadOnlyList<IParameterSymbol> PrimaryParameters(INamedTypeSymbol type) => type.IsRecord
        ? type.InstanceConstructors.FirstOrDefault(each => each.Parameters.Length > 0
            && each.Parameters.All(parameter => type.GetMembers(parameter.Name).OfType<IPropertySymbol>().Any())
            && each.DeclaringSyntaxReferences.Any(syntax =>
                syntax.GetSyntax() is Microsoft.CodeAnalysis.CSharp.Syntax.RecordDeclarationSyntax))?.Parameters.ToArray() ?? []
        : [];

    private static Member Make(INamedTypeSymbol type, uint id, ISymbol symbol)
    {
        var target = type.IsValueType ? "ref value" : "value";
        var parameter = (type.IsValueType ? "ref " : "") + Symbols.Name(type) + " value";
        if (symbol is IFieldSymbol field)
        {
            var isFree = IsFree(field) && !field.IsReadOnly;
            return isFree
                ? new Member(id, field.Type, $"value.{Escape(field.Name)}", $"value.{Escape(field.Name)} = ", "", "")
                : ByField(type, id, field, IsFree(field) ? $"value.{Escape(field.Name)}" : null, target, parameter);
        }

        var property = (IPropertySymbol)symbol;
        var get = property.GetMethod is { } getter && IsFree(getter) && IsFree(property) ? $"value.{Escape(property.Name)}" : null;
        if (property.SetMethod is { IsInitOnly: false } setter && get is not null && IsFree(setter))
            return new Member(id, property.Type, get, $"{get} = ", "", "");
        if (BackingField(property) is { } backing)
            return ByField(type, id, backing, get, target, parameter);
        // A property with code of its own, whose setter is not for everybody.
        return new Member(id, property.Type, get ?? "default", $"A{id}({target}, ", ")",
            $"[{Unsafe}({Unsafe}Kind.Method, Name = \"set_{property.Name}\")] private static extern void A{id}({parameter}, "
                + $"{Symbols.Name(property.Type)} member);");
    }

    private static Member ByField(INamedTypeSymbol type, uint id, IFieldSymbol field, string? get, string target, string parameter)
    {
        var read = get ?? (type.IsValueType
            ? $"A{id}(ref global::System.Runtime.CompilerServices.Unsafe.AsRef(in value))" : $"A{id}(value)");
        return new Member(id, field.Type, read, $"A{id}({target}) = ", "",
            $"[{Unsafe}({Unsafe}Kind.Field, Name = \"{field.MetadataName}\")] private static extern ref {Symbols.Name(field.Type)} "
                + $"A{id}({parameter});");
    }

    private static bool IsFree(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;

    private static string Escape(string name) => "@" + name;
}
