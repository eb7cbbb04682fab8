using System.Globalization;
using System.Text;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Lists of texts as Python prints and reads them, which is what a mapping's local part holds where several values stand for one
/// placeholder.</summary>
internal ref struct PythonList
{
    private const string Blanks = " \t\n\r\f";

    private ReadOnlySpan<char> rest;

    private PythonList(string text) => rest = text.AsSpan().Trim(Blanks);

    /// <summary>The items of a text like <c>['a', "b"]</c>; the text itself when it is no such list.</summary>
    internal static IReadOnlyList<string> Items(string text) => new PythonList(text).Read() ?? [text];

    private IReadOnlyList<string>? Read()
    {
        if (rest.Length < 2 || rest[0] != '[' || rest[^1] != ']')
            return null;
        rest = rest[1..^1].Trim(Blanks);
        var items = new List<string>();
        while (rest.Length > 0)
        {
            if (Item() is not { } item)
                return null;
            items.Add(item);
            if (rest.Length == 0)
                break;
            if (rest[0] != ',')
                return null;
            rest = rest[1..].TrimStart(Blanks);
        }

        return items;
    }

    // Texts that stand next to each other are one.
    private string? Item()
    {
        if (char.IsAsciiDigit(rest[0]))
            return Number();
        if (rest[0] is not ('\'' or '"'))
            return null;
        var joined = new StringBuilder();
        while (rest.Length > 0 && rest[0] is '\'' or '"')
        {
            if (!Quoted(joined))
                return null;
            rest = rest.TrimStart(Blanks);
        }

        return rest.Length == 0 || rest[0] == ',' ? joined.ToString() : null;
    }

    private bool Quoted(StringBuilder text)
    {
        var quote = rest[0];
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == quote)
            {
                rest = rest[(i + 1)..];
                return true;
            }

            if (rest[i] is '\n' or '\r')
                return false;
            if (rest[i] != '\\')
                text.Append(rest[i]);
            else if (!Escaped(text, ref i))
                return false;
        }

        return false;
    }

    private readonly bool Escaped(StringBuilder text, ref int at)
    {
        if (++at == rest.Length)
            return false;
        var c = rest[at];
        if (c is 'x' or 'u' or 'U')
            return Code(text, c switch { 'x' => 2, 'u' => 4, _ => 8 }, ref at);
        text.Append(c switch
        {
            '\\' or '\'' or '"' => c.ToString(),
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'a' => "\a",
            'b' => "\b",
            'f' => "\f",
            'v' => "\v",
            '\n' => "",
            _ => "\\" + c,
        });
        return true;
    }

    private readonly bool Code(StringBuilder text, int digits, ref int at)
    {
        if (at + digits >= rest.Length || !int.TryParse(
            rest.Slice(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
            return false;
        text.Append(new Rune(code));
        at += digits;
        return true;
    }

    private string? Number()
    {
        var length = rest.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : rest.Length;
        var text = rest[..length].ToString();
        rest = rest[length..].TrimStart(Blanks);
        return (rest.Length == 0 || rest[0] == ',') && (text.Length == 1 || text[0] != '0') ? text : null;
    }
}
