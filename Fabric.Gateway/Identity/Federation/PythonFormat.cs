using System.Globalization;
using System.Text;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Python's <c>str.format</c>, as far as a mapping can use it: numbered and unnumbered placeholders, doubled braces, and one item
/// of a list (<c>{0[1]}</c>).</summary>
internal static class PythonFormat
{
    /// <summary>The text with its placeholders filled. Throws <see cref="MappingRefusedException"/> for one that stands for nothing.
    /// </summary>
    internal static string Fill(string format, IReadOnlyList<IReadOnlyList<string>> values)
    {
        var text = new StringBuilder();
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
            }
            else if (i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(c);
                i++;
            }
            else
            {
                var end = c == '{' ? format.IndexOf('}', i) : -1;
                if (end < 0)
                    throw Refused($"the braces of '{format}' do not match");
                text.Append(Value(format[(i + 1)..end], values, ref next));
                i = end;
            }
        }

        return text.ToString();
    }

    private static string Value(string field, IReadOnlyList<IReadOnlyList<string>> values, ref int next)
    {
        var bracket = field.IndexOf('[', StringComparison.Ordinal);
        var name = bracket < 0 ? field : field[..bracket];
        int index;
        if (name.Length == 0)
            index = next++;
        else if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out index))
            throw Refused($"{{{field}}} is no number");
        if (index >= values.Count)
            throw Refused($"{{{field}}} refers to a remote match that does not exist");
        var value = values[index];
        if (bracket < 0)
            return value.Count == 1 ? value[0] : "[" + string.Join(", ", value.Select(PythonRepr.Of)) + "]";
        if (field[^1] != ']' || !int.TryParse(field[(bracket + 1)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var item))
            throw Refused($"{{{field}}} is no item of a list");
        // One value alone is no list: an item of it is one of its letters.
        var items = value.Count == 1 ? [.. value[0].Select(static letter => letter.ToString())] : value;
        return item < items.Count ? items[item] : throw Refused($"{{{field}}} refers to a value that does not exist");
    }

    private static MappingRefusedException Refused(string why) => new("A local part of the mapping cannot be filled: " + why + ".");
}
