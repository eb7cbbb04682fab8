using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fabric.Engine.Generator;

/// <summary>Writes one method of a proxy and its message class.</summary>
internal static class MethodWriter
{
    private const string Engine = "global::Fabric.Engine.CodeGeneration.";

    internal static void Write(StringBuilder text, IMethodSymbol method, int index, List<IMethodSymbol> all)
    {
        var kind = ContractRules.KindOf(method);
        var request = $"M{index}_{method.Name}";
        var typeParameters = method.IsGenericMethod ? "<" + string.Join(", ", method.TypeParameters.Select(each => each.Name)) + ">" : "";
        WriteCall(text, method, kind, request + typeParameters, typeParameters);
        WriteRequest(text, method, kind, request, typeParameters, MethodId(method, all));
    }

    private static void WriteCall(StringBuilder text, IMethodSymbol method, ReturnKind kind, string request, string typeParameters)
    {
        var parameters = string.Join(", ", method.Parameters.Select((each, at) => $"{Symbols.Name(each.Type)} a{at}"));
        var fields = string.Join(", ", method.Parameters.Select((_, at) => $"F{at} = a{at}"));
        var send = kind switch
        {
            ReturnKind.Void => "SendVoid",
            ReturnKind.ValueTask or ReturnKind.ValueTaskOfResult => "SendValue",
            ReturnKind.AsyncEnumerable => "SendEnumeration",
            _ => "Send",
        };
        text.AppendLine();
        text.AppendLine($"    {Return(method)} {Symbols.Name(method.ContainingType)}.{method.Name}{typeParameters}({parameters}) =>");
        text.AppendLine($"        {send}(new {request} {{ {fields} }});");
    }

    private static void WriteRequest(StringBuilder text, IMethodSymbol method, ReturnKind kind, string request, string typeParameters,
        string id)
    {
        var (baseType, invoke, result) = kind switch
        {
            ReturnKind.Void => ("VoidRequest", "InvokeVoid", "void"),
            ReturnKind.Task => ("TaskRequest", "InvokeOn", Return(method)),
            ReturnKind.TaskOfResult => ($"TaskRequest<{Result(method)}>", "InvokeOn", Return(method)),
            ReturnKind.ValueTask => ("ValueTaskRequest", "InvokeValue", Return(method)),
            ReturnKind.ValueTaskOfResult => ($"ValueTaskRequest<{Result(method)}>", "InvokeOn", Return(method)),
            _ => ($"EnumerationRequest<{Result(method)}>", "Enumerate", Return(method)),
        };
        var owner = Symbols.Name(method.ContainingType);
        var arguments = string.Join(", ", method.Parameters.Select((_, at) => $"F{at}"));
        text.AppendLine();
        text.AppendLine($"    internal sealed class {request}{typeParameters} : "
            + $"{Engine}{baseType}{ProxyWriter.Constraints(method.TypeParameters)}");
        text.AppendLine("    {");
        text.AppendLine($"        private static readonly {Engine}GrainMethod Descriptor = {Descriptor(method, id)};");
        for (var at = 0; at < method.Parameters.Length; at++)
            text.AppendLine($"        internal {Symbols.Name(method.Parameters[at].Type)} F{at};");
        text.AppendLine();
        text.AppendLine($"        public override {Engine}GrainMethod Method => Descriptor;");
        text.AppendLine($"        protected override {result} {invoke}(object target) => "
            + $"(({owner})target).{method.Name}{typeParameters}({arguments});");
        if (method.Parameters.Length > 0)
            WriteArguments(text, method);
        text.AppendLine("    }");
    }

    private static void WriteArguments(StringBuilder text, IMethodSymbol method)
    {
        text.AppendLine($"        public override int GetArgumentCount() => {method.Parameters.Length};");
        text.AppendLine("        public override object GetArgument(int index)").AppendLine("        {")
            .AppendLine("            switch (index)")
            .AppendLine("            {");
        for (var at = 0; at < method.Parameters.Length; at++)
            text.AppendLine($"                case {at}: return F{at};");
        text.AppendLine("                default: throw NoSuchArgument(index);").AppendLine("            }").AppendLine("        }");
        text.AppendLine("        public override void SetArgument(int index, object value)").AppendLine("        {")
            .AppendLine("            switch (index)")
            .AppendLine("            {");
        for (var at = 0; at < method.Parameters.Length; at++)
            text.AppendLine($"                case {at}: F{at} = ({Symbols.Name(method.Parameters[at].Type)})value; return;");
        text.AppendLine("                default: throw NoSuchArgument(index);").AppendLine("            }").AppendLine("        }");
        var token = method.Parameters.FirstOrDefault(ContractRules.IsToken);
        if (token is null)
            return;
        text.AppendLine("        public override bool IsCancellable => true;");
        text.AppendLine("        protected override global::System.Threading.CancellationToken TokenArgument");
        text.AppendLine("        {").AppendLine($"            get => F{token.Ordinal};")
            .AppendLine($"            set => F{token.Ordinal} = value;").AppendLine("        }");
    }

    private static string Descriptor(IMethodSymbol method, string id)
    {
        var options = new List<string>();
        foreach (var (attribute, option) in new[] { ("OneWay", "OneWay"), ("ReadOnly", "ReadOnly"),
            ("AlwaysInterleave", "AlwaysInterleave") })
        {
            if (Symbols.Attribute(method, $"Orleans.Concurrency.{attribute}Attribute") is not null)
                options.Add($"{Engine}GrainMethodOptions.{option}");
        }

        // Reading an enumeration takes as long as its reader likes: it must not keep others waiting.
        if (ContractRules.KindOf(method) == ReturnKind.AsyncEnumerable)
            options.Add($"{Engine}GrainMethodOptions.AlwaysInterleave");
        // Nobody waits for a method without a result.
        if (method.ReturnsVoid && !options.Exists(each => each.EndsWith("OneWay", System.StringComparison.Ordinal)))
            options.Add($"{Engine}GrainMethodOptions.OneWay");
        var flags = options.Count == 0 ? $"{Engine}GrainMethodOptions.None" : string.Join(" | ", options);
        var types = method.IsGenericMethod
            ? "null"
            : $"new global::System.Type[] {{ {string.Join(", ", method.Parameters.Select(each => $"typeof({TypeOf(each.Type)})"))} }}";
        return $"new(typeof({Symbols.Name(method.ContainingType)}), \"{method.Name}\", {SymbolDisplay.FormatLiteral(id, true)}, {flags}, "
            + $"{Timeout(method).ToString(CultureInfo.InvariantCulture)}, {types})";
    }

    private static string TypeOf(ITypeSymbol type) => type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated
        ? Symbols.Name(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated))
        : Symbols.Name(type);

    private static long Timeout(IMethodSymbol method)
    {
        var attribute = Symbols.Attribute(method, "Orleans.ResponseTimeoutAttribute");
        return attribute is { ConstructorArguments.Length: 1 } && attribute.ConstructorArguments[0].Value is string text
            && System.TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var timeout) ? (long)timeout.TotalMilliseconds : 0;
    }

    internal static string MethodId(IMethodSymbol method, List<IMethodSymbol> all)
    {
        if (Symbols.Attribute(method, "Orleans.AliasAttribute") is { ConstructorArguments.Length: 1 } alias
            && alias.ConstructorArguments[0].Value is string name)
            return name;
        var isOverloaded = all.Count(each => each.Name == method.Name
            && SymbolEqualityComparer.Default.Equals(each.ContainingType, method.ContainingType)) > 1;
        return isOverloaded ? $"{method.Name}({string.Join(",", method.Parameters.Select(each => each.Type.ToDisplayString()))})"
            : method.Name;
    }

    private static string Return(IMethodSymbol method) => method.ReturnsVoid ? "void" : Symbols.Name(method.ReturnType);

    internal static string Result(IMethodSymbol method) => Symbols.Name(((INamedTypeSymbol)method.ReturnType).TypeArguments[0]);
}
