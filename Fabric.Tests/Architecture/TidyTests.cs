using System.Text.RegularExpressions;
using Fabric.Tests.Kit;

namespace Fabric.Tests.Architecture;

/// <summary>Small files, small methods, short lines, nothing swallowed, nothing left for later. What is over the limit today stands in
/// <c>tidy-allowed.txt</c>, a list that only shrinks.</summary>
public sealed partial class TidyTests
{
    private const int MaxFileLines = 400;
    private const int MaxMethodLines = 50;
    private const int MaxColumns = 140;

    private static readonly string AllowedFile = Path.Combine(Machine.Repository, "Fabric.Tests", "Architecture", "tidy-allowed.txt");

    [Fact]
    public void The_source_is_tidy()
    {
        var allowed = File.ReadAllLines(AllowedFile).ToHashSet(StringComparer.Ordinal);
        var found = Sources().SelectMany(static file => Complaints(file, File.ReadAllText(file))).ToHashSet(StringComparer.Ordinal);
        if (Environment.GetEnvironmentVariable("FABRIC_GOLDEN") == "write")
        {
            // Shrinks, never grows.
            allowed.IntersectWith(found);
            File.WriteAllLines(AllowedFile, allowed.Order(StringComparer.Ordinal));
        }

        var untidy = found.Except(allowed).ToList();
        Assert.True(untidy.Count == 0, string.Join('\n', untidy.Prepend("Not tidy:")));
        var tidied = allowed.Except(found).ToList();
        Assert.True(tidied.Count == 0, string.Join('\n', tidied.Prepend("Tidy by now; take these out of the list:")));
    }

    [Fact]
    public void Each_rule_sees_what_it_looks_for()
    {
        var statements = string.Concat(Enumerable.Repeat("        Go();\n", 51));
        var method = $"class A\n{{\n    public void Long()\n    {{\n{statements}    }}\n}}\n";
        Assert.Contains("x.cs: Long has more than 50 lines", Complaints("x.cs", method));
        Assert.Contains("x.cs: more than 400 lines", Complaints("x.cs", new string('\n', 401)));
        Assert.Contains("x.cs: a line of more than 140 columns", Complaints("x.cs", new string('x', 141)));
        Assert.Contains("x.cs: something is left for later", Complaints("x.cs", "// TO" + "DO: this"));
        Assert.Contains("x.cs: a catch that swallows", Complaints("x.cs", "try { } catch" + " { }"));
        Assert.Contains("x.cs: a catch that swallows", Complaints("x.cs", "catch (Exception)\n{\n}"));
        Assert.Contains("x.cs: a catch that swallows", Complaints("x.cs", "catch" + "\n{\n    return null;\n}"));
        Assert.DoesNotContain("x.cs: a catch that swallows", Complaints("x.cs", "catch (Exception)\n{\n    undo();\n    throw;\n}"));
        Assert.Contains("Fabric.Tests/x.cs: a sleep in a test", Complaints("Fabric.Tests/x.cs", "Thread" + ".Sleep(5);"));
    }

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateDirectories(Machine.Repository, "Fabric.*").SelectMany(static project =>
            Directory.EnumerateFiles(project, "*.cs", SearchOption.AllDirectories))
            .Where(static file => !file.Contains("/node_modules/", StringComparison.Ordinal))
            .Select(static file => Path.GetRelativePath(Machine.Repository, file)).Order(StringComparer.Ordinal)
            .Select(static file => Path.Combine(Machine.Repository, file));

    private static IEnumerable<string> Complaints(string path, string text)
    {
        var name = path.StartsWith(Machine.Repository, StringComparison.Ordinal) ? Path.GetRelativePath(Machine.Repository, path) : path;
        var lines = text.Split('\n');
        if (lines.Length - 1 > MaxFileLines)
            yield return $"{name}: more than {MaxFileLines} lines";
        if (lines.Any(static line => line.Length > MaxColumns))
            yield return $"{name}: a line of more than {MaxColumns} columns";
        if (Later().IsMatch(text))
            yield return $"{name}: something is left for later";
        if (Swallows(text))
            yield return $"{name}: a catch that swallows";
        if (name.StartsWith("Fabric.Tests", StringComparison.Ordinal) && Sleep().IsMatch(text))
            yield return $"{name}: a sleep in a test";
        foreach (var method in LongMethods(lines))
            yield return $"{name}: {method} has more than {MaxMethodLines} lines";
    }

    /// <summary>A catch of everything, without a condition, whose block neither throws nor does anything with what it caught.</summary>
    private static bool Swallows(string text)
    {
        foreach (Match match in Catch().Matches(text))
        {
            var depth = 0;
            var end = match.Index + match.Length - 1;
            do
            {
                depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
                end++;
            }
            while (depth > 0 && end < text.Length);
            var block = text[(match.Index + match.Length)..end];
            var caught = match.Groups["name"].Value;
            var used = caught.Length > 0 && Regex.IsMatch(block, $@"\b{caught}\b");
            if (!used && !block.Contains("throw", StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    /// <summary>By indentation: a member's brace stands at four spaces per level of nesting, and the style is the same
    /// everywhere.</summary>
    private static IEnumerable<string> LongMethods(string[] lines)
    {
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].Trim() != "{" || Signature().Match(Head(lines, i)) is not { Success: true } signature)
                continue;
            var close = string.Concat(lines[i].AsSpan(0, lines[i].IndexOf('{', StringComparison.Ordinal)), "}");
            var end = Array.FindIndex(lines, i, line => line.StartsWith(close, StringComparison.Ordinal));
            if (end - i - 1 > MaxMethodLines)
                yield return signature.Groups[1].Value;
        }
    }

    /// <summary>The text of a declaration that ends above its brace.</summary>
    private static string Head(string[] lines, int brace)
    {
        var first = brace - 1;
        while (first > 0 && !lines[first].TrimStart().StartsWith('[') && !EndsDeclaration(lines[first - 1].TrimEnd()))
            first--;
        return string.Join(' ', lines[first..brace].Select(static line => line.Trim()));
    }

    private static bool EndsDeclaration(string line) => line.Length == 0 || line[^1] is ';' or '{' or '}' or ']';

    [GeneratedRegex(@"//.*\b(TO[D]O|FIXM[E]|HAC[K])\b")]
    private static partial Regex Later();

    [GeneratedRegex(@"\bcatch\s*(\(\s*(System\.)?Exception(\s+(?<name>\w+))?\s*\)\s*)?\{")]
    private static partial Regex Catch();

    [GeneratedRegex(@"\bThread\.Sleep\(")]
    private static partial Regex Sleep();

    private const string Modifiers = "public|internal|private|protected|static|async|override|virtual|sealed|unsafe|partial|extern|new";

    [GeneratedRegex($@"^(?!.*\b(?:class|record|struct|interface)\b)(?:(?:{Modifiers})\s+)+[^=;]*?\b(\w+)(?:<[^>()]*>)?\(")]
    private static partial Regex Signature();
}
