using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fabric.Gateway.Http.Schemas;

/// <summary>Values as Python's <c>pprint.pformat</c> lays them out: on one line while they fit, keys in order, long texts in pieces. What
/// jsonschema says of a failed check holds two values printed so.</summary>
internal sealed class PythonPrint
{
    private readonly StringBuilder text = new();
    private readonly int width;

    private PythonPrint(int width) => this.width = width;

    /// <summary><c>pformat(value, width=width)</c>.</summary>
    internal static string Of(JsonElement value, int width)
    {
        var print = new PythonPrint(width);
        print.Format(value, 0, 0, 0);
        return print.text.ToString();
    }

    private void Format(JsonElement value, int indent, int allowance, int level)
    {
        var line = PythonRepr.Sorted(value);
        if (Length(line) <= width - indent - allowance)
        {
            text.Append(line);
            return;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                FormatObject(value, indent + 1, allowance + 1, level + 1);
                break;
            case JsonValueKind.Array:
                FormatArray(value, indent + 1, allowance + 1, level + 1);
                break;
            case JsonValueKind.String:
                FormatText(value.GetString()!, indent, allowance, level + 1);
                break;
            default:
                text.Append(line);
                break;
        }
    }

    private void FormatObject(JsonElement value, int indent, int allowance, int level)
    {
        text.Append('{');
        var left = value.EnumerateObject().Count();
        foreach (var property in value.EnumerateObject().OrderBy(static property => property.Name, StringComparer.Ordinal))
        {
            var name = PythonRepr.Of(property.Name);
            text.Append(name).Append(": ");
            Format(property.Value, indent + Length(name) + 2, --left == 0 ? allowance : 1, level);
            if (left > 0)
                text.Append(",\n").Append(' ', indent);
        }

        text.Append('}');
    }

    private void FormatArray(JsonElement value, int indent, int allowance, int level)
    {
        text.Append('[');
        var left = value.GetArrayLength();
        foreach (var item in value.EnumerateArray())
        {
            Format(item, indent, --left == 0 ? allowance : 1, level);
            if (left > 0)
                text.Append(",\n").Append(' ', indent);
        }

        text.Append(']');
    }

    // A text that is the whole value stands in parentheses when it needs several lines.
    private void FormatText(string value, int indent, int allowance, int level)
    {
        if (level == 1)
            (indent, allowance) = (indent + 1, allowance + 1);
        var pieces = Pieces(value, width - indent, allowance);
        if (pieces.Count == 1)
        {
            text.Append(PythonRepr.Of(value));
            return;
        }

        if (level == 1)
            text.Append('(');
        text.AppendJoin("\n" + new string(' ', indent), pieces);
        if (level == 1)
            text.Append(')');
    }

    private static List<string> Pieces(string value, int room, int allowance)
    {
        var pieces = new List<string>();
        var lines = Lines(value);
        for (var i = 0; i < lines.Count; i++)
        {
            var last = i == lines.Count - 1;
            var whole = PythonRepr.Of(lines[i]);
            if (Length(whole) <= (last ? room - allowance : room))
                pieces.Add(whole);
            else
                AddWords(pieces, lines[i], room, last ? allowance : 0);
        }

        return pieces;
    }

    private static void AddWords(List<string> pieces, string line, int room, int allowance)
    {
        var words = Words(line);
        var current = "";
        for (var i = 0; i < words.Count; i++)
        {
            var candidate = current + words[i];
            if (Length(PythonRepr.Of(candidate)) > (i == words.Count - 1 ? room - allowance : room))
            {
                if (current.Length > 0)
                    pieces.Add(PythonRepr.Of(current));
                current = words[i];
            }
            else
            {
                current = candidate;
            }
        }

        if (current.Length > 0)
            pieces.Add(PythonRepr.Of(current));
    }

    // Each word with the blanks that follow it.
    private static List<string> Words(string line)
    {
        var words = new List<string>();
        for (var at = 0; at < line.Length;)
        {
            var from = at;
            while (at < line.Length && !char.IsWhiteSpace(line[at]))
                at++;
            while (at < line.Length && char.IsWhiteSpace(line[at]))
                at++;
            words.Add(line[from..at]);
        }

        return words;
    }

    private static List<string> Lines(string value)
    {
        var lines = new List<string>();
        var from = 0;
        for (var at = 0; at < value.Length; at++)
        {
            if (value[at] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029'))
                continue;
            if (value[at] == '\r' && at + 1 < value.Length && value[at + 1] == '\n')
                at++;
            lines.Add(value[from..(at + 1)]);
            from = at + 1;
        }

        if (from < value.Length)
            lines.Add(value[from..]);
        return lines;
    }

    private static int Length(string value) => PythonRepr.Length(value);
}
