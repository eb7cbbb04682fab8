using System.Collections.Generic;
using System.Linq;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Fabric.Engine.Generator;

/// <summary>One numbered value: a field of a type, or an argument of a call.</summary>
internal sealed record Member(uint Id, ITypeSymbol Type, string Get, string SetBefore, string SetAfter, string Accessor);

/// <summary>Writes the statements that write and read numbered values.</summary>
internal static class MemberWriter
{
    internal const string Space = "global::Fabric.Engine.CodeGeneration.";

    /// <summary>The fields that hold the members' codecs. Numbers and text are written without one.</summary>
    internal static void Fields(StringBuilder text, IReadOnlyList<Member> members, string indent)
    {
        foreach (var member in members.Where(NeedsCodec))
            text.AppendLine($"{indent}private {Space}Codec<{Symbols.Name(member.Type)}> c{member.Id};");
    }

    internal static void Bind(StringBuilder text, IReadOnlyList<Member> members, string indent)
    {
        foreach (var member in members.Where(NeedsCodec))
            text.AppendLine($"{indent}c{member.Id} = codecs.Get<{Symbols.Name(member.Type)}>();");
    }

    internal static void Writes(StringBuilder text, IReadOnlyList<Member> members, string indent)
    {
        uint before = 0;
        foreach (var member in members)
        {
            var delta = $"{member.Id - before}u";
            before = member.Id;
            text.AppendLine(NeedsCodec(member)
                ? $"{indent}c{member.Id}.Write(ref writer, {delta}, {member.Get});"
                : $"{indent}writer.Write({delta}, {member.Get});");
        }
    }

    /// <summary>The switch over the id of a value whose header was read.</summary>
    internal static void Reads(StringBuilder text, IReadOnlyList<Member> members, string indent)
    {
        text.AppendLine($"{indent}switch (id)").AppendLine($"{indent}{{");
        foreach (var member in members)
        {
            var read = Inline(member.Type) is { } name ? $"reader.Read{name}(kind)" : $"c{member.Id}.Read(ref reader, kind)";
            text.AppendLine($"{indent}    case {member.Id}u: {member.SetBefore}{read}{member.SetAfter}; break;");
        }

        text.AppendLine($"{indent}    default: reader.Skip(kind); break;").AppendLine($"{indent}}}");
    }

    private static bool NeedsCodec(Member member) => Inline(member.Type) is null;

    private static string? Inline(ITypeSymbol type) => type.TypeKind == TypeKind.Enum ? null : type.SpecialType switch
    {
        SpecialType.System_Boolean => "Boolean",
        SpecialType.System_Byte => "Byte",
        SpecialType.System_SByte => "SByte",
        SpecialType.System_Int16 => "Int16",
        SpecialType.System_UInt16 => "UInt16",
        SpecialType.System_Char => "Char",
        SpecialType.System_Int32 => "Int32",
        SpecialType.System_UInt32 => "UInt32",
        SpecialType.System_Int64 => "Int64",
        SpecialType.System_UInt64 => "UInt64",
        SpecialType.System_Single => "Single",
        SpecialType.System_Double => "Double",
        SpecialType.System_String => "String",
        _ => null,
    };
}
