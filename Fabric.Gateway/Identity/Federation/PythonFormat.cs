using System.Globalization;
using System.Text;
using Fabric.Gateway.Http.Schemas;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Python's <c>str.format</c> with what a mapping's remote part let through as its arguments: a text where one value came through,
/// else the list of them. Attributes of Python's objects (<c>{0.x}</c>) stand for nothing here.</summary>
internal sealed class PythonFormat(IReadOnlyList<IReadOnlyList<string>> values)
{
    private const int MostNesting = 2;

    private int next;
    private bool? numbered;

    /// <summary>The text with its placeholders filled. Throws <see cref="MappingRefusedException"/> for one that stands for nothing.
    /// </summary>
    internal static string Fill(string format, IReadOnlyList<IReadOnlyList<string>> values) =>
        new PythonFormat(values).Expand(format, MostNesting);

    private string Expand(string format, int depth)
    {
        if (depth == 0)
            throw Refused("placeholders are nested too deeply");
        var text = new StringBuilder();
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
                var end = c == '{' ? End(format, i) : throw Refused($"the braces of '{format}' do not match");
                text.Append(Value(format[(i + 1)..end], depth));
                i = end;
            }
        }

        return text.ToString();
    }

    // Where the placeholder ends that begins here.
    private static int End(string format, int begin)
    {
        var open = 0;
        for (var i = begin; i < format.Length; i++)
        {
            if (format[i] == '{')
                open++;
            else if (format[i] == '}' && --open == 0)
                return i;
        }

        throw Refused($"the braces of '{format}' do not match");
    }

    private string Value(string field, int depth)
    {
        var (name, conversion, spec) = Split(field);
        var value = Find(name);
        string? text = conversion switch
        {
            null => value.Text,
            's' => value.ToString(),
            'r' => PythonValue.Repr(value),
            'a' => PythonRepr.Ascii(PythonValue.Repr(value)),
            _ => throw Refused($"!{conversion} is no conversion"),
        };
        if (spec.Length > 0)
            spec = Expand(spec, depth - 1);
        if (spec.Length == 0)
            return text ?? value.ToString();
        return text is null ? throw Refused("a list takes no format") : PythonTextSpec.Apply(text, spec);
    }

    // A colon or an exclamation mark within brackets belongs to the name.
    private static (string Name, char? Conversion, string Spec) Split(string field)
    {
        var end = 0;
        for (var bracket = false; end < field.Length && (bracket || field[end] is not (':' or '!')); end++)
        {
            if (field[end] == '{')
                throw Refused($"{{{field}}} has a brace in its name");
            bracket = field[end] switch { '[' => true, ']' => false, _ => bracket };
        }

        if (end == field.Length || field[end] == ':')
            return (field[..end], null, end == field.Length ? "" : field[(end + 1)..]);
        if (end + 1 == field.Length || (end + 2 < field.Length && field[end + 2] != ':'))
            throw Refused($"{{{field}}} has no conversion that ends");
        return (field[..end], field[end + 1], end + 2 < field.Length ? field[(end + 3)..] : "");
    }

    private PythonValue Find(string field)
    {
        var bracket = field.IndexOf('[', StringComparison.Ordinal);
        var name = bracket < 0 ? field : field[..bracket];
        if (numbered is { } before && before != name.Length > 0)
            throw Refused("placeholders with and without numbers stand side by side");
        numbered = name.Length > 0;
        var index = name.Length == 0 ? next++ : Number(name, field);
        if (index >= values.Count)
            throw Refused($"{{{field}}} refers to a remote match that does not exist");
        var value = new PythonValue(values[index]);
        for (var rest = bracket < 0 ? "" : field[bracket..]; rest.Length > 0;)
        {
            var close = rest.IndexOf(']', StringComparison.Ordinal);
            if (rest[0] != '[' || close < 2)
                throw Refused($"{{{field}}} is no item of a list");
            value = value.Item(Number(rest[1..close], field))
                ?? throw Refused($"{{{field}}} refers to a value that does not exist");
            rest = rest[(close + 1)..];
        }

        return value;
    }

    private static int Number(string text, string field) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refused($"{{{field}}} is no number");

    /// <summary>That a mapping asks for a text that Python would not make.</summary>
    internal static MappingRefusedException Refused(string why) => new("A local part of the mapping cannot be filled: " + why + ".");
}

/// <summary>What a placeholder stands for.</summary>
internal readonly struct PythonValue
{
    private readonly IReadOnlyList<string> items;

    internal PythonValue(IReadOnlyList<string> items) => (this.items, Text) = (items, items.Count == 1 ? items[0] : null);

    /// <summary>The one value; null for a list.</summary>
    internal string? Text { get; }

    /// <summary>An item of the list, or a letter of the text; null when there are fewer.</summary>
    internal PythonValue? Item(int index)
    {
        if (Text is null)
            return index < items.Count ? new([items[index]]) : null;
        Rune[] letters = [.. Text.EnumerateRunes().Skip(index).Take(1)];
        return letters is [var letter] ? new([letter.ToString()]) : null;
    }

    internal static string Repr(PythonValue value) => value.Text is { } text ? PythonRepr.Of(text) : value.ToString();

    /// <inheritdoc/>
    public override string ToString() => Text ?? "[" + string.Join(", ", items.Select(PythonRepr.Of)) + "]";
}

/// <summary>How wide a text is to be, and where it stands in that width: what may follow the colon of a placeholder.</summary>
internal static class PythonTextSpec
{
    private const int Widest = 10_000;

    internal static string Apply(string text, string spec)
    {
        Rune[] signs = [.. spec.EnumerateRunes()];
        var (at, fill, align) = (0, new Rune(' '), '<');
        var filled = signs.Length > 1 && Align(signs[1]) is not null;
        if (filled)
            (fill, align, at) = (signs[0], Align(signs[1])!.Value, 2);
        else if (Align(signs[0]) is { } alone)
            (align, at) = (alone, 1);
        if (!filled && at < signs.Length && signs[at].Value == '0')
            (fill, at) = (signs[at], at + 1);
        var width = Digits(signs, ref at) ?? 0;
        int? most = null;
        if (at < signs.Length && signs[at].Value == '.')
        {
            at++;
            most = Digits(signs, ref at) ?? throw PythonFormat.Refused("a precision is missing");
        }

        if (at < signs.Length && signs[at].Value == 's')
            at++;
        if (at < signs.Length || align == '=')
            throw PythonFormat.Refused($"'{spec}' is no format of a text");
        return Pad([.. text.EnumerateRunes().Take(most ?? int.MaxValue)], width, fill, align);
    }

    private static char? Align(Rune sign) => sign.Value is '<' or '>' or '^' or '=' ? (char)sign.Value : null;

    private static int? Digits(Rune[] signs, ref int at)
    {
        var begin = at;
        var number = 0;
        for (; at < signs.Length && Rune.IsDigit(signs[at]); at++)
        {
            number = (number * 10) + (int)Rune.GetNumericValue(signs[at]);
            if (number > Widest)
                throw PythonFormat.Refused("a width is too large");
        }

        return at == begin ? null : number;
    }

    private static string Pad(Rune[] text, int width, Rune fill, char align)
    {
        var missing = Math.Max(0, width - text.Length);
        var before = align switch { '>' => missing, '^' => missing / 2, _ => 0 };
        var padded = new StringBuilder();
        for (var i = 0; i < before; i++)
            padded.Append(fill);
        foreach (var letter in text)
            padded.Append(letter);
        for (var i = before; i < missing; i++)
            padded.Append(fill);
        return padded.ToString();
    }
}
