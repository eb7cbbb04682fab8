using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Fabric.Engine.Generator;

/// <summary>Writes the codec of one method's message class: its arguments, numbered by position, but for the token.</summary>
internal static class RequestWriter
{
    private const string Space = MemberWriter.Space;

    internal static void Write(StringBuilder text, StringBuilder registrations, INamedTypeSymbol type, IMethodSymbol method, int index,
        List<IMethodSymbol> all, string proxy)
    {
        var request = $"M{index}_{method.Name}";
        var parameters = method.IsGenericMethod ? "<" + string.Join(", ", method.TypeParameters.Select(each => each.Name)) + ">" : "";
        var kind = ContractRules.KindOf(method);
        var parent = kind switch
        {
            ReturnKind.AsyncEnumerable => $"EnumerationRequestCodec<{request}{parameters}, {MethodWriter.Result(method)}>",
            ReturnKind.TaskOfResult or ReturnKind.ValueTaskOfResult =>
                $"RequestCodec<{request}{parameters}, {MethodWriter.Result(method)}>",
            _ => $"RequestCodec<{request}{parameters}, global::Fabric.Engine.CodeGeneration.Nothing>",
        };
        text.AppendLine();
        text.AppendLine($"    internal sealed class {request}_Codec{parameters} : {Space}{parent}"
            + ProxyWriter.Constraints(method.TypeParameters));
        text.AppendLine("    {");
        WriteArguments(text, method, request + parameters);
        text.AppendLine("    }");

        var open = Symbols.Open(method.TypeParameters.Length);
        var make = type.IsGenericType || method.IsGenericMethod ? "null" : $"static () => new {proxy}.{request}_Codec()";
        registrations.AppendLine($"        builder.AddRequest(typeof({Symbols.Unbound(type)}), "
            + $"{SymbolDisplay.FormatLiteral(Name(type, method, all), true)}, typeof({proxy}.{request}{open}), "
            + $"typeof({proxy}.{request}_Codec{open}), {make});");
    }

    private static void WriteArguments(StringBuilder text, IMethodSymbol method, string request)
    {
        var members = method.Parameters.Where(each => !ContractRules.IsToken(each))
            .Select(each => new Member((uint)each.Ordinal, each.Type, $"request.F{each.Ordinal}", $"request.F{each.Ordinal} = ", "", ""))
            .ToList();
        if (members.Count == 0)
            return;
        MemberWriter.Fields(text, members, "        ");
        text.AppendLine($"        public override void Bind({Space}CodecProvider codecs)").AppendLine("        {");
        text.AppendLine("            base.Bind(codecs);");
        MemberWriter.Bind(text, members, "            ");
        text.AppendLine("        }");
        text.AppendLine($"        protected override void WriteArguments(ref {Space}MessageWriter writer, {request} request)")
            .AppendLine("        {");
        MemberWriter.Writes(text, members, "            ");
        text.AppendLine("        }");
        text.AppendLine($"        protected override void ReadArgument(ref {Space}MessageReader reader, {request} request, uint id, "
            + $"{Space}WireKind kind)").AppendLine("        {");
        MemberWriter.Reads(text, members, "            ");
        text.AppendLine("        }");
    }

    /// <summary>Two interfaces may have methods of one name: what is inherited says from where.</summary>
    private static string Name(INamedTypeSymbol type, IMethodSymbol method, List<IMethodSymbol> all)
    {
        var name = MethodWriter.MethodId(method, all);
        return SymbolEqualityComparer.Default.Equals(method.ContainingType, type)
            ? name : $"{Symbols.PlainName(method.ContainingType)}.{name}";
    }
}
