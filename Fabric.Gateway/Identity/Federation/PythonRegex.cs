using System.Text;
using System.Text.RegularExpressions;

namespace Fabric.Gateway.Identity.Federation;

/// <summary>A pattern as Python's <c>re</c> understands it, said in .NET's words. What Python takes for no pattern is none here either.
/// </summary>
internal sealed class PythonRegex
{
    private const string Escapes = "abBdDsSwWAZfnrtvxuU";
    private const string EscapesInClass = "abdDsSwWfnrtvxuU";

    private readonly string pattern;
    private readonly StringBuilder made = new();

    // Where the groups begin that are open, and the last thing that can be repeated.
    private readonly Stack<int> open = new();
    private int atom = -1;
    private int at;

    private PythonRegex(string pattern) => this.pattern = pattern;

    /// <summary>The pattern, compiled. Throws <see cref="MappingRefusedException"/> for one that is none.</summary>
    /// <param name="pattern">In Python's words.</param>
    /// <param name="patience">A pattern that takes longer on one value is taken for an attack.</param>
    internal static Regex Compile(string pattern, TimeSpan patience)
    {
        try
        {
            return new(new PythonRegex(pattern).Translate(), RegexOptions.CultureInvariant, patience);
        }
        catch (ArgumentException error)
        {
            throw Refused(error.Message);
        }
    }

    private static MappingRefusedException Refused(string why) => new("A pattern of the mapping is none: " + why);

    private string Translate()
    {
        while (at < pattern.Length)
            Step();
        return made.ToString();
    }

    private void Step()
    {
        switch (pattern[at])
        {
            case '\\':
                Begin();
                Escape(Escapes);
                break;
            case '[':
                Begin();
                Class();
                break;
            case '(':
                open.Push(made.Length);
                atom = -1;
                Group();
                break;
            case ')':
                atom = open.Count > 0 ? open.Pop() : -1;
                made.Append(pattern[at++]);
                break;
            case '*' or '+' or '?':
                made.Append(pattern[at++]);
                Greed();
                break;
            case '{':
                Repeat();
                break;
            case '|' or '^' or '$':
                atom = -1;
                made.Append(pattern[at++]);
                break;
            default:
                Begin();
                made.Append(pattern[at++]);
                break;
        }
    }

    private void Begin() => atom = made.Length;

    private char Next(int by = 1) => at + by < pattern.Length ? pattern[at + by] : '\0';

    // A letter that means nothing after a backslash is an error in Python, and may mean something in .NET.
    private void Escape(string known)
    {
        var c = Next();
        if (c == '\0' || (char.IsAsciiLetter(c) && !known.Contains(c, StringComparison.Ordinal)))
            throw Refused($"bad escape in {pattern}");
        at += 2;
        if (c != 'U')
        {
            made.Append('\\').Append(c == 'Z' ? 'z' : c);
            return;
        }

        if (at + 8 > pattern.Length || !Rune.TryCreate(Hex(pattern.AsSpan(at, 8)), out var letter))
            throw Refused($"bad escape in {pattern}");
        made.Append(Regex.Escape(letter.ToString()));
        at += 8;
    }

    private static int Hex(ReadOnlySpan<char> digits) => int.TryParse(
        digits, System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number : -1;

    // A bracket within a class is a letter like others; in .NET one could begin a class to take away.
    private void Class()
    {
        made.Append(pattern[at++]);
        if (Next(0) == '^')
            made.Append(pattern[at++]);
        for (var first = true; ; first = false)
        {
            switch (Next(0))
            {
                case '\0' when at >= pattern.Length:
                    throw Refused($"a class does not end in {pattern}");
                case ']' when !first:
                    made.Append(pattern[at++]);
                    return;
                case '\\':
                    Escape(EscapesInClass);
                    break;
                case '[' or ']':
                    made.Append('\\').Append(pattern[at++]);
                    break;
                default:
                    made.Append(pattern[at++]);
                    break;
            }
        }
    }

    private void Group()
    {
        if (Next() != '?')
        {
            made.Append(pattern[at++]);
            return;
        }

        switch (Next(2), Next(3))
        {
            case ('P', '<'):
                made.Append("(?<");
                at += 4;
                break;
            case ('P', '='):
                Reference();
                break;
            case ('P', _):
            case ('<', not ('=' or '!')):
                throw Refused($"unknown extension in {pattern}");
            case ('#', _):
                Comment();
                break;
            case ('(', _):
                open.Push(made.Length);
                made.Append(pattern, at, 3);
                at += 3;
                break;
            case (':' or '=' or '!' or '<' or '>', _):
                made.Append(pattern, at, 3);
                at += 3;
                break;
            default:
                Flags();
                break;
        }
    }

    private int End() => pattern.IndexOf(')', at) is var end and >= 0 ? end : throw Refused($"a group does not end in {pattern}");

    private void Comment()
    {
        open.Pop();
        at = End() + 1;
    }

    private void Reference()
    {
        var end = End();
        atom = open.Pop();
        made.Append("\\k<").Append(pattern, at + 4, end - at - 4).Append('>');
        at = end + 1;
    }

    // Flags for all of it stand first, or nowhere. That letters are Unicode's is what holds anyway.
    private void Flags()
    {
        var end = pattern.IndexOfAny([':', ')'], at);
        if (end < 0 || pattern[(at + 2)..end] is not { Length: > 0 } flags || flags.Any(static flag => flag is not ('i' or 'm' or 's' or 'x'
            or 'u' or '-')) || (pattern[end] == ')' && (at > 0 || flags.Contains('-', StringComparison.Ordinal))))
            throw Refused($"flags that are not known here, or not at the beginning, in {pattern}");
        made.Append("(?").Append(flags.Replace("u", "", StringComparison.Ordinal));
        at = end;
        if (pattern[end] == ':')
            made.Append(pattern[at++]);
    }

    private void Repeat()
    {
        var end = pattern.IndexOf('}', at);
        var bounds = end < 0 ? "" : pattern[(at + 1)..end];
        var isRepeat = bounds.Contains(',', StringComparison.Ordinal)
            ? bounds.Length > 1 && bounds.Count(static c => c == ',') == 1 && bounds.All(static c => c == ',' || char.IsAsciiDigit(c))
            : bounds.Length > 0 && bounds.All(char.IsAsciiDigit);
        if (!isRepeat)
        {
            Begin();
            made.Append('\\').Append(pattern[at++]);
            return;
        }

        made.Append('{').Append(bounds[0] == ',' ? "0" : "").Append(bounds).Append('}');
        at = end + 1;
        Greed();
    }

    // A plus after a repetition: once taken, never given back.
    private void Greed()
    {
        if (Next(0) == '?')
        {
            made.Append(pattern[at++]);
        }
        else if (Next(0) == '+' && atom >= 0)
        {
            made.Insert(atom, "(?>").Append(')');
            at++;
        }
    }
}
