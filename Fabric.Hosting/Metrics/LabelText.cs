using System.Globalization;

namespace Fabric.Hosting.Metrics;

/// <summary>Tags as Prometheus writes labels, built without allocating: a series that is known costs a look-up. What does not fit is cut
/// off; labels are short by nature.</summary>
internal ref struct LabelText(Span<char> buffer)
{
    private readonly Span<char> buffer = buffer;
    private int length;

    /// <summary><c>name="value",…</c></summary>
    public readonly ReadOnlySpan<char> Text => buffer[..length];

    /// <summary>Adds the tags in their order.</summary>
    public void Append(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var (name, value) in tags)
        {
            var before = length;
            var fits = (length == 0 || Put(',')) && Name(name) && Put('=') && Put('"') && Value(value) && Put('"');
            if (!fits)
                length = before;
        }
    }

    private bool Name(string name)
    {
        foreach (var letter in name)
        {
            if (!Put(char.IsAsciiLetterOrDigit(letter) ? letter : '_'))
                return false;
        }

        return name.Length > 0;
    }

    private bool Value(object? value)
    {
        switch (value)
        {
            case null:
                return true;
            case string text:
                return Escaped(text);
            case bool flag:
                return Escaped(flag ? "true" : "false");
            case ISpanFormattable number:
                // Numbers need no escape: they go straight into the text.
                var fits = number.TryFormat(buffer[length..], out var written, default, CultureInfo.InvariantCulture);
                length += fits ? written : 0;
                return fits;
            default:
                return Escaped(value.ToString());
        }
    }

    private bool Escaped(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            var fits = letter switch
            {
                '"' => Put('\\') && Put('"'),
                '\\' => Put('\\') && Put('\\'),
                '\n' => Put('\\') && Put('n'),
                _ => Put(letter),
            };
            if (!fits)
                return false;
        }

        return true;
    }

    private bool Put(char letter)
    {
        if (length == buffer.Length)
            return false;
        buffer[length++] = letter;
        return true;
    }
}
