using System.Text;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>Lists of texts as Python prints them, which is what a mapping's local part holds where several values stand for one
/// placeholder.</summary>
internal static class PythonList
{
    /// <summary>The items of a text like <c>['a', "b"]</c>; null when the text is no such list.</summary>
    internal static IReadOnlyList<string>? Parse(string text)
    {
        var rest = text.AsSpan().Trim();
        if (rest.Length < 2 || rest[0] != '[' || rest[^1] != ']')
            return null;
        rest = rest[1..^1].Trim();
        var items = new List<string>();
        while (rest.Length > 0)
        {
            if (Item(ref rest) is not { } item)
                return null;
            items.Add(item);
            rest = rest.TrimStart();
            if (rest.Length == 0)
                break;
            if (rest[0] != ',')
                return null;
            rest = rest[1..].TrimStart();
        }

        return items;
    }

    private static string? Item(ref ReadOnlySpan<char> rest)
    {
        var quote = rest[0];
        if (quote is not ('\'' or '"'))
            return Number(ref rest);
        var text = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == quote)
            {
                rest = rest[(i + 1)..];
                return text.ToString();
            }

            if (rest[i] == '\\' && ++i == rest.Length)
                return null;
            text.Append(rest[i - 1] == '\\' && rest[i] == 'n' ? '\n' : rest[i]);
        }

        return null;
    }

    private static string? Number(ref ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : rest.Length;
        if (length == 0)
            return null;
        var text = rest[..length].ToString();
        rest = rest[length..];
        return text;
    }
}
