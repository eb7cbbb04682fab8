using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>Values as Python prints them, which is how OpenStack's messages quote a user's input.</summary>
public static class PythonRepr
{
    /// <summary>A quoted value is cut here, so that a large body does not come back in full.</summary>
    private const int Longest = 1024;

    /// <summary><c>repr(value)</c>, cut when it is very long.</summary>
    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value, new(Longest, Sort: false));
        return text.Length > Longest ? text.ToString(0, Longest) + "…" : text.ToString();
    }

    /// <summary><c>repr(value)</c>, all of it.</summary>
    public static string Whole(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value, new(int.MaxValue, Sort: false));
        return text.ToString();
    }

    /// <summary><c>pprint.saferepr(value)</c>: the whole, with the keys in order.</summary>
    public static string Sorted(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value, new(int.MaxValue, Sort: true));
        return text.ToString();
    }

    /// <summary><c>len(text)</c>: characters, where a pair of surrogates is one.</summary>
    public static int Length(string text)
    {
        var length = text.Length;
        foreach (var letter in text)
        {
            if (char.IsLowSurrogate(letter))
                length--;
        }

        return length;
    }

    /// <summary><c>repr(text)</c>.</summary>
    public static string Of(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var quoted = new StringBuilder().Append(quote);
        foreach (var letter in text.EnumerateRunes())
            quoted.Append(letter.Value == quote ? "\\" + quote : Escape(letter));
        return quoted.Append(quote).ToString();
    }

    /// <summary>What <c>ascii</c> makes of a repr: letters beyond ASCII are escaped as well.</summary>
    public static string Ascii(string repr) =>
        string.Concat(repr.EnumerateRunes().Select(static letter => letter.IsAscii ? letter.ToString() : Code(letter)));

    /// <summary><c>str(value)</c>: a string without quotes, all else as its repr.</summary>
    public static string Display(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : Of(value);

    // What cannot be seen is escaped; a space can.
    private static string Escape(Rune letter) => letter.Value switch
    {
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        ' ' => " ",
        _ => Rune.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator ? Code(letter) : letter.ToString(),
    };

    private static string Code(Rune letter) => letter.Value switch
    {
        < 0x100 => $"\\x{letter.Value:x2}",
        < 0x10000 => $"\\u{letter.Value:x4}",
        _ => $"\\U{letter.Value:x8}",
    };

    private static void Append(StringBuilder text, JsonElement value, Form form)
    {
        if (text.Length > form.Longest)
            return;
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append(Of(value.GetString()!));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                text.Append(value.GetBoolean() ? "True" : "False");
                break;
            case JsonValueKind.Null or JsonValueKind.Undefined:
                text.Append("None");
                break;
            case JsonValueKind.Array:
                text.Append('[');
                Join(text, value.EnumerateArray(), (to, item) => Append(to, item, form));
                text.Append(']');
                break;
            case JsonValueKind.Object:
                text.Append('{');
                Join(text, Members(value, form), (to, property) =>
                {
                    to.Append(Of(property.Name)).Append(": ");
                    Append(to, property.Value, form);
                });
                text.Append('}');
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static IEnumerable<JsonProperty> Members(JsonElement value, Form form) => form.Sort
        ? value.EnumerateObject().OrderBy(static property => property.Name, StringComparer.Ordinal)
        : value.EnumerateObject();

    private static void Join<T>(StringBuilder text, IEnumerable<T> items, Action<StringBuilder, T> append)
    {
        var first = true;
        foreach (var item in items)
        {
            if (!first)
                text.Append(", ");
            first = false;
            append(text, item);
        }
    }

    private readonly record struct Form(int Longest, bool Sort);
}
