using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Fabric.Engine.Generator;

/// <summary>Questions to symbols.</summary>
internal static class Symbols
{
    private static readonly SymbolDisplayFormat Full = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers | SymbolDisplayMiscellaneousOptions.UseSpecialTypes
        | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // The interfaces that only classify grains have no methods and need no proxy.
    private static readonly string[] Markers =
    [
        "Orleans.IGrain", "Orleans.IGrainObserver", "Orleans.Runtime.IAddressable", "Orleans.Runtime.IGrainExtension",
            "Orleans.IGrainWithStringKey",
        "Orleans.IGrainWithGuidKey", "Orleans.IGrainWithIntegerKey", "Orleans.IGrainWithGuidCompoundKey",
            "Orleans.IGrainWithIntegerCompoundKey",
    ];

    internal static string Name(ITypeSymbol type) => type.ToDisplayString(Full);

    /// <summary>As it stands in typeof: a generic type is open.</summary>
    internal static string Unbound(INamedTypeSymbol type)
    {
        if (!type.IsGenericType)
            return Name(type);
        return Name(type.ConstructUnboundGenericType());
    }

    /// <summary>Nested types of a generic type are open as a whole.</summary>
    internal static string Open(int parameters) => parameters == 0 ? "" : "<" + new string(',', parameters - 1) + ">";

    internal static bool IsGrainInterface(INamedTypeSymbol type) =>
        !Markers.Contains(PlainName(type)) && type.AllInterfaces.Any(each => PlainName(each) == "Orleans.Runtime.IAddressable");

    internal static bool IsGrainClass(INamedTypeSymbol type) =>
        type.AllInterfaces.Any(each => PlainName(each) == "Orleans.IGrainBase")
            && type.AllInterfaces.Any(each => PlainName(each) == "Orleans.IGrain");

    /// <summary>Whether generated code of the same assembly can name it.</summary>
    internal static bool IsReachable(INamedTypeSymbol type)
    {
        for (var each = type; each is not null; each = each.ContainingType)
        {
            if (each.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
                return false;
        }

        return true;
    }

    internal static AttributeData? Attribute(ISymbol symbol, string fullName) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass is { } type && PlainName(type) == fullName);

    internal static string PlainName(ITypeSymbol type) => type.ContainingType is { } outer
        ? PlainName(outer) + "." + type.Name
        : type.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString() + "." + type.Name : type.Name;

    internal static string Identifier(string text)
    {
        var identifier = new StringBuilder(text.Length);
        foreach (var letter in text)
            identifier.Append(char.IsLetterOrDigit(letter) ? letter : '_');
        return identifier.ToString();
    }
}
