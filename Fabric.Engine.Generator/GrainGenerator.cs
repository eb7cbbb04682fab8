using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Fabric.Engine.Generator;

/// <summary>
/// Writes what calls between grains need, per assembly: for each grain interface a proxy that turns method calls into messages, a message
/// class
/// per method with a typed field per argument, and one manifest that lists interfaces and grain classes for the host to find.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class GrainGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // Each interface becomes a value (its text) early: an edit that changes no contract then stops the pipeline here.
        var interfaces = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is InterfaceDeclarationSyntax,
            static (syntax, token) => Proxy(syntax, token)).Where(static proxy => proxy is not null).Select(static (proxy, _) => proxy!);
        var classes = context.SyntaxProvider.CreateSyntaxProvider(
            static (node, _) => node is ClassDeclarationSyntax { BaseList: not null },
            static (syntax, token) => GrainClassName(syntax, token)).Where(static name => name is not null)
                .Select(static (name, _) => name!);
        var codecs = context.SyntaxProvider.ForAttributeWithMetadataName("Orleans.GenerateSerializerAttribute",
            static (_, _) => true,
            static (found, _) => SerializerWriter.Write((INamedTypeSymbol)found.TargetSymbol,
                LocationValue.From(found.TargetNode.GetLocation())));
        var converters = context.SyntaxProvider.ForAttributeWithMetadataName("Orleans.RegisterConverterAttribute",
            static (_, _) => true,
            static (found, _) => ManifestWriter.Converter((INamedTypeSymbol)found.TargetSymbol));
        var assembly = context.CompilationProvider.Select(static (compilation, _) => compilation.AssemblyName ?? "Assembly");

        context.RegisterSourceOutput(interfaces, static (output, proxy) =>
        {
            if (proxy.Problem is not null)
                output.ReportDiagnostic(Diagnostic.Create(Problems.BadContract, proxy.Location?.ToLocation(), proxy.Problem));
            else
                output.AddSource(proxy.HintName, SourceText.From(proxy.Source, Encoding.UTF8));
        });
        context.RegisterSourceOutput(codecs, static (output, codec) =>
        {
            if (codec.Problem is not null)
                output.ReportDiagnostic(Diagnostic.Create(Problems.BadSerializable, codec.Location?.ToLocation(), codec.Problem));
            else if (!codec.IsEnum)
                output.AddSource(codec.HintName, SourceText.From(codec.Source, Encoding.UTF8));
        });
        var all = interfaces.Collect().Combine(classes.Collect()).Combine(codecs.Collect().Combine(converters.Collect())).Combine(assembly);
        context.RegisterSourceOutput(all, static (output, found) =>
        {
            var (((proxies, names), (codecs, converters)), assemblyName) = found;
            ManifestWriter.Write(output, proxies, names, codecs, converters, assemblyName);
        });
    }

    private static ProxyModel? Proxy(GeneratorSyntaxContext syntax, System.Threading.CancellationToken token)
    {
        if (syntax.SemanticModel.GetDeclaredSymbol(syntax.Node, token) is not INamedTypeSymbol symbol || !Symbols.IsGrainInterface(symbol))
            return null;
        // A partial interface has several declarations and still one proxy.
        if (symbol.DeclaringSyntaxReferences[0].GetSyntax(token) != syntax.Node)
            return null;
        var location = LocationValue.From(syntax.Node.GetLocation());
        return ContractRules.Problem(symbol) is { } problem
            ? new ProxyModel("", "", "", "", "", false, problem, location)
            : ProxyWriter.Write(symbol);
    }

    private static string? GrainClassName(GeneratorSyntaxContext syntax, System.Threading.CancellationToken token)
    {
        if (syntax.SemanticModel.GetDeclaredSymbol(syntax.Node, token) is not INamedTypeSymbol symbol
            || symbol.IsAbstract || symbol.IsStatic || !Symbols.IsReachable(symbol) || !Symbols.IsGrainClass(symbol))
            return null;
        return symbol.DeclaringSyntaxReferences[0].GetSyntax(token) == syntax.Node ? Symbols.Unbound(symbol) : null;
    }
}

/// <summary>A proxy as text, or what is wrong with its interface.</summary>
internal sealed record ProxyModel(string InterfaceName, string ProxyName, string HintName, string Source, string Registrations,
    bool IsGeneric, string? Problem, LocationValue? Location);

internal static class Problems
{
    internal static readonly DiagnosticDescriptor BadContract = new("FABRIC001", "A grain interface breaks the rules of contracts",
        "{0}", "Grains",
        DiagnosticSeverity.Error, isEnabledByDefault: true);

    internal static readonly DiagnosticDescriptor BadSerializable = new("FABRIC002", "A type that travels in calls cannot be written",
        "{0}", "Grains",
        DiagnosticSeverity.Error, isEnabledByDefault: true);
}
